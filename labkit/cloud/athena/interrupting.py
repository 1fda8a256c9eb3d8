"""Ends Python functions of one query while they run: DuckDB's own interrupt is only seen between two batches of values."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from types import FrameType, FunctionType
from typing import Any


class Interrupted(BaseException):
    """Raised inside a function of a query that is stopped; no ``except Exception`` of the function keeps it."""


def marked(connection: Any, body: Callable[..., Any]) -> Callable[..., Any]:
    """The same function with code of its own, by which a frame tells whose query it runs; calling it costs nothing more."""
    if not isinstance(body, FunctionType):
        return body
    code = body.__code__.replace(co_filename=_mark(connection))
    copy = FunctionType(code, body.__globals__, body.__name__, body.__defaults__, body.__closure__)
    copy.__kwdefaults__ = body.__kwdefaults__
    copy.__annotations__ = body.__annotations__
    copy.__dict__.update(body.__dict__)
    return copy


def interrupt_functions(connection: Any) -> None:
    """Raise Interrupted in every thread that is inside a function of this session."""
    mark = _mark(connection)
    for thread, frame in sys._current_frames().items():  # noqa: SLF001  # documented, whatever its name
        if any(one.f_code.co_filename == mark for one in _outwards(frame)):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Interrupted))


def _mark(connection: Any) -> str:
    return f"<functions of session {id(connection)}>"


def _outwards(frame: FrameType) -> Iterator[FrameType]:
    current: FrameType | None = frame
    while current is not None:
        yield current
        current = current.f_back
