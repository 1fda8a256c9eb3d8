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
    if isinstance(function, property):
        function = function.fget
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
    """DG aws-glue-api-crawler-pyspark-transforms-GlueTransform.html: the form of describe() and of its parts."""
    transforms = importlib.import_module("awsglue.transforms")
    for name in transforms.__all__:
        described = transforms.describe_transform(name)["transform"]
        assert list(described) == ["name", "args", "returns", "raises", "location"]
        assert (described["name"], described["location"]) == (name, "internal")
        assert described["args"][0]["optional"] is False
        for argument in described["args"]:
            assert list(argument) == ["name", "type", "description", "optional", "defaultValue"]
        assert list(described["returns"]) == ["type", "description"]
        assert all(list(error) == ["type", "description"] for error in described["raises"])
    by_name = {one["name"]: one for one in transforms.ApplyMapping.describeArgs()}
    assert (by_name["case_sensitive"]["optional"], by_name["case_sensitive"]["defaultValue"]) == (True, "False")
    assert transforms.Filter.describeTransform()
    assert transforms.get_transform("Filter") is transforms.Filter
    assert transforms.Filter in transforms.get_transforms()
    with pytest.raises(ValueError, match="No transform 'Nope'; there are ApplyMapping"):
        transforms.get_transform("Nope")


@pytest.mark.parametrize(
    "method", ["describeArgs", "describeReturn", "describeTransform", "describeErrors", "describe"]
)
def test_the_base_of_transforms_describes_nothing(runtime_on_path: None, method: str) -> None:
    """The same page: NotImplementedError where a transform has no implementation."""
    transform = importlib.import_module("awsglue.transforms").GlueTransform
    with pytest.raises(NotImplementedError):
        getattr(transform, method)()


def test_a_transform_is_known_by_its_name(runtime_on_path: None) -> None:
    transforms = importlib.import_module("awsglue.transforms")
    assert transforms.Map() == transforms.Map()
    assert transforms.Map() != transforms.Filter()
    assert repr(transforms.Map()) == "<Transform: Map>"
    assert hash(transforms.Map()) == hash(transforms.Map())
    assert transforms.Map.name() == "Map"


def test_module_and_class_attributes(runtime_on_path: None) -> None:
    """glue-api.md 2: what scripts may import or look at besides functions."""
    frames = importlib.import_module("awsglue.dynamicframe")
    assert (frames.long, frames.basestring, frames.unicode, frames.imap, frames.ifilter) == (int, str, str, map, filter)
    context = importlib.import_module("awsglue.context").GlueContext
    assert context.Spark_SQL_Formats == {"parquet", "orc"}
    assert context.Unsupported_Compression_Types == {"lzo"}
    assert importlib.import_module("awsglue").__all__ == ["DynamicFrame"]
    assert isinstance(importlib.import_module("awsglue.utils")._global_args, dict)
    utils = importlib.import_module("awsglue.utils")
    assert issubclass(utils.GlueArgumentError, Exception)
    assert frames.DynamicFrameReader
    assert frames.DynamicFrameWriter


BASES = {
    "GlueContext": ("awsglue.context", "SQLContext"), "DecimalType": ("awsglue.gluetypes", "AtomicType"),
    "StructType": ("awsglue.gluetypes", "DataType"), "ChoiceType": ("awsglue.gluetypes", "DataType"),
    "DynamicRecord": ("awsglue.gluetypes", "dict"), "GlueArgumentParser": ("awsglue.utils", "ArgumentParser"),
    "Join": ("awsglue.transforms", "GlueTransform"),
}  # fmt: skip


@pytest.mark.parametrize("name", BASES)
def test_classes_have_aws_s_bases(runtime_on_path: None, name: str) -> None:
    module, base = BASES[name]
    found = getattr(importlib.import_module(module), name)
    assert base in [one.__name__ for one in found.__mro__]


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
