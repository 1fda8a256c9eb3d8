"""What CloudWatch measures of S3: requests, where a bucket has a metrics configuration, and what a bucket holds."""
