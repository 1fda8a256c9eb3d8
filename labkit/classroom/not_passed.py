"""The error of a task that is not solved yet: nbval and the grader see it, and a student sees a few lines and no traceback."""

from __future__ import annotations

from labkit.ui.check_result import CheckView


class TaskNotPassed(Exception):
    """A check did not pass; `result` has what it found."""

    def __init__(self, view: CheckView) -> None:
        super().__init__(view.summary())
        self.result = view.result

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback."""
        return str(self).splitlines()
