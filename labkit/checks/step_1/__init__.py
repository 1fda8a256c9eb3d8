"""The tasks of notebook 01: buckets, keys, prefixes, versions, and who is kept out."""

from __future__ import annotations

from labkit.checks.step_1.tasks import TASKS, clear

__all__ = ["TASKS", "clear"]
