"""WebHDFS over the S3 store: how stock PySpark reads and writes `s3://` with nothing but what PyPI carries."""
