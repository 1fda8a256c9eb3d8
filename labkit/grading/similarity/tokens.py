"""What is compared of an answer: its shape, without what two honest students share and without what differs by each one's data.

Numbers and texts do not count: they come from a student's own data, or from the names of the lab. Names that the answer itself gives do
not count either, nor do blanks and comments. What stays is which calls are made, in which order and how they are put together.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from itertools import islice

from labkit.grading.editions.cell_code import find_python, parse

_LONGEST = 50_000
_CODE_WINDOW, _TEXT_WINDOW = 6, 4
_TOKEN = re.compile(r"\w+|[^\w\s]")
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_NUMBER = re.compile(r"\d[\d.,]*")

Shingles = frozenset[tuple[str, ...]]


def read_shingles(source: str, kind: str) -> Shingles:
    """Every run of a few tokens (of code) or words (of text) that follow each other in an answer."""
    cut = source[:_LONGEST]
    tokens = read_code(cut) if kind == "code" else read_words(cut)
    return _slide(tokens, _CODE_WINDOW if kind == "code" else _TEXT_WINDOW)


def read_code(source: str) -> list[str]:
    """The tokens of a cell's code; of code that does not parse, what can be told without parsing."""
    try:
        tree = parse(find_python(source) or source)
        plain = ast.unparse(_Plain(tree).visit(tree)) if tree is not None else _strip(source)
    except (RecursionError, MemoryError, ValueError):
        plain = _strip(source)
    return _TOKEN.findall(plain)


def read_words(source: str) -> list[str]:
    """The words of a text, without accents, capitals and numbers."""
    plain = unicodedata.normalize("NFKD", source).encode("ascii", "ignore").decode("ascii").lower()
    return re.findall(r"[a-z]+", plain)


def _slide(tokens: list[str], size: int) -> Shingles:
    return frozenset(zip(*(islice(tokens, start, None) for start in range(size)), strict=False))


def _strip(source: str) -> str:
    lines = (line.partition("#")[0] for line in _STRING.sub(" S ", source).splitlines())
    return _NUMBER.sub("0", "\n".join(lines))


class _Plain(ast.NodeTransformer):
    """Own names become `n`, texts `S`, numbers `0`."""

    def __init__(self, tree: ast.AST | None) -> None:
        nodes = list(ast.walk(tree)) if tree is not None else []
        self._own = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
        self._own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        self._own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        self._own |= {
            item.asname for node in nodes if isinstance(node, ast.Import) for item in node.names if item.asname
        }

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name("n", node.ctx) if node.id in self._own else node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = "n", None
        return node

    def visit_alias(self, node: ast.alias) -> ast.AST:
        node.asname = "n" if node.asname else None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name, node.returns = "n", None
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        # A docstring, or any text that stands alone.
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return ast.Pass()
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if node.value is None or isinstance(node.value, bool) or node.value is ...:
            return node
        return ast.Name("S" if isinstance(node.value, str | bytes) else "0", ast.Load())

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.copy_location(ast.Name("S", ast.Load()), node)
