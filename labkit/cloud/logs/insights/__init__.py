"""CloudWatch Logs Insights: queries over log events."""
