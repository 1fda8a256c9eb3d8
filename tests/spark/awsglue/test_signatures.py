"""Names and signatures of AWS's package (glue-api.md): order, defaults and keyword names are what scripts rely on."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest

TABLE = Path(__file__).with_name("signatures.tsv")
ROWS = [tuple(line.split("\t")) for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def shown(function: Any) -> str:
    """The parameters as the table writes them: names and defaults, no annotations, no self."""
    parameters = list(inspect.signature(function).parameters.values())
    if parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return "(" + ", ".join(str(parameter) for parameter in plain) + ")"


@pytest.mark.parametrize(("tier", "module", "name", "expected"), ROWS, ids=[f"{row[1]}.{row[2]}" for row in ROWS])
def test_signature(runtime_on_path: None, tier: str, module: str, name: str, expected: str) -> None:
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    assert shown(found).replace('"', "'") == expected.replace('"', "'")


def test_star_import_gives_exactly_the_transforms(runtime_on_path: None) -> None:
    transforms = importlib.import_module("awsglue.transforms")
    assert sorted(transforms.__all__) == sorted(
        [
            "ApplyMapping", "Coalesce", "DropFields", "DropNullFields", "ErrorsAsDynamicFrame", "Filter", "FlatMap", "Join", "Map",
            "MapToCollection", "Relationalize", "RenameField", "Repartition", "ResolveChoice", "SelectFields",
            "SelectFromCollection", "Spigot", "SplitFields", "SplitRows", "Unbox", "Union", "UnnestFrame",
        ]
    )  # fmt: skip


def test_every_transform_describes_itself(runtime_on_path: None) -> None:
    transforms = importlib.import_module("awsglue.transforms")
    for name in transforms.__all__:
        described = transforms.describe_transform(name)["transform"]
        assert described["name"] == name
        assert described["args"][0]["optional"] is False


def test_the_runtime_imports_nothing_of_labkit() -> None:
    site = Path(__file__).parents[3] / "labkit" / "cloud" / "site"
    sources = list(site.rglob("*.py"))
    assert sources
    assert not [path.name for path in sources if "labkit" in _imports(path)]


def _imports(path: Path) -> set[str]:
    import ast

    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found
