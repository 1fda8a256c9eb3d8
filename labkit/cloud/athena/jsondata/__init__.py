"""JSON as Trino reads, writes and searches it."""
