"""What `labkit grade` says while it works: a line for each submission, with how long the rest will take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from labkit.i18n import text

if TYPE_CHECKING:
    from labkit.grading.batch.run import Done
    from labkit.grading.intake.submission import Submission


class Progress:
    """Counts submissions; of the `total`, `waiting` have to be run. What an earlier batch knew takes no time and foretells none."""

    def __init__(self, total: int, waiting: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._waiting, self._clock = total, waiting, clock
        self._done = self._fresh = 0
        self._began = clock()

    def started(self, submission: Submission) -> None:
        """Say that one is begun; several workers do."""
        _say(text("grade.started", student=submission.student))

    def finished(self, item: Done) -> None:
        """Say how one went."""
        self._done += 1
        self._fresh += not item.is_cached
        how = text("grade.cached") if item.is_cached else f"{item.graded.seconds:.0f} s"
        line = text(
            "grade.finished",
            number=self._done,
            total=self._total,
            student=item.submission.student,
            earned=item.graded.earned,
            points=item.graded.points,
            how=how,
            left=self._foretell(),
        )
        _say(line)

    def _foretell(self) -> str:
        rest = max(0, self._waiting - self._fresh)
        if rest and not self._fresh:
            return "?"
        left_s = round((self._clock() - self._began) / self._fresh * rest) if rest else 0
        return f"{left_s // 60}:{left_s % 60:02}"


def _say(line: str) -> None:
    # In one piece: two workers that begin at once must not share a line.
    print(f"{line}\n", end="", flush=True)
