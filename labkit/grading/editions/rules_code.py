"""Rules of code cells: short, without prose in any language, and still Python once the solution is taken out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from labkit.grading.editions.cell_code import find_calls, find_comments, find_python, first_argument, parse
from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.editions.faults import REGION_FAULTS, Fault
from labkit.grading.editions.regions import Unbalanced, blank_code, find_regions, has_marks

# "About 5 lines": a call written over several lines still passes.
_MOST_LINES = 8
_SQL = re.compile(
    r"\s*\(?(select|with|create|insert|alter|show|msck|drop|describe|unload|explain|delete|update|merge)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"[<>=]|\bis (not )?null\b|\bbetween\b", re.IGNORECASE)
_PROSE_WORDS = re.compile(
    r"\b(de|del|la|el|los|las|una?|que|para|con|the|is|are|this|that|your|with|to|of)\b", re.IGNORECASE
)
_OWN_NAME = re.compile(r"\bbsg[-_]\w+")


def check_code(notebook: Notebook) -> Iterator[Fault]:
    """Faults of the code cells."""
    for cell in notebook.cells:
        if cell.kind == "code":
            for key, facts, is_warning in (*_check_regions(cell), *_check_python(cell), *_check_length(cell)):
                yield Fault(notebook.name, cell.id, key, facts, is_warning)
    yield from _check_opening(notebook)


_Found = Iterator[tuple[str, dict[str, object], bool]]


def _check_regions(cell: Cell) -> _Found:
    try:
        regions = find_regions(cell.source)
    except Unbalanced as error:
        yield REGION_FAULTS[error.reason], {"line": error.line}, False
        return
    if cell.is_answer and not regions:
        yield "notebooks.fault.no_region", {}, False
    if not cell.is_answer and has_marks(cell.source):
        yield "notebooks.fault.region_elsewhere", {}, False


def _check_python(cell: Cell) -> _Found:
    python = find_python(cell.source)
    if python is None:
        return
    for line, comment in find_comments(python):
        yield "notebooks.fault.comment", {"line": line, "comment": comment}, False
    tree = parse(python)
    if tree is None:
        yield "notebooks.fault.python", {}, False
        return
    yield from _check_student_python(cell)
    if tree.body and all(_is_prose_print(node) for node in tree.body):
        yield "notebooks.fault.only_prints", {}, False
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _check_string(node.value, getattr(node, "lineno", 0))


def _check_student_python(cell: Cell) -> _Found:
    if not cell.is_answer:
        return
    try:
        python = find_python(blank_code(cell.source))
    except Unbalanced:
        return
    if python is not None and parse(python) is None:
        yield "notebooks.fault.student_python", {}, False


def _check_string(value: str, line: int) -> _Found:
    own = _OWN_NAME.search(value)
    if own:
        yield "notebooks.fault.literal_name", {"line": line, "name": own[0]}, False
    words = re.findall(r"[^\W\d_]{2,}", value)
    if len(words) >= 4 and _PROSE_WORDS.search(value) and not (_SQL.match(value) or _CONDITION.search(value)):
        yield "notebooks.fault.prose", {"line": line, "text": value[:40]}, True


def _is_prose_print(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    is_print = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
    return is_print and all(isinstance(argument, ast.Constant) for argument in call.args)  # type: ignore[union-attr]


def _check_length(cell: Cell) -> _Found:
    """A reference solution and a file that a cell writes may be long; everything else is read at a glance."""
    if cell.is_answer or cell.source.startswith("%%writefile"):
        return
    lines = [line for line in cell.source.split("\n") if line.strip()]
    if len(lines) > _MOST_LINES:
        yield "notebooks.fault.long", {"lines": len(lines), "most": _MOST_LINES}, True


def _check_opening(notebook: Notebook) -> Iterator[Fault]:
    """Every notebook opens its own step, before anything else of the lab is used."""
    opened = [
        first_argument(call)
        for cell in notebook.cells
        if cell.kind == "code"
        for call in find_calls(cell.source, "open")
    ]
    if notebook.step not in opened:
        yield Fault(notebook.name, "", "notebooks.fault.not_opened", {"step": notebook.step})
    if any(value != notebook.step for value in opened):
        yield Fault(notebook.name, "", "notebooks.fault.other_opened", {"step": notebook.step, "found": str(opened)})
