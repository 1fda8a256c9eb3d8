"""The rules of the house that a machine can hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

MAX_MODULE_LINES = 350
MAX_FUNCTION_LINES = 50
# A Glue job is one script: AWS takes this file as it is, so what it needs stands in it.
ONE_SCRIPT = "etl/sales_etl.py"
NOT_A_NAME = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "stuff"}
SPEAKERS = ("labkit/cli", "labkit/commands/", "labkit/ui/", "labkit/cloud/site/", "etl/")
ADDRESS = re.compile(r"index-url|find-links|resolved\"?:? \"?https|url = \"https|registry = \"|@ (https?|file)://")


def test_modules_stay_small(modules: list[Any]) -> None:
    sizes = {
        module.where: module.path.read_text(encoding="utf-8").count("\n")
        for module in modules
        if module.where != ONE_SCRIPT
    }
    assert not {where: lines for where, lines in sizes.items() if lines > MAX_MODULE_LINES}


def test_functions_stay_small(modules: list[Any]) -> None:
    long = [
        f"{module.where}:{node.lineno} {node.name} ({node.end_lineno - node.lineno} lines)"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno > MAX_FUNCTION_LINES
    ]
    assert not long


def test_names_say_what_is_inside(modules: list[Any], root: Path) -> None:
    # awsglue.utils is AWS's own name, and scripts import it.
    ours = [module.path.relative_to(root) for module in modules if not module.where.startswith("labkit/cloud/site/")]
    assert not [
        path.as_posix() for path in ours if NOT_A_NAME & {part.removesuffix(".py").lstrip("_") for part in path.parts}
    ]


def test_only_those_who_speak_to_a_person_print(modules: list[Any]) -> None:
    printing = [
        f"{module.where}:{node.lineno}"
        for module in modules
        if not module.where.startswith(SPEAKERS)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printing


def test_every_module_of_ours_looks_annotations_up_late(modules: list[Any]) -> None:
    # What AWS runs is read by students line by line, and these two annotate nothing that would need it.
    theirs = {"etl/seed_job.py", "lambda/start_glue_job.py"}
    ours = [module for module in modules if module.where not in theirs and len(module.tree.body) > 1]
    assert not [module.where for module in ours if "from __future__ import annotations" not in ast.unparse(module.tree)]


def test_a_package_init_holds_no_code(modules: list[Any]) -> None:
    # AWS's own packages (awsglue.transforms) hand out names from theirs, and scripts rely on it.
    ours = [module for module in modules if module.path.name == "__init__.py" and "/site/" not in module.where]
    code = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.For, ast.While, ast.Try)
    assert not [module.where for module in ours if any(isinstance(node, code) for node in module.tree.body)]


def test_no_unfinished_work_is_left_behind(modules: list[Any]) -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert not [module.where for module in modules if mark.search(module.path.read_text(encoding="utf-8"))]


def test_no_file_names_a_place_on_this_machine(tracked_files: list[Path], root: Path) -> None:
    places = [f"{place}/" for place in (root, root.parent / "shared", Path.home()) if len(place.parts) > 1]
    texts = {path: _read(path) for path in tracked_files}
    assert not [
        f"{path.relative_to(root)}: {place}" for path, text in texts.items() for place in places if place in text
    ]


@pytest.mark.parametrize("suffix", [".lock", ".txt", ".toml", ".json", ".yml", ".yaml", ".in", ".cfg"])
def test_no_settings_file_says_where_packages_come_from(tracked_files: list[Path], root: Path, suffix: str) -> None:
    files = [path for path in tracked_files if path.suffix == suffix and "data" not in path.relative_to(root).parts]
    assert not [str(path.relative_to(root)) for path in files if ADDRESS.search(_read(path))]


def _read(path: Path) -> str:
    body = path.read_bytes()
    return "" if b"\0" in body[:8000] else body.decode("utf-8", errors="replace")
