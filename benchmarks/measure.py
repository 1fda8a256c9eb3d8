"""One measured number, with the bound that the project set itself."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Number:
    """A median (or single) value in `unit`; `bound` is the largest that is good enough, None when it is only shown."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    samples: list[float] = field(default_factory=list)

    @property
    def is_met(self) -> bool | None:
        return None if self.bound is None else self.value <= self.bound


def timed(act: Callable[[], object]) -> float:
    """Seconds that `act` takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def median(name: str, samples: list[float], unit: str, bound: float | None = None) -> Number:
    """The median of samples as a number."""
    return Number(name, statistics.median(samples), unit, bound, samples)
