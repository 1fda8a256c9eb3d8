"""The tasks of notebook 06: S3 calls the function, and what comes of a file that arrives once, twice, late, or for ever."""

from __future__ import annotations

from labkit.checks.step_6.tasks import TASKS, clear

__all__ = ["TASKS", "clear"]
