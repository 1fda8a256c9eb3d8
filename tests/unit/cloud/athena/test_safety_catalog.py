"""Catalog entries that a student can make with boto3: whatever stands in them, it stays data."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud.call import AwsError
from tests.unit.cloud.athena.fakes import Athena

_LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_JSON = "org.openx.data.jsonserde.JsonSerDe"
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
_EVIL = [
    "x'y", 'x"y', 'x"; DROP TABLE t; --', "x') UNION ALL SELECT content, 1 FROM read_text('{secret}') --", "{0}", "$1", "%s", "\\", "a\\'b",
    'a\\"b', "x\ny", "*", "[a]", "?", "ñ", "' || (SELECT 1) || '", "c0", "file_index", "r1.c0", "", "}}", "x--y", "/*",
]  # fmt: skip
Columns = list[tuple[str, str]]


def _table(columns: Columns, serde: str = _LAZY, place: str = "s3://data/t/", **parameters: str) -> dict[str, Any]:
    descriptor = {
        "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
        "Location": place,
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": parameters},
    }
    return {
        "Name": "t", "DatabaseName": "db", "TableType": "EXTERNAL_TABLE", "Parameters": {}, "PartitionKeys": [],
        "StorageDescriptor": descriptor,
    }  # fmt: skip


@pytest.fixture
def lab(athena: Athena, tmp_path: Path) -> Athena:
    import pyarrow as pa
    from pyarrow import parquet

    (tmp_path / "secret.csv").write_text("TOPSECRET,1\n")
    athena.put("t/a.csv", "x,1\ny,2\n")
    athena.put("j/a.json", '{"s": "x", "n": 1, "o": {"k": 1}}\n')
    buffer = io.BytesIO()
    parquet.write_table(pa.table({"s": ["x"], "n": [1]}), buffer)
    athena.put("p/a.parquet", buffer.getvalue())
    return athena


def _stays_data(
    lab: Athena, table: dict[str, Any], sql: str = "SELECT * FROM t", partitions: list[dict[str, Any]] | None = None
) -> None:
    """It may fail, in words of its own; it may not become SQL, and shows nothing of the host."""
    lab.services.glue.tables["db", "t"] = table
    lab.services.glue.partitions["db", "t"] = partitions or []
    try:
        answer = lab.run(sql)
    except AwsError as failure:
        text = failure.message
    else:
        text = answer.reason + json.dumps(answer.rows)
    assert "TOPSECRET" not in text
    assert "Parser Error" not in text
    assert "Permission Error" not in text  # the lock had to stop it


@pytest.fixture(params=[4, pytest.param(len(_EVIL), marks=pytest.mark.slow)], ids=["few", "all"])
def evil(tmp_path: Path, request: pytest.FixtureRequest) -> list[str]:
    return [text.replace("{secret}", str(tmp_path / "secret.csv")) for text in _EVIL[: request.param]]


def test_column_names(lab: Athena, evil: list[str]) -> None:
    for text in evil:
        _stays_data(lab, _table([(text, "string"), ("n", "int")], **{"field.delim": ","}))
        _stays_data(lab, _table([(text, "string"), ("n", "bigint")], _PARQUET, "s3://data/p/"))
        _stays_data(lab, _table([(text, "string"), ("n", "int")], _JSON, "s3://data/j/"))


def test_a_strange_column_name_is_read(lab: Athena) -> None:
    name = 'x"; drop table t; --'
    lab.services.glue.tables["db", "t"] = _table([(name, "string"), ("n", "int")], **{"field.delim": ","})
    answer = lab.run("SELECT * FROM t ORDER BY n")
    assert answer.rows == [["x", "1"], ["y", "2"]]
    assert answer.columns[0]["Name"] == name


def test_types_and_fields_of_structs(lab: Athena, evil: list[str]) -> None:
    for text in evil:
        _stays_data(lab, _table([("s", text), ("n", "int")]))
        _stays_data(lab, _table([("o", f"struct<{text}:int>")], _JSON, "s3://data/j/"))
        _stays_data(lab, _table([("s", f"struct<{text}:int>")], _PARQUET, "s3://data/p/"))
        _stays_data(lab, _table([("s", f"map<string,struct<{text}:int>>")]))


@pytest.mark.parametrize(
    "parameter",
    ["field.delim", "serialization.format", "serialization.null.format", "escape.delim", "colelction.delim", "mapkey.delim", "line.delim",
     "skip.header.line.count", "skip.footer.line.count", "timestamp.formats", "serialization.encoding"],
)  # fmt: skip
def test_parameters_of_delimited_text(lab: Athena, evil: list[str], parameter: str) -> None:
    for text in evil:
        given = {"field.delim": ",", parameter: text}
        _stays_data(lab, _table([("s", "string"), ("n", "int"), ("l", "array<string>")], **given))


def test_parameters_of_opencsv_and_json(lab: Athena, evil: list[str]) -> None:
    for text in evil:
        for parameter in ("separatorChar", "quoteChar", "escapeChar"):
            _stays_data(lab, _table([("s", "string"), ("n", "string")], _CSV, **{parameter: text}))
        for parameter in ("ignore.malformed.json", "dots.in.keys", "case.insensitive", "mapping.s"):
            _stays_data(lab, _table([("s", "string")], _JSON, "s3://data/j/", **{parameter: text}))
        _stays_data(lab, _table([("s", "string")], text))


def test_partition_keys_and_values(lab: Athena, evil: list[str]) -> None:
    plain = _table([("s", "string"), ("n", "int")], **{"field.delim": ","})
    for text in evil:
        parts = [{"Values": [one], "StorageDescriptor": plain["StorageDescriptor"]} for one in (text, text + "2")]
        _stays_data(lab, {**plain, "PartitionKeys": [{"Name": text or "z", "Type": "string"}]}, partitions=parts)
        for kind in ("string", "int", "date", "timestamp", "decimal(5,2)", "boolean", "double", "char(3)"):
            keyed = {**plain, "PartitionKeys": [{"Name": "d", "Type": kind}]}
            _stays_data(lab, keyed, "SELECT * FROM t WHERE d IS NOT NULL", parts)


def test_a_strange_partition_value_is_read(lab: Athena) -> None:
    value = "it's \"; DROP TABLE t; --"
    plain = _table([("s", "string"), ("n", "int")], **{"field.delim": ","})
    lab.services.glue.tables["db", "t"] = {**plain, "PartitionKeys": [{"Name": "d", "Type": "string"}]}
    lab.services.glue.partitions["db", "t"] = [{"Values": [value], "StorageDescriptor": plain["StorageDescriptor"]}]
    assert lab.ok("SELECT d, s FROM t WHERE d LIKE 'it''s%' ORDER BY s") == [[value, "x"], [value, "y"]]


@pytest.mark.parametrize(
    "place",
    ["/etc/", "file:///etc/", "s3://data/../../../../etc/", "s3a://data/../", "hdfs://h/x", "s3:///etc/", "s3://data/*", "s3://data/t/[a]",
     "s3://data/{t,u}/", "http://127.0.0.1/", "s3://../etc/", "", "t", "s3://"],
)  # fmt: skip
def test_locations_are_keys_and_never_paths(lab: Athena, place: str) -> None:
    lab.services.glue.tables["db", "t"] = _table([("s", "string")], place=place)
    answer = lab.run("SELECT * FROM t")
    assert answer.rows == []
    assert "root:" not in answer.reason


@pytest.mark.parametrize(
    "key", ["k*", "k?", "k[a]", "k{a,b}", "k'q", 'k"q', "k ñ", "k\\", "../k", "k#%20+", "k;--", "k$1"]
)
def test_keys_of_objects_are_taken_literally(lab: Athena, key: str) -> None:
    lab.put(f"{key}/x{key.replace('/', '')}.csv", "mine,1\n")
    lab.put("ka/other.csv", "other,2\n")
    lab.services.glue.tables["db", "t"] = _table([("s", "string")], place=f"s3://data/{key}/", **{"field.delim": ","})
    assert lab.ok("SELECT s FROM t") == [["mine"]]


def test_forged_views(lab: Athena, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    texts = (
        f"SELECT * FROM read_text('{secret}')",
        f"SELECT * FROM '{secret}'",
        "DROP TABLE x",
        "SELECT 1; SELECT 2",
        "",
        "SELECT getenv('HOME')",
    )
    for text in texts:
        document = {"originalSql": text, "catalog": "awsdatacatalog", "schema": "db", "columns": []}
        packed = base64.b64encode(json.dumps(document).encode()).decode()
        for shown in (f"/* Presto View: {packed} */", text, f"/* Presto View: {text} */", "/* Presto View: AAAA */"):
            view = {
                "Name": "t", "DatabaseName": "db", "TableType": "VIRTUAL_VIEW", "Parameters": {"presto_view": "true"}, "PartitionKeys": [],
                "StorageDescriptor": {"Columns": [{"Name": "content", "Type": "string"}]}, "ViewOriginalText": shown,
            }  # fmt: skip
            lab.services.glue.tables["db", "t"] = view
            answer = lab.run("SELECT * FROM t")
            assert answer.state == "FAILED"
            assert "TOPSECRET" not in answer.reason
            assert not answer.reason.startswith("GENERIC_INTERNAL_ERROR")


def test_documents_that_lack_what_tables_have(lab: Athena) -> None:
    for table in ({"Name": "t"}, {"Name": "t", "StorageDescriptor": {}}, {**_table([]), "PartitionKeys": []}):
        _stays_data(lab, {**table, "DatabaseName": "db"})
