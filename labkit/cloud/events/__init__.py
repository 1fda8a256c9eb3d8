"""S3 event notifications: checked when they are configured, delivered asynchronously. `publisher.py` is the way in."""
