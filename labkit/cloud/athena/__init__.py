"""The Athena engine: Trino SQL and Hive DDL over the Data Catalog, run by DuckDB."""
