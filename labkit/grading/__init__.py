"""Editions of the notebooks, and how they are run and graded."""
