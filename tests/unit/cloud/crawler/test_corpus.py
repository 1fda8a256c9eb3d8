"""The cases of `cases/`: what AWS documents, and what public dumps of crawled tables show."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.crawler.classifier_calls import load_classifiers
from labkit.cloud.crawler.classify import classify_file
from labkit.cloud.crawler.hive_types import render
from labkit.cloud.crawler.shape import CsvLayout, FileShape, JsonLayout, XmlLayout
from tests.unit.cloud.crawler.conftest import SCOPE

if TYPE_CHECKING:
    from tests.unit.cloud.crawler.conftest import Lab

CASES = Path(__file__).parent / "cases"
TEXTS = {
    "SALES": "id,total\n1,2\n3,4\n",
    "CLIENTS": "id_cliente;nombre;país\n1;Ana;Perú\n2;Luz;Chile\n",
    "JSON": '{"a":1}\n{"a":2}\n',
}


def read(kind: str) -> list[Any]:
    files = sorted(CASES.glob(f"*.{kind}.jsonl"))
    lines = [(path.name, line) for path in files for line in path.read_text("utf-8").split("\n") if line]
    cases = [(name, json.loads(line)) for name, line in lines]
    return [pytest.param(case, id=f"{name.partition('.')[0]}: {case['name'][:60]}") for name, case in cases]


@pytest.mark.parametrize("case", read("classify"))
def test_classify(case: dict[str, Any], lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(case["text"].encode())
    names = []
    if "classifier" in case:
        lab.call("CreateClassifier", **case["classifier"])
        names = [body["Name"] for body in case["classifier"].values()]
    shape = classify_file(path, path.stat().st_size, load_classifiers(names, SCOPE, lab.services))
    assert shape.classification == case["classification"]
    assert shape.enough is case.get("enough", True)
    if "columns" in case:
        assert columns([(column.name, render(column.type)) for column in shape.columns]) == case["columns"]
    if "csv" in case:
        assert csv_form(shape) == case["csv"]
    if "paths" in case:
        assert isinstance(shape.layout, JsonLayout)
        assert ",".join(shape.layout.paths) == case["paths"]
    if "row_tag" in case:
        assert shape.layout == XmlLayout(case["row_tag"])


@pytest.mark.parametrize("case", read("tables"))
def test_tables(case: dict[str, Any], lab: Lab) -> None:
    bucket = case.get("bucket", "b")
    for key, text in case["files"].items():
        lab.store.put(bucket, key, body(text))
    paths = case["path"] if isinstance(case["path"], list) else [case["path"]]
    targets = {"S3Targets": [{"Path": path, "Exclusions": case.get("exclusions", [])} for path in paths]}
    settings = dict(case.get("settings", {}))
    if "grouping" in case:
        settings["Configuration"] = json.dumps({"Version": 1.0, "Grouping": case["grouping"]})
    tables = lab.crawl(Targets=targets, **settings)
    if "left" in case:
        assert seen(lab, tables) == case["left"]
        return
    assert {name: table_form(lab, name, wanted) for name, wanted in case["tables"].items() if name in tables} == (
        case["tables"]
    )
    assert sorted(tables) == sorted(case["tables"])


def body(text: str) -> bytes:
    if text.startswith("HEX:"):
        return bytes.fromhex(text[4:])
    if text.startswith("GZ:"):
        return gzip.compress(body(text[3:]))
    return TEXTS.get(text, text).encode()


def columns(found: list[tuple[str, str]]) -> str:
    return "|".join(f"{name}:{kind}" for name, kind in found)


def csv_form(shape: FileShape) -> str:
    layout = shape.layout
    assert isinstance(layout, CsvLayout)
    marks = {"header": layout.has_header, "quoted": layout.quoted, "opencsv": layout.serde == "OpenCSVSerDe"}
    return layout.delimiter + "".join(f"+{name}" for name, holds in marks.items() if holds)


def table_form(lab: Lab, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """The table as a case writes it, with the parts that the case names."""
    table = lab.tables()[name]
    storage = table["StorageDescriptor"]
    form = {
        "location": storage["Location"],
        "keys": "|".join(key["Name"] for key in table["PartitionKeys"]),
        "values": sorted("|".join(values) for values in lab.values(name)),
        "columns": columns([(column["Name"], column["Type"]) for column in storage["Columns"]]),
        "classification": table["Parameters"]["classification"],
        "objects": table["Parameters"]["objectCount"],
    }
    return {key: form[key] for key in wanted}


def seen(lab: Lab, tables: dict[str, dict[str, Any]]) -> list[str]:
    """The files that the crawl looked at: those that its tables would count, relative to the include path."""
    total = sum(int(table["Parameters"]["sizeKey"]) for table in tables.values())
    target = lab.call("GetCrawler", Name="ventas")["Crawler"]["Targets"]["S3Targets"][0]
    base = target["Path"].removeprefix("s3://b/")
    from labkit.cloud.crawler.globs import is_excluded

    stored = lab.store.list("b", base)
    left = [one for one in stored if not is_excluded(one.key[len(base) :], tuple(target["Exclusions"]))]
    assert sum(one.size_bytes for one in left) == total
    return sorted(one.key[len(base) :] for one in left)
