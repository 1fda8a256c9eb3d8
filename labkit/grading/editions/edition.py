"""One edition of a notebook: who it is for and in which language, and the bytes of its file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.editions.regions import blank_code, blank_text, drop_marks
from labkit.grading.editions.translations import SOURCE_LANGUAGE, Translation
from labkit.i18n import load_catalogue

STUDENT = "student"
SOLUTION = "solution"
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class Edition:
    """A kind (student or solution) in a language; `translation` is None in the language of the source."""

    kind: str
    language: str
    translation: Translation | None = None


def build_edition(notebook: Notebook, edition: Edition) -> dict[str, Any]:
    """The notebook's document: no outputs, no counts, the same cells in the same order, code the same in every language."""
    marks = {
        "edition": edition.kind,
        "language": edition.language,
        "source_hash": hash_source(notebook),
        "step": notebook.step,
    }
    metadata = {
        "kernelspec": _KERNEL,
        "labkit": marks,
        "lang": edition.language,
        "language_info": {"name": "python"},
    }
    cells = [_build_cell(cell, edition) for cell in notebook.cells]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def render_document(document: Mapping[str, Any]) -> bytes:
    """The file's bytes, as Jupyter writes them; the same document gives the same bytes on every system."""
    words = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{words}\n".encode()


def hash_source(notebook: Notebook) -> str:
    """SHA-256 over ids, kinds, sources and metadata of the cells: what an edition is made from."""
    parts = [[cell.id, cell.kind, cell.source, cell.metadata] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _build_cell(cell: Cell, edition: Edition) -> dict[str, Any]:
    built: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": cell.id,
        "metadata": _build_metadata(cell, edition),
        "source": _split(_words_of(cell, edition)),
    }
    return built | {"execution_count": None, "outputs": []} if cell.kind == "code" else built


def _build_metadata(cell: Cell, edition: Edition) -> dict[str, Any]:
    """A student's check cells cannot be typed into, and neither they nor the answer cells be deleted: Jupyter heeds these two keys."""
    built = dict(cell.metadata)
    if edition.kind == STUDENT and (cell.is_answer or cell.is_graded):
        built["deletable"] = False
        if not cell.is_answer:
            built["editable"] = False
    return built


def _words_of(cell: Cell, edition: Edition) -> str:
    source = _translate(cell, edition) if cell.kind == "markdown" else cell.source
    if not cell.is_answer:
        return source
    if edition.kind == SOLUTION:
        return drop_marks(source)
    if cell.kind == "markdown":
        return blank_text(source, _in_language("notebooks.write_here", edition.language))
    return blank_code(source)


def _translate(cell: Cell, edition: Edition) -> str:
    """The cell's words in the edition's language; what was changed since it was translated stays as the source has it, and says so."""
    if edition.translation is None or edition.language == SOURCE_LANGUAGE:
        return cell.source
    if edition.translation.is_current(cell):
        return edition.translation.words[cell.id].text
    note = _in_language("notebooks.not_translated", edition.language)
    return f"> {note}\n\n{cell.source}"


def _in_language(key: str, language: str) -> str:
    # An edition speaks its own language, whatever that of the person who builds it.
    return load_catalogue()[key][language]


def _split(source: str) -> list[str]:
    """Lines with their ends, as nbformat stores text."""
    return source.splitlines(keepends=True)
