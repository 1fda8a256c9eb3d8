"""What each `labkit` command does; argument parsing is in labkit.cli_parser."""
