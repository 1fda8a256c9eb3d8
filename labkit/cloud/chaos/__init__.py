"""Unrest on request: S3 events twice, late or out of order, invocations throttled. `engine.py` is the way in."""
