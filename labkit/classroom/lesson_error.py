"""Expected failures in a notebook: the three parts of the lesson in the student's language, without a traceback."""

from __future__ import annotations

from typing import Any

from labkit.errors import LabError


def render_in_notebook(error: LabError) -> list[str]:
    """The lines that IPython prints in place of a traceback."""
    from labkit.ui.lesson import render_lesson

    return render_lesson(error).splitlines()


def teach_errors() -> None:
    """Let IPython print LabErrors as lessons; `%tb` still shows the traceback."""
    kind: Any = LabError
    kind._render_traceback_ = render_in_notebook
