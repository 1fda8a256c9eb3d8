"""Whether a notebook is as it should be handed in: looked at against the edition that was handed out, without running it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.errors import LabError
from labkit.grading.editions.pristine import read_pristine
from labkit.grading.intake.choose import read_blanks
from labkit.grading.note import Note
from labkit.grading.rebuild.read import StudentNotebook, read_student_notebook
from labkit.grading.submit.names import find_left_behind
from labkit.i18n import LANGUAGES

LARGEST_BYTES = 50_000_000


@dataclass(frozen=True)
class Inspected:
    """One notebook: `problem` (key) when nothing of it can be graded; `answered` of `answers`; `notes` on its cells."""

    name: str
    path: Path
    answers: int
    answered: int
    notes: tuple[Note, ...] = ()
    problem: str = ""


def inspect(name: str, path: Path) -> Inspected:
    """Look at one file as the grader will; never raises for what is in it."""
    blanks = read_blanks(name)
    read = read_student_notebook(path)
    if read.problem:
        return Inspected(name, path, len(blanks), 0, problem=read.problem)
    if path.stat().st_size > LARGEST_BYTES:
        return Inspected(name, path, len(blanks), 0, problem="submit.too_large")
    seen = Counter(key for cell in read.cells for key in cell.keys)
    last = {key: cell for cell in read.cells for key in cell.keys}
    notes = [Note(key, name) for key in read.notes]
    for key in blanks:
        if not seen[key]:
            notes.append(Note("rebuild.missing", name, key))
        elif seen[key] > 1:
            notes.append(Note("rebuild.twice", name, key))
    answered = sum(key in last and last[key].source.strip() not in known for key, known in blanks.items())
    notes += _compare_checks(name, last)
    left_behind = find_left_behind(_read_cells(name), read)
    notes += [Note("submit.left_behind", name, key, ", ".join(names)) for key, names in left_behind.items()]
    notes += _find_conflicts(name, read)
    return Inspected(name, path, len(blanks), answered, tuple(notes))


def list_answerable() -> list[str]:
    """The lab's notebooks in which something is to be answered."""
    from labkit.lab_files import find_lab_file

    root = find_lab_file("notebooks")
    names = {path.stem for language in LANGUAGES for path in (root / language).glob("*.ipynb")}
    return sorted(name for name in names if read_blanks(name))


def _compare_checks(name: str, last: Mapping[str, Any]) -> list[Note]:
    """Checks that are gone or changed: the grader puts its own there, but the student has not seen what those say."""
    notes = []
    for cell in _read_cells(name):
        grading = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] != "code" or not grading.get("grade") or grading.get("solution"):
            continue
        found = last.get(cell["id"])
        if found is None:
            notes.append(Note("rebuild.check_gone", name, cell["id"]))
        elif found.source.strip() != "".join(cell["source"]).strip():
            notes.append(Note("rebuild.check_changed", name, cell["id"]))
    return notes


def _read_cells(name: str) -> list[dict[str, Any]]:
    for language in LANGUAGES:
        try:
            return list(json.loads(read_pristine(name, language))["cells"])
        except (LabError, ValueError, KeyError):
            continue
    return []


def _find_conflicts(name: str, read: StudentNotebook) -> list[Note]:
    """Marks of a merge inside a cell: the file is a notebook, and the answer is none."""
    marked = [
        cell
        for cell in read.cells
        if any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in cell.source.splitlines())
    ]
    return [Note("rebuild.conflict", name, next(iter(cell.keys), "")) for cell in marked]
