"""A class that never was: graded submissions as the runner would give them, some of them hostile in every place that holds words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from labkit.checks.finding import BROKEN, NOT_ATTEMPTED, NOT_YET, PASSED
from labkit.checks.tasks import list_step_tasks
from labkit.grading.editions.cells import Notebook
from labkit.grading.editions.places import find_places
from labkit.grading.editions.validate import Source, read_source
from labkit.grading.intake.submission import Unplaced
from labkit.grading.marks.sheet import Row, build_row
from labkit.grading.note import Note
from labkit.grading.pages.report import Report
from labkit.grading.rubric.scheme import find_rubrics
from labkit.grading.rubric.sheet import Given, Key
from labkit.grading.rubric.written import FreeText, build_written, find_free_texts
from labkit.grading.worker.outcome import CellMark, Graded, TaskMark

EVIL = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>'</pre></details>\x1b[31m\u202e\x00"
LONG = "x" * 1_000_000
ITEMS = ("context", "options", "decision", "consequences", "trigger", "honesty")
NAMES = ("01_s3", "08_evaluacion")


@cache
def source_of(name: str) -> Source:
    return read_source(find_places(), name)


def references() -> list[Notebook]:
    return [source_of(name).notebook for name in NAMES]


def free_texts() -> list[FreeText]:
    source = source_of("08_evaluacion")
    return find_free_texts(source.notebook, source.translations, find_rubrics([8]))


def grade(
    student: str,
    key: str,
    statuses: Mapping[str, str] | None = None,
    *,
    text: str = "Mi decisión es Lambda.",
    cells: Sequence[CellMark] = (),
    notes: Sequence[Note] = (),
    problem: str = "",
    evidence: str = "tres",
) -> Graded:
    """Everything passed but what `statuses` says otherwise."""
    marks = []
    for task in (*list_step_tasks(1), *list_step_tasks(8)):
        status = (statuses or {}).get(task.id, PASSED)
        findings: tuple[dict[str, object], ...] = ()
        if status in (NOT_YET, BROKEN):
            facts = {"source": evidence, "found": 2, "wanted": 3, "missing": evidence, "reason": evidence}
            misconception = "task_1.misconception.made_up" if status == NOT_YET else ""
            findings = (
                {"ok": False, "key": "grading.nothing_handed_over", "facts": facts, "misconception": misconception},
            )
        earned = task.points if status == PASSED else 0
        marks.append(TaskMark(task.id, status, earned, task.points, task.outcome, findings, status == BROKEN))
    walls = {"tool": "bubblewrap", "network": True, "files": True, "processes": True, "limits": True}
    texts = {"t8-5-text": text}
    return Graded(student, key, tuple(marks), tuple(cells), tuple(notes), walls, 12.5, 900_000_000, problem, texts)


def build_class() -> list[Graded]:
    """Somebody who did all, somebody hostile, somebody with a failure of ours, somebody who did nothing."""
    cells = (
        CellMark("01_s3", "t1-1-answer", "passed", 0.2, "", EVIL + LONG),
        CellMark(
            "01_s3", "t1-2-answer", "failed", 0.2, f"ValueError: {EVIL}", "\n".join(f"fila {n}" for n in range(500))
        ),
        CellMark("01_s3", EVIL, "timed_out", 60.0, EVIL, EVIL),
        CellMark("01_s3", "t1-2-check", "failed", 0.1, "TaskFailed: 1.2: not_yet", "1.2 …"),
    )
    notes = (Note("rebuild.twice", "01_s3", "t1-1-answer"), Note("limit.memory", "08_evaluacion", detail=EVIL))
    nothing = dict.fromkeys((task.id for step in (1, 8) for task in list_step_tasks(step)), NOT_ATTEMPTED)
    return [
        grade("Ana Núñez", "ana-nunez"),
        grade(
            f"Beto {EVIL}", "beto", {"1.2": NOT_YET}, text=f"{EVIL}\n{LONG}", cells=cells, notes=notes, evidence=EVIL
        ),
        grade(
            "Carla",
            "carla",
            {"1.1": BROKEN},
            notes=(Note("grading.worker_failed", detail="SECRETO"),),
            evidence="SECRETO",
        ),
        grade("Diego", "diego", nothing, text=""),
    ]


def build_rows(given: Mapping[Key, Given] | None = None, found: Sequence[Graded] | None = None) -> list[Row]:
    texts = free_texts()
    return [build_row(one, build_written(one, texts, given or {})) for one in found or build_class()]


def give(key: str, shares: Mapping[str, float | None], **more: str) -> dict[Key, Given]:
    return {(key, "8.5", item): Given(key, "8.5", item, share, **more) for item, share in shares.items()}


def build_report(rows: Sequence[Row]) -> Report:
    unplaced = (Unplaced(f"entregas/{EVIL}.zip", "intake.broken_zip"),)
    return Report(
        rows, references(), unplaced, "bubblewrap: red sí", "0123456789abcdef", "1.2.3", "2026-11-29 10:00 UTC"
    )
