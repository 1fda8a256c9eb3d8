"""Names that an answer needs and that only a cell defines which the grader does not take: it takes answer cells, by their id.

What a name means is asked of Python's own symbol table, so parameters, comprehension variables and attributes are never taken for
global names. With `from … import *` or `%run` in a cell that counts nobody can say what it defines, and nothing is claimed.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.grading.editions.cell_code import find_python, parse
from labkit.grading.rebuild.read import StudentNotebook

# `files = !ls`, `took = %timeit …`: the magic is set aside when the cell is read as Python, and its name is defined all the same.
_MAGIC_TARGETS = re.compile(r"^\s*([\w, ]+)=\s*[%!]", re.MULTILINE)
_RUNS_A_FILE = re.compile(r"^\s*%(run|load|store|pylab)\b", re.MULTILINE)
# `!aws s3 ls s3://{bucket}` and `$bucket`: IPython fills names in.
_SHELL_LINE = re.compile(r"^\s*(?:[\w, ]+=\s*)?[%!].*$", re.MULTILINE)
_FILLED_IN = re.compile(r"(?<![{$])(?:\{|\$)([A-Za-z_]\w*)")
_OF_THE_KERNEL = re.compile(r"get_ipython|display|In|Out|exit|quit|__\w+__|_+|_i*\d*|_dh|_ih|_oh")


@dataclass(frozen=True)
class CellNames:
    """The global names that a cell makes and those that it needs; `is_open` when it may make others that cannot be seen."""

    made: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()
    is_open: bool = False


def find_left_behind(handed_out: Sequence[Mapping[str, Any]], student: StudentNotebook) -> dict[str, tuple[str, ...]]:
    """Answer cell → the names it needs that the student defined only in cells that are not taken; nothing without cell ids.

    `handed_out` are the cells of the edition as students get it: of those that are no answers the grader runs its own.
    """
    if "rebuild.no_ids" in student.notes:
        return {}
    answer_ids = {cell["id"] for cell in handed_out if cell["metadata"].get("nbgrader", {}).get("solution")}
    given = [
        read_names("".join(cell["source"]))
        for cell in handed_out
        if cell["cell_type"] == "code" and cell["id"] not in answer_ids
    ]
    known = {cell["id"] for cell in handed_out}
    answers: dict[str, list[CellNames]] = {}
    behind: list[CellNames] = []
    for cell in student.cells:
        if cell.kind != "code":
            continue
        key = next((key for key in cell.keys if key in known), "")
        if key in answer_ids:
            answers.setdefault(key, []).append(read_names(cell.source))
        else:
            behind.append(read_names(cell.source))
    taken = [*given, *(names for cells in answers.values() for names in cells)]
    if any(names.is_open for names in taken):
        return {}
    lost = _join(names.made for names in behind) - _join(names.made for names in taken)
    found = {key: tuple(sorted(_join(names.needed for names in cells) & lost)) for key, cells in answers.items()}
    return {key: names for key, names in found.items() if names}


def read_names(source: str) -> CellNames:
    """The names of one code cell; none of a cell that is no Python, of a file that it writes, or that does not parse."""
    if source.lstrip().startswith("%%writefile"):
        return CellNames()
    python = find_python(source)
    tree = parse(python) if python is not None else None
    if tree is None:
        return CellNames()
    made, needed = _ask_python(tree)
    blanks = _find_blanks(tree)
    made = made - blanks | _find_magic_targets(source)
    needed = needed | blanks | _find_filled_in(source)
    is_open = bool(_RUNS_A_FILE.search(source)) or any(_is_star(node) for node in ast.walk(tree))
    ours = {name for name in needed if not hasattr(builtins, name) and not _OF_THE_KERNEL.fullmatch(name)}
    return CellNames(frozenset(made), frozenset(ours), is_open)


def _ask_python(tree: ast.Module) -> tuple[set[str], set[str]]:
    plain = ast.fix_missing_locations(_WithoutAwait().visit(tree))
    try:
        top = symtable.symtable(ast.unparse(plain), "cell", "exec")
    except SyntaxError:
        # `async for` outside of a function, which only IPython allows.
        return set(), set()
    made, needed = set(), set()
    for table in _walk(top):
        for symbol in table.get_symbols():
            is_global = table is top or symbol.is_global()
            if is_global and (symbol.is_assigned() or symbol.is_imported()):
                made.add(symbol.get_name())
            if is_global and symbol.is_referenced():
                needed.add(symbol.get_name())
    return made, needed


def _walk(table: symtable.SymbolTable) -> Iterable[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _walk(child)


def _find_blanks(tree: ast.Module) -> set[str]:
    """Names that are still `...`, as the cell was handed out: whoever filled them in elsewhere has left them blank here."""
    filled = {
        name.id
        for node in tree.body
        if not _is_blank(node)
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    filled |= {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    blank = {name.id for node in tree.body if _is_blank(node) for name in ast.walk(node) if isinstance(name, ast.Name)}
    return blank - filled


def _is_blank(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    return isinstance(value, ast.Constant) and value.value is ...


def _find_magic_targets(source: str) -> set[str]:
    return {name.strip() for found in _MAGIC_TARGETS.findall(source) for name in found.split(",") if name.strip()}


def _find_filled_in(source: str) -> set[str]:
    return {name for line in _SHELL_LINE.findall(source) for name in _FILLED_IN.findall(line)}


def _is_star(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names)


def _join(found: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*found)


class _WithoutAwait(ast.NodeTransformer):
    """`await` outside of a function is IPython's to allow; which names are used does not depend on it."""

    def visit_Await(self, node: ast.Await) -> ast.AST:
        self.generic_visit(node)
        return node.value
