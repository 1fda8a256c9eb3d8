"""The tasks of notebook 05: a handler that stands what S3 may send, and what it costs."""

from __future__ import annotations

from labkit.checks.step_5.tasks import TASKS, clear

__all__ = ["TASKS", "clear"]
