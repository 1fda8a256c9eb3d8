"""The tree as data: what the tests of this folder read."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
SHIPPED = ("labkit", "etl", "lambda")


@dataclass(frozen=True)
class Module:
    """One Python file; `name` is dotted ("labkit.aws.s3"), a package's without its __init__."""

    path: Path
    name: str
    tree: ast.Module

    @property
    def where(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def runtime_nodes(self) -> Iterator[ast.AST]:
        """Every node except those under `if TYPE_CHECKING`, which no run ever sees."""
        return _walk(self.tree)

    @property
    def imports(self) -> list[tuple[str, bool]]:
        """(dotted target, True when it stands at module level) of each import that may run."""
        top = {id(node) for node in _walk_module_level(self.tree)}
        return [(target, id(node) in top) for node in self.runtime_nodes for target in self._targets(node)]

    @property
    def module_level_nodes(self) -> Iterator[ast.AST]:
        """What runs on import: not function bodies, not `if __name__ == "__main__"`, not `if TYPE_CHECKING`."""
        return _walk_module_level(self.tree)

    def _targets(self, node: ast.AST) -> list[str]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            package = self.name.split(".") if self.path.name == "__init__.py" else self.name.split(".")[:-1]
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            # "from labkit.cloud import daemon" may name a module or a thing in one: both readings are kept as one string.
            return [f"{source}.{alias.name}" for alias in node.names]
        return []


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def _is_main(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not _is_guard(child):
            yield from _walk(child)


def _walk_module_level(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        children = [*node.decorator_list, *node.args.defaults, *[item for item in node.args.kw_defaults if item]]
    elif isinstance(node, ast.Lambda):
        children = []
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        if not _is_guard(child) and not _is_main(child):
            yield from _walk_module_level(child)


def _parse(path: Path) -> Module:
    # Job processes find the Glue runtime as top-level `awsglue`: that is its name.
    base = ROOT / "labkit/cloud/site"
    parts = path.relative_to(base if path.is_relative_to(base) else ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(path, name, ast.parse(path.read_text(encoding="utf-8"), str(path)))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def modules() -> list[Module]:
    """Every Python file that ships: labkit/, etl/, lambda/."""
    paths = sorted(path for folder in SHIPPED for path in (ROOT / folder).rglob("*.py"))
    found = [_parse(path) for path in paths if "__pycache__" not in path.parts]
    assert len(found) > 10, "the tree was not found, so nothing would be tested"
    return found


@pytest.fixture(scope="session")
def tracked_files() -> list[Path]:
    """Every file that is, or is about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git clone (an unpacked archive): what is tracked cannot be known")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]
