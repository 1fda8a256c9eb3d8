"""What one operation on a stack has done so far in this thread: its events, and what must be undone when it fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.call import AwsError


@dataclass
class Work:
    """`events` becomes the stack's own list as soon as there is a stack; `made` are (logical name, resource) in order."""

    events: list[Any] = field(default_factory=list)
    made: list[tuple[str, Any]] = field(default_factory=list)
    replaced: list[Any] = field(default_factory=list)
    failure: BaseException | None = None
    failed: str = ""
    depth: int = 0

    def note(self, resources: Any, name: str, kind: str, status: str, ref: str = "", reason: str | None = None) -> None:
        """Add an event of a resource."""
        from moto.cloudformation.models import Event

        stack, stack_id = str(resources["AWS::StackName"]), str(resources.stack_id)
        self.events.append(Event(stack_id, stack, name, ref, kind, status, reason, None))


_thread = threading.local()


def current_work() -> Work | None:
    """The operation that this thread carries out; None when it only reads."""
    found: Work | None = getattr(_thread, "work", None)
    return found


@contextmanager
def working() -> Iterator[Work]:
    """An operation; one inside another (a nested stack) has a greater `depth`."""
    outer = current_work()
    work = _thread.work = Work(depth=0 if outer is None else outer.depth + 1)
    try:
        yield work
    finally:
        _thread.work = outer


class RolledBack(Exception):
    """An operation that failed and was undone: `cause_`, and what could not be undone (`left`, logical names)."""

    def __init__(self, cause: BaseException, left: list[str]) -> None:
        super().__init__(explain(cause))
        self.cause_ = cause
        self.left = left


def explain(error: BaseException) -> str:
    """The reason as events tell it: the service's message and code."""
    if isinstance(error, AwsError):
        return f"{error.message} (Error Code: {error.code})"
    return str(getattr(error, "message", None) or error or type(error).__name__)


def is_refusal(error: BaseException) -> bool:
    """Whether the cloud does not carry a thing out at all: then the call itself ends in the refusal, and nothing is kept."""
    return isinstance(error, NotImplementedError) or (isinstance(error, AwsError) and error.status == 501)
