"""The drawings of the notebooks: one scene, drawn once for each notebook with its part filled in."""
