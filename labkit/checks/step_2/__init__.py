"""The tasks of notebook 02: who may assume a role, what it may do, and what is missing when AWS refuses."""

from __future__ import annotations

from labkit.checks.step_2.tasks import TASKS, clear

__all__ = ["TASKS", "clear"]
