"""`labkit run`: the six steps, a file dropped in the raw bucket, and everything that follows by itself."""
