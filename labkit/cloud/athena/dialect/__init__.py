"""From Athena's SQL to DuckDB's: parse, resolve, type, translate."""
