"""Telling somebody how far a run is, without knowing who listens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol


class Progress(Protocol):
    """Hears of stages in order: each begins once, may say more while it runs, and ends; notes come at any time."""

    def begin(self, title: str) -> None: ...
    def say(self, detail: str) -> None: ...
    def end(self, detail: str, seconds: float) -> None: ...
    def note(self, line: str) -> None: ...


@dataclass
class Stage:
    """A stage while it runs: what it will say when it ends, and how long it took (seconds, 0 until then)."""

    detail: str = ""
    seconds: float = 0.0


@contextmanager
def stage(progress: Progress, title: str, clock: Callable[[], float] = time.monotonic) -> Iterator[Stage]:
    """Begin a stage, and end it when the block does; an exception leaves it begun and not ended."""
    progress.begin(title)
    current = Stage()
    began = clock()
    yield current
    current.seconds = clock() - began
    progress.end(current.detail, current.seconds)
