"""CloudWatch metrics: what the local cloud measures itself and what users put, kept, read and watched by alarms."""
