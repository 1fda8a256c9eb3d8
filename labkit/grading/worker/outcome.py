"""What grading one submission gives, as data that is written to disk and read again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from labkit.grading.note import Note


@dataclass(frozen=True)
class TaskMark:
    """One task of one student: its check's status, points earned of those possible, the findings (keys and facts), and how its
    cells went. `our_fault` when the check or the runner broke: then a person decides.
    """

    task: str
    status: str
    earned: int
    points: int
    outcome: str
    findings: tuple[Mapping[str, Any], ...] = ()
    our_fault: bool = False


@dataclass(frozen=True)
class CellMark:
    """One cell as nbval saw it: seconds, error and output are the student's own words, cut."""

    notebook: str
    cell_id: str
    outcome: str
    seconds: float
    error: str = ""
    output: str = ""


@dataclass(frozen=True)
class Graded:
    """One submission. `notes` are what was odd about it; `problem` is why nothing could be run ("" when it was).

    `texts`: what the student wrote in each free-text cell, by its id; a person gives the points of those.
    """

    student: str
    key: str
    tasks: tuple[TaskMark, ...]
    cells: tuple[CellMark, ...]
    notes: tuple[Note, ...]
    protections: Mapping[str, Any]
    seconds: float
    memory_bytes: int = 0
    problem: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def earned(self) -> int:
        return sum(mark.earned for mark in self.tasks)

    @property
    def points(self) -> int:
        return sum(mark.points for mark in self.tasks)

    def as_document(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def read_graded(document: Mapping[str, Any]) -> Graded:
    """What `as_document` gave."""
    tasks = tuple(TaskMark(**{**mark, "findings": tuple(mark["findings"])}) for mark in document["tasks"])
    cells = tuple(CellMark(**mark) for mark in document["cells"])
    return Graded(
        **{**document, "tasks": tasks, "cells": cells, "notes": tuple(Note(**note) for note in document["notes"])}
    )


def write_graded(path: Path, graded: Graded) -> None:
    """Write it whole or not at all: who reads the file never sees half of one. OSError when the disk refuses."""
    draft = path.with_suffix(".draft")
    # As ASCII: a student's output may hold half a character, which UTF-8 cannot.
    draft.write_text(json.dumps(graded.as_document()), encoding="ascii")
    os.replace(draft, path)
