"""Glue jobs: definitions, runs, the processes that run the scripts, and bookmarks."""
