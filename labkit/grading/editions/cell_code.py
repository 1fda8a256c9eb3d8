"""What a code cell holds: Python with IPython's magics set aside, or a file of its own behind `%%writefile`."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from labkit.grading.editions.regions import BEGIN, END

_WRAPPERS = ("%%time", "%%timeit", "%%capture")
_LINE_MAGIC = re.compile(r"^(\s*)(?:[\w, ]+=\s*)?[%!].*$")
_ALLOWED_COMMENT = re.compile(r"#\s*NBVAL_[A-Z_]+")


def find_python(source: str) -> str | None:
    """The Python of a cell, magics blanked so that line numbers hold; None for a cell in another language (`%%bash`, a JSON file)."""
    lines = source.split("\n")
    first = lines[0].strip() if lines else ""
    if first.startswith("%%writefile"):
        return "\n".join(["", *lines[1:]]) if first.endswith(".py") else None
    if first.startswith("%%"):
        return find_python("\n".join(["", *lines[1:]])) if first.split(" ", 1)[0] in _WRAPPERS else None
    return "\n".join(_LINE_MAGIC.sub(r"\1pass", line) for line in lines)


def find_comments(python: str) -> list[tuple[int, str]]:
    """(line, comment) of each comment that is no mark of ours or of nbval's."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(python).readline):
            allowed = token.string.strip() in (BEGIN, END) or _ALLOWED_COMMENT.fullmatch(token.string.strip())
            if token.type == tokenize.COMMENT and not allowed:
                found.append((token.start[0], token.string))
    except (tokenize.TokenError, IndentationError):
        return found
    return found


def parse(python: str) -> ast.Module | None:
    """The tree of a cell's Python (`await` at top level is IPython's to allow), or None when it does not parse."""
    try:
        tree: object = compile(python, "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError):
        return None
    return tree if isinstance(tree, ast.Module) else None


def find_calls(source: str, method: str) -> list[ast.Call]:
    """Calls `lab.<method>(…)` of a cell, in order."""
    python = find_python(source)
    tree = parse(python) if python is not None else None
    if tree is None:
        return []
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == method
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("lab", "labkit")
    ]


def first_argument(call: ast.Call) -> object:
    """The value of the first positional argument when it is written out; None otherwise."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) else None
