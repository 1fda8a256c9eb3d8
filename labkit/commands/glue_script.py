"""The script that `labkit glue run` sends: what can be one, and which arguments it names itself."""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import DataError
from labkit.i18n import build_lesson

_ARGUMENT = re.compile(r"--([A-Za-z_][\w-]*)")
_NEIGHBOURS = 8


@dataclass(frozen=True)
class Script:
    """A Python script on this computer, and its text."""

    path: Path
    source: str


def read_script(name: str) -> Script:
    """Read the file that will be the job's script. DataError for whatever cannot be one, each with what to do instead."""
    if re.match(r"s3[an]?://", name):
        raise build_lesson(DataError, "error.script_in_s3", script=name)
    path = Path(name).expanduser()
    if path.is_dir():
        inside = ", ".join(sorted(item.name for item in path.glob("*.py"))[:_NEIGHBOURS]) or "—"
        raise build_lesson(DataError, "error.script_folder", script=name, inside=inside)
    if not path.is_file():
        raise build_lesson(DataError, "error.script_missing", script=name, near=_list_near(path))
    if path.suffix == ".ipynb":
        raise build_lesson(DataError, "error.script_notebook", script=name, stem=path.stem)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise build_lesson(
            DataError, "error.script_unreadable", script=name, reason=error.strerror or str(error)
        ) from error
    return Script(path, _decode(name, body))


def find_argument_names(source: str) -> frozenset[str]:
    """Names of the arguments that a script asks for: texts that are `--x`, and the list given to getResolvedOptions."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return frozenset()
    names = {found[1] for words in _texts(tree) if (found := _ARGUMENT.fullmatch(words))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("getResolvedOptions") and len(node.args) > 1:
            # A list that was built elsewhere may hold any text of the script.
            names |= set(_texts(node.args[1])) or set(_texts(tree))
    return frozenset(names)


def _texts(node: ast.AST) -> Iterator[str]:
    for found in ast.walk(node):
        if isinstance(found, ast.Constant) and isinstance(found.value, str):
            yield found.value


def _decode(name: str, body: bytes) -> str:
    if b"\0" in body:
        raise build_lesson(DataError, "error.script_binary", script=name)
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(body).readline)
        source = body.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise build_lesson(DataError, "error.script_encoding", script=name, reason=str(error)) from error
    if not source.strip():
        raise build_lesson(DataError, "error.script_empty", script=name)
    return source


def _list_near(path: Path) -> str:
    """Scripts of the same folder, those with a similar name first."""
    folder = path.parent
    names = sorted(item.name for item in folder.glob("*.py")) if folder.is_dir() else []
    alike = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    return ", ".join([*alike, *(name for name in names if name not in alike)][:_NEIGHBOURS]) or "—"
