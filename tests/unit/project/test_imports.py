"""Imports point one way, and nothing happens when a module is imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

# Lower imports nothing of higher; equals may. A new top-level name of labkit gets its place here, on purpose.
LAYERS = {
    "": 0, "doors": 0, "errors": 0, "lab_files": 0, "names": 0, "results": 0, "settings": 0, "i18n": 0, "locale": 0,
    "data": 0, "faq": 0, "parity": 0, "prices": 0,
    "aws": 1, "doctor": 1,
    "steps": 2,
    "checks": 3, "spending": 3, "export": 3, "teardown": 3,
    "grading": 4, "run": 4, "ui": 4,
    "cli": 5, "classroom": 5, "commands": 5, "__main__": 6,
}  # fmt: skip

HEAVY = {
    "pyspark",
    "duckdb",
    "moto",
    "boto3",
    "botocore",
    "pandas",
    "pyarrow",
    "ipywidgets",
    "nbval",
    "matplotlib",
    "rich",
    "sqlglot",
    "werkzeug",
}

# What a module may not touch while it is being imported: the machine, the clock, the network, the screen. A function that is
# only named (`clock=time.monotonic`) does nothing yet.
READS = ("os.environ", "sys.argv", "sys.stdin")
CALLS = (
    "os.getenv", "os.getcwd", "os.makedirs", "os.mkdir", "boto3.", "subprocess.", "socket.", "tempfile.", "print", "input", "open",
    "logging.basicConfig", "time.time", "time.monotonic", "datetime.now", "datetime.utcnow", "Path.home", "Path.cwd", "SparkContext",
    "SparkSession.", "duckdb.", "urllib.request.", "importlib.metadata.",
)  # fmt: skip


def _top(name: str) -> str:
    return [*name.split("."), ""][1]


def _rank(name: str) -> int:
    top = _top(name)
    return LAYERS["cli"] if top.startswith("cli") else LAYERS.get(top, 0)


def _lab_half(modules: list[Any]) -> list[Any]:
    return [module for module in modules if module.name.split(".")[0] == "labkit" and _top(module.name) != "cloud"]


def _own_imports(module: Any) -> set[str]:
    return {target for target, _ in module.imports if target.split(".")[0] == "labkit"}


def test_every_part_of_labkit_has_a_place_in_the_order(modules: list[Any]) -> None:
    unknown = {_top(module.name) for module in _lab_half(modules) if not _top(module.name).startswith("cli")} - set(
        LAYERS
    )
    assert not unknown, f"give {sorted(unknown)} a place in LAYERS"


def test_imports_point_one_way(modules: list[Any]) -> None:
    known = {module.name for module in modules}

    def target_rank(target: str) -> int:
        # "from labkit import __version__" names the package, "from labkit import settings" a module of it.
        return 0 if target not in known and target.count(".") == 1 else _rank(target)

    wrong = [
        f"{module.where} imports {target}"
        for module in _lab_half(modules)
        for target in _own_imports(module)
        if _top(target) != "cloud" and target_rank(target) > _rank(module.name)
    ]
    assert not wrong


def test_the_cloud_knows_nothing_of_the_lab_but_its_errors(modules: list[Any]) -> None:
    allowed = ("labkit.cloud.", "labkit.errors.", "labkit.__version__")
    wrong = [
        f"{module.where} imports {target}"
        for module in modules
        if module.name.startswith("labkit.cloud")
        for target in _own_imports(module)
        if not f"{target}.".startswith(allowed)
    ]
    assert not wrong


def test_only_the_command_line_starts_the_cloud(modules: list[Any]) -> None:
    wrong = [
        f"{module.where} imports {target}"
        for module in _lab_half(modules)
        if not _top(module.name).startswith(("cli", "commands"))
        for target in _own_imports(module)
        if _top(target) == "cloud"
    ]
    assert not wrong


def test_what_aws_runs_imports_nothing_of_labkit(modules: list[Any]) -> None:
    wrong = [
        f"{module.where} imports {target}"
        for module in modules
        if module.name.split(".")[0] in {"etl", "lambda", "awsglue"}
        for target in _own_imports(module)
    ]
    assert not wrong


def test_no_two_modules_need_each_other(modules: list[Any]) -> None:
    known = {module.name for module in modules}

    def needed(module: Any) -> set[str]:
        at_import = [target for target, top in module.imports if top]
        found = {target if target in known else target.rpartition(".")[0] for target in at_import}
        return (found & known) - {module.name}

    TopologicalSorter({module.name: needed(module) for module in modules}).prepare()


def test_nothing_happens_on_import(modules: list[Any]) -> None:
    # The seed's scripts are the lesson, and a Lambda module makes its client on import because AWS keeps it between calls.
    checked = [module for module in modules if module.name.split(".")[0] != "lambda" and module.name != "etl.seed_job"]
    assert not [f"{module.where}:{line} {effect}" for module in checked for line, effect in _effects(module)]


def _effects(module: Any) -> list[tuple[int, str]]:
    found = []
    for node in module.module_level_nodes:
        if isinstance(node, ast.Attribute) and ast.unparse(node) in READS:
            found.append((node.lineno, ast.unparse(node)))
        if isinstance(node, ast.Call) and _is_effect(ast.unparse(node.func)):
            found.append((node.lineno, ast.unparse(node.func)))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found.append((node.lineno, ast.unparse(node.value.func)))
    return found


def _is_effect(name: str) -> bool:
    return any(name == call or (call.endswith(".") and name.startswith(call)) for call in CALLS)


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("import os\nHOME = os.environ['HOME']", True),
        ("def f(home=os.getenv('HOME')): pass", True),
        ("class A:\n    started = time.time()", True),
        ("start()", True),
        ("def f(clock=time.monotonic): return os.environ", False),
        ("if __name__ == '__main__':\n    main()", False),
        ("PATTERN = re.compile('a')", False),
    ],
)
def test_an_effect_is_seen_where_it_happens(modules: list[Any], source: str, seen: bool) -> None:
    module = type(modules[0])(Path("m.py"), "m", ast.parse(source))
    assert bool(_effects(module)) is seen


def test_the_command_line_answers_before_anything_heavy_is_loaded(root: Path) -> None:
    code = "import sys, labkit.cli; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
