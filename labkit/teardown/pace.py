"""How long is waited for what AWS does in its own time: often at first, because the local cloud needs milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Seconds: the first pause, the longest one, and when patience ends. A Glue run on AWS takes a minute or two to stop."""

    first_s: float = 0.05
    longest_s: float = 5.0
    patience_s: float = 600.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def wait(self, is_done: Callable[[], bool]) -> bool:
        """Ask until the answer is yes; False when patience ended first."""
        deadline, pause_s = self.clock() + self.patience_s, self.first_s
        while not is_done():
            if self.clock() + pause_s > deadline:
                return False
            self.sleep(pause_s)
            pause_s = min(pause_s * 2, self.longest_s)
        return True
