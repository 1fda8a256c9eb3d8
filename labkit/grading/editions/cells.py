"""A notebook as data: its cells in order, as they stand in the file and with nothing made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.errors import LabError
from labkit.i18n import build_lesson

SUFFIX = ".ipynb"


@dataclass(frozen=True)
class Cell:
    """One cell: nbformat's `id`, `kind` (code, markdown, raw), its text and its metadata; `has_run` if output or a count was saved."""

    id: str
    kind: str
    source: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    has_run: bool = False

    @property
    def nbgrader(self) -> Mapping[str, Any]:
        """nbgrader's own metadata; empty when there is none or it is no object."""
        found = self.metadata.get("nbgrader")
        return found if isinstance(found, dict) else {}

    @property
    def is_answer(self) -> bool:
        """True where a student writes."""
        return self.nbgrader.get("solution") is True

    @property
    def is_graded(self) -> bool:
        """True where points are given: a check, or a free text that a person reads."""
        return self.nbgrader.get("grade") is True


@dataclass(frozen=True)
class Notebook:
    """One notebook: `name` is its file's, without the suffix ("03_crawler")."""

    name: str
    cells: tuple[Cell, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    version: tuple[int, int] = (4, 5)

    @property
    def step(self) -> int:
        """The number its name begins with; -1 when it begins with none."""
        digits = self.name.partition("_")[0]
        return int(digits) if digits.isdigit() else -1

    def find(self, cell_id: str) -> Cell | None:
        """The cell of an id, or None."""
        return next((cell for cell in self.cells if cell.id == cell_id), None)


def read_notebook(path: Path) -> Notebook:
    """Read a notebook. LabError when the file is missing, is not JSON (a merge left open says so) or is no notebook."""
    document = read_json(path)
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise build_lesson(LabError, "error.notebook_shape", file=path.name)
    cells = tuple(_read_cell(item) for item in document["cells"] if isinstance(item, dict))
    version = (int(document.get("nbformat", 0)), int(document.get("nbformat_minor", 0)))
    metadata = document.get("metadata")
    return Notebook(path.stem, cells, metadata if isinstance(metadata, dict) else {}, version)


def read_json(path: Path) -> Any:
    """Parse a JSON file. LabError, with the line, when it is missing, not UTF-8, half merged or not JSON."""
    try:
        words = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise build_lesson(LabError, "error.notebook_missing", file=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise build_lesson(LabError, "error.notebook_unreadable", file=path.name, reason=str(error)) from error
    try:
        return json.loads(words)
    except ValueError as error:
        if any(line.startswith("<<<<<<< ") for line in words.splitlines()):
            raise build_lesson(LabError, "error.notebook_merge", file=path.name) from error
        raise build_lesson(LabError, "error.notebook_json", file=path.name, reason=str(error)) from error


def _read_cell(item: Mapping[str, Any]) -> Cell:
    source = item.get("source", "")
    metadata = item.get("metadata")
    return Cell(
        id=str(item.get("id", "")),
        kind=str(item.get("cell_type", "")),
        # Windows editors and git's autocrlf: the same cell must have the same hash everywhere.
        source=("".join(source) if isinstance(source, list) else str(source)).replace("\r\n", "\n"),
        metadata=metadata if isinstance(metadata, dict) else {},
        has_run=bool(item.get("outputs")) or item.get("execution_count") is not None,
    )
