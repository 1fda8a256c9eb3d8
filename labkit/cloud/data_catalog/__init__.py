"""The Glue Data Catalog: databases, tables, versions, partitions, their indexes, statistics and functions."""
