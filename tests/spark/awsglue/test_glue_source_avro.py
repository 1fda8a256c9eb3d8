"""Avro. Source: DG aws-glue-programming-etl-format-avro-home.html (`version`: "1.7" default, "1.8" reads and writes logical types)."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pytest

pytestmark = pytest.mark.slow

SCHEMA = {
    "type": "record", "name": "sale", "namespace": "shop", "fields": [
        {"name": "id", "type": "long"},
        {"name": "name", "type": ["null", "string"]},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
        {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["WEB", "SHOP"]}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "extra", "type": {"type": "map", "values": "double"}},
        {"name": "where", "type": {"type": "record", "name": "place", "fields": [{"name": "city", "type": "string"}]}},
        {"name": "mixed", "type": ["null", "long", "string"]},
    ],
}  # fmt: skip
ROWS = [
    {"id": 1, "name": "ñ", "price": Decimal("1.50"), "day": dt.date(2024, 2, 29), "at": dt.datetime(2024, 1, 1, 10, tzinfo=dt.timezone.utc),
     "kind": "WEB", "tags": ["a", "b"], "extra": {"x": 1.5}, "where": {"city": "León"}, "mixed": 9_000_000_000},
    {"id": 2, "name": None, "price": Decimal("-3.00"), "day": dt.date(1969, 1, 1), "at": None, "kind": "SHOP", "tags": [], "extra": {},
     "where": {"city": "x"}, "mixed": "text"},
]  # fmt: skip


def container(rows: list[dict[str, Any]] = ROWS, schema: Any = SCHEMA, codec: str = "null") -> bytes:
    stream = io.BytesIO()
    fastavro.writer(stream, fastavro.parse_schema(schema), rows, codec=codec)
    return stream.getvalue()


def types(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.typeName() for field in frame.schema()}


@pytest.fixture
def read(glue_context: Any, tmp_path: Path) -> Any:
    def made(*files: bytes, **options: Any) -> Any:
        for place, data in enumerate(files):
            (tmp_path / f"{place}.avro").write_bytes(data)
        return glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path)]}, "avro", options)

    return made


def test_types_with_logical_types(read: Any) -> None:
    frame = read(container(), version="1.8")
    assert types(frame) == {
        "id": "long", "name": "string", "price": "decimal", "day": "date", "at": "timestamp", "kind": "string", "tags": "array",
        "extra": "map", "where": "struct", "mixed": "choice",
    }  # fmt: skip
    one, two = (row.asDict(recursive=True) for row in frame.toDF().orderBy("id").collect())
    assert (one["price"], one["day"], str(one["at"])) == (Decimal("1.50"), dt.date(2024, 2, 29), "2024-01-01 10:00:00")
    assert (one["tags"], one["extra"], one["where"]) == (["a", "b"], {"x": 1.5}, {"city": "León"})
    assert (two["name"], two["at"], two["kind"]) == (None, None, "SHOP")
    assert (one["mixed"], two["mixed"]) == ({"long": 9_000_000_000, "string": None}, {"long": None, "string": "text"})


def test_types_without_logical_types(read: Any) -> None:
    frame = read(container())
    assert {name: types(frame)[name] for name in ("price", "day", "at")} == {
        "price": "binary",
        "day": "int",
        "at": "long",
    }
    assert sorted(row["day"] for row in frame.toDF().collect()) == [-365, 19782]


@pytest.mark.parametrize("codec", ["deflate", "snappy", "bzip2", "xz"])
def test_codecs(read: Any, codec: str) -> None:
    assert read(container(codec=codec)).count() == 2


def test_files_with_different_schemas(read: Any) -> None:
    other = {
        "type": "record",
        "name": "sale",
        "fields": [{"name": "id", "type": "string"}, {"name": "new", "type": "int"}],
    }
    frame = read(container(), container([{"id": "x", "new": 1}], other))
    assert types(frame)["id"] == "choice"
    assert types(frame)["new"] == "int"
    assert frame.count() == 3


def test_a_gzip_archive_of_avro(glue_context: Any, tmp_path: Path) -> None:
    (tmp_path / "a.avro.gz").write_bytes(gzip.compress(container()))
    assert glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path)]}, "avro").count() == 2


def test_a_wrong_version_and_a_file_that_is_no_avro(read: Any, glue_context: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r'"version" is one of 1\.7, 1\.8'):
        read(container(), version="2")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.avro").write_text("no avro")
    with pytest.raises(ValueError, match="avro"):
        glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path / "bad")]}, "avro").count()


def test_a_partitioned_table(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    for day in ("1", "2"):
        (tmp_path / f"day={day}").mkdir()
        (tmp_path / f"day={day}" / "a.avro").write_bytes(container())
        catalog.add_partition("t", [day], f"{tmp_path}/day={day}/")
    catalog.add_table("t", str(tmp_path), [("id", "bigint")], "avro", [("day", "int")])
    frame = glue_context.create_dynamic_frame.from_catalog("db", "t", push_down_predicate="day = 2")
    assert sorted((row["id"], row["day"]) for row in frame.toDF().collect()) == [(1, 2), (2, 2)]


@pytest.mark.parametrize("version", ["1.7", "1.8"])
def test_what_is_written_reads_back(glue_context: Any, spark: Any, frame: Any, tmp_path: Path, version: str) -> None:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.sql(
        "select 1 as i, 2L as l, cast(1.5 as decimal(9,2)) as m, date'2024-02-29' as d, timestamp'2024-01-01 10:00:00' as t, "
        "array(1, null) as a, map('k', 1.5D) as p, named_struct('x', 'ñ') as s, cast(null as string) as n, true as b"
    )
    sink = glue_context.getSink("s3", path=str(tmp_path / "out"), compression="snappy")
    sink.setFormat("avro", version=version)
    sink.writeFrame(DynamicFrame.fromDF(df, glue_context))
    back = glue_context.create_dynamic_frame.from_options(
        "s3", {"paths": [str(tmp_path / "out")]}, "avro", {"version": version}
    ).toDF()
    if version == "1.8":
        assert back.collect() == df.collect()
    else:
        row = back.collect()[0]
        assert (row["m"], row["d"], row["t"]) == ("1.50", "2024-02-29", "2024-01-01 10:00:00")
        assert back.drop("m", "d", "t").collect() == df.drop("m", "d", "t").collect()


def test_written_choices_and_partitions(glue_context: Any, frame: Any, tmp_path: Path) -> None:
    made = frame('{"k": "a/b", "v": 1}', '{"k": "año", "v": "x"}', '{"k": null, "v": 2.5}')
    options = {"path": str(tmp_path / "out"), "partitionKeys": ["k"]}
    glue_context.write_dynamic_frame.from_options(made, "s3", options, "avro")
    folders = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert folders == ["k=__HIVE_DEFAULT_PARTITION__", "k=a%2Fb", "k=año"]
    found = [fastavro.reader(path.open("rb")) for path in sorted((tmp_path / "out").rglob("*.avro"))]
    assert [record for reader in found for record in reader] == [{"v": 2.5}, {"v": 1}, {"v": "x"}]


def test_names_that_avro_cannot_have(glue_context: Any, frame: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"rename the fields \['año nuevo'\]"):
        glue_context.write_dynamic_frame.from_options(
            frame('{"año nuevo": 1}'), "s3", {"path": str(tmp_path / "out")}, "avro"
        )
    assert not (tmp_path / "out").exists()
