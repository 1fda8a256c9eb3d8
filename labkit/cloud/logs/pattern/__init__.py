"""The filter pattern language of CloudWatch Logs."""
