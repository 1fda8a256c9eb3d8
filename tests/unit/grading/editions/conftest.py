"""A small lab of two notebooks, written to a folder of the test's own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from labkit.grading.editions.faults import Fault
from labkit.grading.editions.places import Places
from labkit.grading.editions.rules_tasks import Points
from labkit.grading.editions.validate import find_faults, read_source

ANSWER = """schema = ...
### BEGIN SOLUTION
schema = {"fecha": "date"}
### END SOLUTION"""
FREE_TEXT = """Decide y justifica.

### BEGIN SOLUTION
Glue, porque el volumen crece.
### END SOLUTION"""
FREE_TEXT_EN = """Decide and say why.

### BEGIN SOLUTION
Glue, because the volume grows.
### END SOLUTION"""
REGISTRY = {"3.1": Points(4), "3.2": Points(0, 2)}


def meta(cell_id: str, **changes: Any) -> dict[str, Any]:
    plain = {"schema_version": 3, "grade_id": cell_id, "grade": False, "solution": False, "locked": True, "task": False}
    return {"nbgrader": {**plain, **changes}}


def text_cell(cell_id: str, words: str, **changes: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": cell_id, "metadata": meta(cell_id, **changes), "source": words}


def code_cell(cell_id: str, source: str, **changes: Any) -> dict[str, Any]:
    rest = {"execution_count": None, "outputs": []}
    return {"cell_type": "code", "id": cell_id, "metadata": meta(cell_id, **changes), "source": source, **rest}


def sound_cells() -> list[dict[str, Any]]:
    return [
        text_cell("m3-intro", "# El rastreador\n\n![Dibujo del paso 3, del fichero a la tabla](../img/paso_3.svg)"),
        code_cell("m3-open", "import labkit\nlab = labkit.open(3)"),
        text_cell("t3-1-task", "## Tarea 3.1 · Predice (4 puntos)\n\nMira [el siguiente](04_otro.ipynb)."),
        code_cell("t3-1-answer", ANSWER, solution=True, locked=False),
        code_cell("t3-1-check", 'lab.check("3.1", schema=schema)', grade=True, points=4),
        text_cell("t3-2-answer", FREE_TEXT, grade=True, solution=True, locked=False, points=2),
        text_cell("m3-end", "## Resumen\n\nSigue en [el cuaderno 04](04_otro.ipynb)."),
    ]


def english() -> dict[str, str]:
    return {
        "m3-intro": "# The crawler\n\n![Picture of step 3, from the file to the table](../img/paso_3.svg)",
        "t3-1-task": "## Task 3.1 · Predict (4 points)\n\nSee [the next one](04_otro.ipynb).",
        "t3-2-answer": FREE_TEXT_EN,
        "m3-end": "## Summary\n\nGo on with [notebook 04](04_otro.ipynb).",
    }


@dataclass
class SmallLab:
    """The folder notebooks/ with one sound source; a test spoils it and writes it again."""

    places: Places
    cells: list[dict[str, Any]] = field(default_factory=sound_cells)
    words: dict[str, str] = field(default_factory=english)
    name: str = "03_rastreador"

    def write(self) -> SmallLab:
        document = {"cells": self.cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        for name, written in ((self.name, document), ("04_otro", {**document, "cells": []})):
            path = self.places.source_of(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
        self.places.pictures.mkdir(exist_ok=True)
        (self.places.pictures / "paso_3.svg").write_text("<svg/>", encoding="utf-8")
        return self

    def translate(self) -> SmallLab:
        """Write the translations as those of the source as it stands now."""
        sources = {cell["id"]: cell["source"] for cell in self.cells}
        document = {
            name: {"hash": hashlib.sha256(sources.get(name, "").encode()).hexdigest(), "text": words}
            for name, words in self.words.items()
        }
        path = self.places.translation_of(self.name, "en")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return self

    def cell(self, cell_id: str) -> dict[str, Any]:
        return next(cell for cell in self.cells if cell["id"] == cell_id)

    def faults(self) -> list[Fault]:
        return find_faults(read_source(self.places, self.name), self.places, REGISTRY)

    def keys(self) -> list[str]:
        return [fault.key.removeprefix("notebooks.fault.") for fault in self.faults()]


@pytest.fixture
def small_lab(tmp_path: Path) -> SmallLab:
    return SmallLab(Places(tmp_path / "notebooks")).write().translate()


Spoil = Callable[[SmallLab], object]
