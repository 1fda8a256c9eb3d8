"""Rules of the file: nbformat's ids, no outputs, and nbgrader's metadata as its schema 3 wants it."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator

from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.editions.faults import Fault

# nbformat 4.5: https://nbformat.readthedocs.io/en/latest/format_description.html#cell-ids
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What nbformat makes up for a cell that has no id: eight hex digits, others every time.
_MADE_UP = re.compile(r"(?=.*\d)[0-9a-f]{8}")
_FLAGS = ("grade", "solution", "locked", "task")
_KEYS = {"schema_version", "grade_id", "points", *_FLAGS}
_TAGS = {"raises-exception"}


def check_format(notebook: Notebook) -> Iterator[Fault]:
    """Faults of the file and of every cell's id and metadata."""
    if notebook.version < (4, 5):
        yield Fault(notebook.name, "", "notebooks.fault.version", {"version": "{}.{}".format(*notebook.version)})
    yield from _check_schema(notebook)
    counts = Counter(cell.id for cell in notebook.cells)
    for number, cell in enumerate(notebook.cells, start=1):
        for key, facts in (*_check_id(cell, number, counts), *_check_cell(cell), *_check_nbgrader(cell)):
            yield Fault(notebook.name, cell.id or f"#{number}", key, facts)


_Found = Iterator[tuple[str, dict[str, object]]]


def _check_schema(notebook: Notebook) -> Iterator[Fault]:
    """nbformat's own word on the document, as far as ours has it."""
    import nbformat

    from labkit.grading.editions.edition import STUDENT, Edition, build_edition

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an id used twice is told by a rule of ours
            nbformat.validate(build_edition(notebook, Edition(STUDENT, "es")), relax_add_props=False)
    except nbformat.ValidationError as error:
        yield Fault(notebook.name, "", "notebooks.fault.schema", {"reason": str(error).splitlines()[0]})
    except Exception as error:  # noqa: BLE001 - unbalanced marks and the like: other rules name them
        yield Fault(notebook.name, "", "notebooks.fault.schema", {"reason": str(error)})


def _check_id(cell: Cell, number: int, counts: Counter[str]) -> _Found:
    if not _ID.fullmatch(cell.id):
        yield "notebooks.fault.id", {"id": cell.id, "number": number}
    elif counts[cell.id] > 1:
        yield "notebooks.fault.id_twice", {"count": counts[cell.id]}
    elif _MADE_UP.fullmatch(cell.id):
        yield "notebooks.fault.id_made_up", {}


def _check_cell(cell: Cell) -> _Found:
    if cell.kind not in ("code", "markdown"):
        yield "notebooks.fault.kind", {"kind": cell.kind}
    if cell.has_run:
        yield "notebooks.fault.outputs", {}
    if not cell.source.strip():
        yield "notebooks.fault.empty", {}
    tags = cell.metadata.get("tags", [])
    extra = sorted(set(cell.metadata) - {"nbgrader", "tags"})
    if extra:
        yield "notebooks.fault.metadata", {"keys": ", ".join(extra)}
    if not isinstance(tags, list) or set(tags) - _TAGS:
        yield "notebooks.fault.tags", {"tags": str(tags), "allowed": ", ".join(sorted(_TAGS))}


def _check_nbgrader(cell: Cell) -> _Found:
    meta = cell.nbgrader
    if not meta:
        yield "notebooks.fault.nbgrader", {}
        return
    if type(meta.get("schema_version")) is not int or meta["schema_version"] != 3:
        yield "notebooks.fault.schema_version", {"value": meta.get("schema_version")}
    if meta.get("grade_id") != cell.id:
        yield "notebooks.fault.grade_id", {"value": meta.get("grade_id")}
    wrong = [name for name in _FLAGS if type(meta.get(name)) is not bool]
    if wrong:
        yield "notebooks.fault.flags", {"names": ", ".join(wrong)}
        return
    unknown = sorted(set(meta) - _KEYS)
    if unknown:
        yield "notebooks.fault.nbgrader_keys", {"keys": ", ".join(unknown)}
    yield from _check_roles(cell)
    yield from _check_points(cell)


def _check_roles(cell: Cell) -> _Found:
    meta = cell.nbgrader
    if meta["task"]:
        yield "notebooks.fault.task_cell", {}
    if meta["locked"] is meta["solution"]:
        yield "notebooks.fault.locked", {"locked": meta["locked"], "solution": meta["solution"]}
    # nbgrader: a markdown cell is both, marked by hand, or neither.
    if cell.kind == "markdown" and meta["grade"] is not meta["solution"]:
        yield "notebooks.fault.markdown_graded", {}
    if cell.kind == "code" and meta["grade"] and meta["solution"]:
        yield "notebooks.fault.code_both", {}


def _check_points(cell: Cell) -> _Found:
    points = cell.nbgrader.get("points")
    if cell.is_graded and (isinstance(points, bool) or not isinstance(points, int | float) or points < 0):
        yield "notebooks.fault.points", {"value": points}
    if not cell.is_graded and points is not None:
        yield "notebooks.fault.points_unused", {"value": points}
