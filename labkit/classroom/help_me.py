"""`labkit.help_me()`: what the last error of this notebook means, from the FAQ."""

from __future__ import annotations

import os
import platform
import sys

from labkit.classroom.not_passed import TaskNotPassed
from labkit.classroom.surroundings import find_settings
from labkit.doctor.system import find_system
from labkit.faq.last_error import describe_exception, write_last_error
from labkit.faq.search import find_matches
from labkit.i18n import text, use_language
from labkit.ui.help_me import HelpView


def help_me(error: str | BaseException | None = None) -> HelpView:
    """Look an error up: the text or exception given, else the last one that this notebook showed.

    Nothing watches the notebook: Python itself keeps its last exception. The text is kept in the state folder, where the command
    `labkit help-me` finds it.
    """
    settings = find_settings()
    use_language(settings.language)
    found = error if error is not None else find_last_exception()
    words = describe_exception(found) if isinstance(found, BaseException) else str(found or "")
    if isinstance(found, TaskNotPassed):
        # A check that did not pass is no error of the computer: its hints are the help.
        return HelpView("", (), _find_here(), note=text("help_me.task", task=found.result.task))
    if words:
        write_last_error(settings.state_dir, words)
    return HelpView(words, find_matches(words), _find_here())


def find_last_exception() -> BaseException | None:
    """The exception that IPython (or Python's prompt) showed last; None before the first."""
    last = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return last if isinstance(last, BaseException) else None


def _find_here() -> str:
    return find_system(os.environ, sys.platform, platform.release())
