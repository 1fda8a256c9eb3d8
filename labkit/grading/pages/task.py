"""One task on a student's page: how it stands, the evidence, the likely misconception, hints, and what the student's cells said."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.checks.finding import BROKEN, NOT_ATTEMPTED, NOT_POSSIBLE, NOT_YET, PASSED
from labkit.checks.task import Task
from labkit.checks.tasks import list_tasks
from labkit.grading.pages.document import heading
from labkit.grading.pages.words import fit, say
from labkit.grading.rubric.scheme import format_points
from labkit.grading.worker.outcome import CellMark, TaskMark
from labkit.i18n import text
from labkit.ui.check_result import status_word
from labkit.ui.markup import render_nodes
from labkit.ui.nodes import Block, Chip, Code, Details, Line, Listing, Node, Prose, Quiet, line

TONES = {PASSED: "good", NOT_YET: "bad", NOT_ATTEMPTED: "idle", NOT_POSSIBLE: "note", BROKEN: "warn"}


def find_task_of(mark: TaskMark) -> Task | None:
    """The task of a mark; None when the lab has it no more."""
    return next((task for task in list_tasks() if task.id == mark.task), None)


def title_of(mark: TaskMark) -> str:
    """The task's number and title."""
    task = find_task_of(mark)
    return f"{mark.task} · {text(task.title)}" if task else mark.task


def chip_of(mark: TaskMark) -> Chip:
    """The task's state as symbol and word."""
    known = mark.status in TONES
    return Chip(status_word(mark.status) if known else mark.status, TONES.get(mark.status, "warn"))


def build_task(mark: TaskMark, cells: Sequence[CellMark], *, hints: bool = True) -> str:
    """The task as HTML; without `hints` for a reader who gives marks."""
    points = text("pages.points", earned=format_points(mark.earned), points=format_points(mark.points))
    nodes: list[Node] = [line(chip_of(mark), points)]
    if mark.our_fault:
        # What broke is in our words and may hold what the check expects: it stands on the instructor's page only.
        nodes.append(line(text("pages.our_fault")))
    else:
        nodes += _evidence(mark)
    nodes += _hints(mark) if hints else []
    nodes += show_cells(text("pages.your_cells"), cells)
    return heading(title_of(mark)) + render_nodes(*nodes)


def _evidence(mark: TaskMark) -> list[Node]:
    entries = tuple(_show(item["ok"], say(item["key"], item["facts"])) for item in mark.findings)
    nodes: list[Node] = [Listing(entries)] if entries else []
    wrong = [item for item in mark.findings if not item["ok"] and item["misconception"]]
    believed = dict.fromkeys(say(item["misconception"], item["facts"]) for item in wrong)
    return nodes + [line(Chip(text("check.misconception"), "note"), Prose(words)) for words in believed]


def _show(ok: bool, words: str) -> Line:
    return line(Chip(text("check.right"), "good") if ok else Chip(text("check.wrong"), "bad"), Prose(fit(words)))


def _hints(mark: TaskMark) -> list[Node]:
    task = find_task_of(mark)
    if task is None or not task.hints or mark.status == PASSED:
        return []
    return [Details(text("pages.hints"), (Listing(tuple(line(Prose(text(key))) for key in task.hints), ordered=True),))]


def show_cells(title: str, cells: Sequence[CellMark]) -> list[Node]:
    """What cells showed, folded away; nothing when they showed nothing."""
    shown = [node for cell in cells for node in _show_cell(cell)]
    return [Details(title, tuple(shown))] if shown else []


def _show_cell(cell: CellMark) -> list[Node]:
    if cell.outcome == "passed" and not cell.output.strip():
        return []
    head = line(Code(cell.cell_id[:80]), outcome_chip(cell.outcome), Quiet(f"{cell.seconds:.1f} s"))
    said = [(cell.error, text("pages.error")), (cell.output, text("pages.output"))]
    return [head, *(Block(fit(words), f"{label}: {cell.cell_id[:80]}") for words, label in said if words.strip())]


def outcome_chip(outcome: str) -> Chip:
    """How a cell went, as symbol and word."""
    words = {
        "passed": Chip(text("pages.cell_passed"), "good"),
        "failed": Chip(text("pages.cell_failed"), "bad"),
        "timed_out": Chip(text("pages.cell_timed_out"), "bad"),
        "skipped": Chip(text("pages.cell_skipped"), "idle"),
        "not_run": Chip(text("pages.cell_not_run"), "idle"),
    }
    return words.get(outcome, Chip(outcome[:40], "warn"))
