"""Trino's grammar of queries: text to a sqlglot tree, or the error that Trino gives."""
