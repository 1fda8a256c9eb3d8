"""Submissions made by code: a notebook of the lab with or without its solutions, and what a student did to it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from labkit.grading.editions.edition import SOLUTION, STUDENT, Edition, build_edition
from labkit.grading.editions.places import find_places
from labkit.grading.editions.rules_tasks import find_task
from labkit.grading.editions.validate import read_source

Document = dict[str, Any]


@dataclass(frozen=True)
class Attack:
    """`earned`: points by task that this submission deserves. `solved` starts from the solutions, else from what is handed out.

    `cells`: answer cell → its new source. `change` does the rest to the document, `beside` are files handed in next to it.
    """

    name: str
    notebook: str
    earned: Mapping[str, int]
    solved: bool = False
    cells: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[Document], None] | None = None

    def build(self) -> bytes:
        """The file as it is handed in."""
        document = copy.deepcopy(_edition(self.notebook, SOLUTION if self.solved else STUDENT))
        known = {cell["id"]: cell for cell in document["cells"]}
        for cell_id, source in self.cells.items():
            known[cell_id]["source"] = source
        if self.change is not None:
            self.change(document)
        return json.dumps(document, ensure_ascii=False).encode()


def build_solved(notebook: str) -> bytes:
    """A notebook with every task solved."""
    return Attack("solved", notebook, {}, solved=True).build()


@cache
def _edition(notebook: str, kind: str) -> Document:
    reference = read_source(find_places(), notebook).notebook
    return json.loads(json.dumps(build_edition(reference, Edition(kind, "es", None))))


def build_partly(notebook: str, left_open: Set[str]) -> bytes:
    """A notebook with its tasks solved but for some, whose answer cells are as they were handed out."""
    reference = read_source(find_places(), notebook).notebook
    handed_out = {cell["id"]: cell["source"] for cell in _edition(notebook, STUDENT)["cells"]}
    untouched = {
        cell.id: handed_out[cell.id] for cell in reference.cells if cell.is_answer and find_task(cell) in left_open
    }
    return Attack("", notebook, {}, solved=True, cells=untouched).build()
