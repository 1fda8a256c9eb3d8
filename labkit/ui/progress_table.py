"""Where the student stands: each task with its state and points, and the sums by learning outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labkit.checks.finding import NOT_POSSIBLE, PASSED
from labkit.checks.task import AUTOMATION, ETL, EVALUATION, PERFORMANCE, Task
from labkit.i18n import text
from labkit.ui.check_result import status_word
from labkit.ui.nodes import Bar, Card, Chip, Inline, Line, Node, Quiet, Table, line
from labkit.ui.shown import Shown

_TONES = {"passed": "good", "not_yet": "bad", "broken": "warn", "not_possible": "note"}


@dataclass(frozen=True, repr=False)
class ProgressView(Shown):
    """`tasks` of the lab (or one notebook), `states` the last result of each that was checked, `helped` those whose solution was shown."""

    tasks: Sequence[Task]
    states: Mapping[str, str]
    helped: frozenset[str] = frozenset()

    @property
    def earned(self) -> int:
        return sum(task.points for task in self.tasks if self.states.get(task.id) == PASSED)

    @property
    def points(self) -> int:
        """What can be reached: without the tasks that this account does not let anybody do."""
        return sum(task.points for task in self._possible(self.tasks))

    def view(self) -> Node:
        headers = (text("progress.task"), text("progress.state"), text("progress.points"))
        table = Table(
            text("progress.caption"), headers, tuple(self._row(task) for task in self.tasks), frozenset({2}), keyed=True
        )
        outcomes = Table(
            text("progress.outcomes"),
            (text("progress.outcome"), text("progress.points")),
            tuple(
                self._outcome(outcome) for outcome in (ETL, AUTOMATION, PERFORMANCE, EVALUATION) if self._has(outcome)
            ),
            keyed=True,
        )
        words = text("progress.total", earned=self.earned, points=self.points)
        by_hand = sum(task.by_hand for task in self.tasks)
        notes: list[Node] = [line(Quiet(text("progress.by_hand", points=by_hand)))] if by_hand else []
        barred = sum(task.points for task in self.tasks) - self.points
        notes += [line(text("progress.not_possible", points=barred))] if barred else []
        total = line(Bar(self.earned / self.points if self.points else 0.0, words))
        return Card(text("progress.title"), (total, table, outcomes, *notes))

    def _row(self, task: Task) -> tuple[Inline | Line, ...]:
        state = self.states.get(task.id, "")
        word = status_word(state) if state else text("progress.unseen")
        parts: list[Inline] = [Chip(word, _TONES.get(state, "idle"))]
        if task.id in self.helped:
            parts.append(Quiet(text("progress.helped")))
        if state == NOT_POSSIBLE:
            return f"{task.id} · {text(task.title)}", line(*parts), "–"
        earned = task.points if state == PASSED else 0
        return f"{task.id} · {text(task.title)}", line(*parts), f"{earned} / {task.points}"

    def _possible(self, tasks: Sequence[Task]) -> list[Task]:
        return [task for task in tasks if self.states.get(task.id) != NOT_POSSIBLE]

    def _has(self, outcome: str) -> bool:
        return any(task.outcome == outcome for task in self.tasks)

    def _outcome(self, outcome: str) -> tuple[Inline | Line, ...]:
        tasks = [task for task in self.tasks if task.outcome == outcome]
        points = sum(task.points for task in self._possible(tasks))
        earned = sum(task.points for task in tasks if self.states.get(task.id) == PASSED)
        return outcome_name(outcome), Bar(earned / points if points else 0.0, f"{earned} / {points}")


def outcome_name(outcome: str) -> str:
    """The learning outcome in the current language."""
    names = {
        ETL: text("outcome.etl"),
        AUTOMATION: text("outcome.automation"),
        PERFORMANCE: text("outcome.performance"),
        EVALUATION: text("outcome.evaluation"),
    }
    return names[outcome]
