"""CloudWatch Logs: streams and their events, searched, queried, counted and handed on."""
