"""Calling a student's function in their kernel: on copies, for a limited time, and whatever it raises is its answer."""

from __future__ import annotations

import copy
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from labkit.checks.values import export
from labkit.i18n import text

# For all calls of one question together. The slowest that a task asks for are Spark's first rows, seconds on a slow computer.
PATIENCE_S = 60.0


class _TooLong(BaseException):
    """Not an Exception: a student's own `except Exception` must not take it for one of theirs."""


def call_function(
    function: Any, calls: Sequence[Sequence[Any]], patience_s: float = PATIENCE_S
) -> list[dict[str, Any]]:
    """What the function gives for each list of arguments: {"value": exported} or {"error": text}.

    It gets copies, so what it changes in one call is not there in the next. After `patience_s` no more calls are made.
    """
    deadline = time.monotonic() + patience_s
    return [_call(function, arguments, deadline, patience_s) for arguments in calls]


def _call(function: Callable[..., Any], arguments: Sequence[Any], deadline: float, patience_s: float) -> dict[str, Any]:
    try:
        with _limit(deadline - time.monotonic()):
            return {"value": export(function(*copy.deepcopy(list(arguments))))}
    except _TooLong:
        said = text("check.call_too_long", seconds=f"{patience_s:g}")
        return {"error": f"TimeoutError: {said}"}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the student's function raises is what it gave
        return {"error": f"{type(error).__name__}: {_read(error)}"}


def _read(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception of the student's own may not even have a text
        return ""


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raise _TooLong in the block when the time is up, again each second; outside the main thread there is no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: Any) -> None:
        raise _TooLong

    if seconds <= 0:
        raise _TooLong
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
