"""CloudWatch's metric math: expressions over time series (docs.aws.amazon.com/AmazonCloudWatch, "Using metric math")."""
