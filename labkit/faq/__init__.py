"""Frequently asked questions, keyed by the exact text of an error; the entries are data."""
