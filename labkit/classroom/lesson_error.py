"""Expected failures in a notebook: the three parts of the lesson in the student's language, without a traceback."""

from __future__ import annotations

from typing import Any

from labkit.errors import LabError


def render_in_notebook(error: LabError) -> list[str]:
    """The lines that IPython prints in place of a traceback."""
    from labkit.ui.lesson import render_lesson

    return render_lesson(error).splitlines()


def render_unreachable(error: Exception) -> list[str]:
    """What a cell of plain boto3 says when nothing answers: botocore's sentence without its hundred lines, and what to do."""
    from labkit.i18n import text

    return [f"{type(error).__name__}: {error}", f"{text('lesson.next')} {text('error.no_endpoint.next')}"]


def teach_errors() -> None:
    """Let IPython print LabErrors (and a cloud that is down) as lessons; `%tb` still shows the traceback."""
    from botocore.exceptions import EndpointConnectionError

    kinds: tuple[tuple[Any, Any], ...] = ((LabError, render_in_notebook), (EndpointConnectionError, render_unreachable))
    for kind, render in kinds:
        kind._render_traceback_ = render
