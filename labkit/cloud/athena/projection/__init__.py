"""Partition projection: partitions that the table's properties describe instead of the catalog."""
