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
from labkit.grading.rebuild.pieces import join_pieces
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

    An answer that is missing stays as it was handed out, one of another kind counts as missing, and of one that stands in several
    cells `join_pieces` tells what counts; each is noted.
    """
    document = build_edition(reference, Edition(STUDENT, language, None))
    handed_in = _by_key(reference, student)
    notes = [Note(key, reference.name) for key in student.notes]
    answers: dict[str, str] = {}
    for built, cell in zip(document["cells"], reference.cells, strict=True):
        if not cell.is_answer:
            continue
        named = handed_in.get(cell.id, [])
        pieces = [item.source for item in named if item.kind == cell.kind]
        if not pieces:
            notes.append(Note("rebuild.other_kind" if named else "rebuild.missing", reference.name, cell.id))
            continue
        source, odd = join_pieces(pieces, cell.kind, "".join(built["source"]))
        if odd:
            notes.append(Note(odd, reference.name, cell.id))
        if len(source) > LONGEST_ANSWER:
            notes.append(Note("rebuild.answer_too_long", reference.name, cell.id))
            continue
        answers[cell.id] = source
        built["source"] = source.splitlines(keepends=True)
    notes += [*_note_changes(reference, handed_in), *_note_own_cells(reference, student)]
    return Rebuilt(document, answers, tuple(notes))


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


def _by_key(reference: Notebook, student: StudentNotebook) -> dict[str, list[StudentCell]]:
    """The student's cells by the reference's ids. A cell's own id goes before the one in its metadata, which a copy shares."""
    known = {cell.id for cell in reference.cells}
    found: dict[str, list[StudentCell]] = {}
    for cell in student.cells:
        key = next((key for key in cell.keys if key in known), None)
        if key is not None:
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
            elif any((item.kind, item.source.strip()) != (cell.kind, cell.source.strip()) for item in found):
                notes.append(Note("rebuild.check_changed", reference.name, cell.id))
    return notes


def _note_own_cells(reference: Notebook, student: StudentNotebook) -> list[Note]:
    """Code in cells of the student's own is not run: whoever wonders why an answer misses a name finds the reason here."""
    if "rebuild.no_ids" in student.notes:
        return []
    known = {cell.id for cell in reference.cells}
    last, places = "", []
    for cell in student.cells:
        own = next((key for key in cell.keys if key in known), None)
        if own is not None:
            last = own
        elif cell.kind == "code" and _has_code(cell.source):
            places.append(last)
    return [Note("rebuild.own_cell", reference.name, place) for place in dict.fromkeys(places)]


def _has_code(source: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in source.splitlines())


def _is_check(cell: Cell) -> bool:
    return cell.kind == "code" and bool(cell.nbgrader.get("grade"))
