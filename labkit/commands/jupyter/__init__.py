"""`labkit lab`: JupyterLab as a student opens it."""
