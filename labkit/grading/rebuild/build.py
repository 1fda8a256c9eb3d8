"""The notebook that is run: ours in every cell but the answers.

Check cells, points, metadata and the order of cells come from the reference; of the student's file only the text of answer cells is
taken, by the cell's id. So a check that was overwritten, deleted, moved, doubled or marked to be skipped changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.editions.edition import STUDENT, Edition, build_edition
from labkit.grading.editions.translations import SOURCE_LANGUAGE
from labkit.grading.note import Note
from labkit.grading.rebuild.read import StudentCell, StudentNotebook, read_student_notebook

LONGEST_ANSWER = 200_000
_LARGEST_TO_READ = 20_000_000


@dataclass(frozen=True)
class Rebuilt:
    """The notebook as a document, the text of each answer cell by id, and what was odd about the student's file."""

    document: Mapping[str, Any]
    answers: Mapping[str, str]
    notes: tuple[Note, ...]

    def render(self) -> bytes:
        return (json.dumps(self.document, ensure_ascii=False, indent=1) + "\n").encode()


def rebuild(reference: Notebook, language: str, student: StudentNotebook) -> Rebuilt:
    """Put the student's answers into the reference's student edition.

    An answer that is missing stays as it was handed out, a cell that is there twice counts with its last text, one of another kind
    counts as missing; each is noted.
    """
    document = build_edition(reference, Edition(STUDENT, language, None))
    handed_in = _by_key(student)
    notes = [Note(key, reference.name) for key in student.notes]
    answers: dict[str, str] = {}
    for built, cell in zip(document["cells"], reference.cells, strict=True):
        if not cell.is_answer:
            continue
        found = [item for item in handed_in.get(cell.id, []) if item.kind == cell.kind]
        if not found:
            notes.append(Note("rebuild.missing", reference.name, cell.id))
            continue
        if len(found) > 1:
            notes.append(Note("rebuild.twice", reference.name, cell.id))
        source = found[-1].source
        if len(source) > LONGEST_ANSWER:
            notes.append(Note("rebuild.answer_too_long", reference.name, cell.id))
            continue
        answers[cell.id] = source
        built["source"] = source.splitlines(keepends=True)
    return Rebuilt(document, answers, (*notes, *_note_changes(reference, handed_in)))


def list_free_texts(reference: Notebook) -> list[Cell]:
    """The cells whose text a person reads and gives points for."""
    return [cell for cell in reference.cells if cell.kind == "markdown" and cell.is_answer and cell.is_graded]


def read_free_texts(reference: Notebook, path: Path) -> dict[str, str]:
    """What a student wrote in them, by cell id; nothing of a file that is too large to be one person's words, or is no notebook."""
    cells = list_free_texts(reference)
    try:
        if not cells or path.stat().st_size > _LARGEST_TO_READ:
            return {}
    except OSError:
        return {}
    answers = rebuild(reference, SOURCE_LANGUAGE, read_student_notebook(path)).answers
    return {cell.id: answers[cell.id] for cell in cells if cell.id in answers}


def _by_key(student: StudentNotebook) -> dict[str, list[StudentCell]]:
    found: dict[str, list[StudentCell]] = {}
    for cell in student.cells:
        for key in cell.keys:
            found.setdefault(key, []).append(cell)
    return found


def _note_changes(reference: Notebook, handed_in: Mapping[str, list[StudentCell]]) -> list[Note]:
    """Check cells that are not as they were: said, never counted against anybody (students break cells by accident)."""
    notes = []
    for cell in reference.cells:
        if _is_check(cell):
            found = handed_in.get(cell.id, [])
            if not found:
                notes.append(Note("rebuild.check_gone", reference.name, cell.id))
            elif any(item.source.strip() != cell.source.strip() for item in found):
                notes.append(Note("rebuild.check_changed", reference.name, cell.id))
    return notes


def _is_check(cell: Cell) -> bool:
    return cell.kind == "code" and bool(cell.nbgrader.get("grade"))
