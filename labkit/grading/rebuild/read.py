"""Reading a notebook that a student handed in, in whatever state: only the text of its cells is taken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 150_000_000
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")


@dataclass(frozen=True)
class StudentCell:
    """One cell: `keys` are the ids it may be known by (nbformat's own, nbgrader's), `kind` "code" or "markdown"."""

    keys: tuple[str, ...]
    kind: str
    source: str


@dataclass(frozen=True)
class StudentNotebook:
    """The cells in their order, and what was odd (keys of the catalogue). `problem` is not "" when no cell could be read."""

    cells: tuple[StudentCell, ...]
    notes: tuple[str, ...] = ()
    problem: str = ""


def read_student_notebook(path: Path) -> StudentNotebook:
    """Read it; never raises. nbformat 3 and 4 are understood, other things are a problem with a name."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return StudentNotebook((), problem="rebuild.too_large")
        words = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return StudentNotebook((), problem="rebuild.not_text")
    except OSError:
        return StudentNotebook((), problem="rebuild.unreadable")
    if not words.strip():
        return StudentNotebook((), problem="rebuild.empty")
    try:
        document = json.loads(words)
    except (ValueError, RecursionError):
        is_conflict = any(line.startswith(_CONFLICT) for line in words.splitlines())
        return StudentNotebook((), problem="rebuild.conflict" if is_conflict else "rebuild.not_json")
    return _read(document)


def _read(document: Any) -> StudentNotebook:
    if not isinstance(document, dict):
        return StudentNotebook((), problem="rebuild.not_a_notebook")
    notes = []
    cells = document.get("cells")
    if cells is None and isinstance(document.get("worksheets"), list):
        notes.append("rebuild.nbformat_3")
        sheets = [sheet for sheet in document["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
    if not isinstance(cells, list):
        return StudentNotebook((), problem="rebuild.not_a_notebook")
    found = tuple(read for cell in cells if (read := _read_cell(cell)) is not None)
    if not any(cell.keys for cell in found):
        notes.append("rebuild.no_ids")
    return StudentNotebook(found, tuple(notes))


def _read_cell(cell: Any) -> StudentCell | None:
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(item for item in source if isinstance(item, str))
    if not isinstance(source, str):
        return None
    # JSON can spell half a character ("\\ud800"), which no file can hold.
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")
    kind = cell.get("cell_type")
    nbgrader = cell.get("metadata", {}).get("nbgrader", {}) if isinstance(cell.get("metadata"), dict) else {}
    keys = (cell.get("id"), nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None)
    known = tuple(dict.fromkeys(key for key in keys if isinstance(key, str) and key))
    return StudentCell(known, kind if kind in ("code", "markdown") else "other", source)
