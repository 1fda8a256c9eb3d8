"""The crawler engine: files in S3 become tables and partitions of the Data Catalog."""
