"""Glue's machine learning transforms: they import here, and are refused on use."""
