"""AWS Lambda, run for real: the uploaded zip in warm worker processes. `engine.py` is the way in."""
