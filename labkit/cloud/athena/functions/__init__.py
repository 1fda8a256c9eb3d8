"""The functions Athena has, as signatures with their DuckDB translation; what is not listed is refused."""
