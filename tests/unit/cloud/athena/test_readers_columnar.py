"""Parquet, ORC and Avro: types, missing columns, bytes that were read."""

from __future__ import annotations

import datetime
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.cloud.athena.fakes import Athena


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as writer

    out = io.BytesIO()
    writer.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def orc(columns: dict[str, Any], **options: Any) -> bytes:
    import pyarrow as pa
    from pyarrow import orc as writer

    out = io.BytesIO()
    writer.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def avro(schema: list[dict[str, Any]], rows: list[dict[str, Any]], codec: str = "null") -> bytes:
    import fastavro

    out = io.BytesIO()
    fastavro.writer(out, {"type": "record", "name": "r", "fields": schema}, rows, codec)
    return out.getvalue()


def table(lake: Athena, kind: str, columns: str, *bodies: bytes, clause: str = "") -> None:
    for number, body in enumerate(bodies):
        lake.put(f"t/part-{number}", body)
    lake.ok(f"CREATE EXTERNAL TABLE t ({columns}) STORED AS {kind} LOCATION 's3://data/t/' {clause}")


def pa() -> Any:
    import pyarrow

    return pyarrow


MOMENT = datetime.datetime(2024, 2, 29, 10, 11, 12, 345678)  # noqa: DTZ001

# Arrow type of the file, its value, the table's type, what SELECT shows or why it does not.
PARQUET = [
    ("int32", 5, "int", "5"),
    ("int32", 5, "bigint", "5"),
    ("int64", 5, "int", "5"),
    ("int8", 5, "tinyint", "5"),
    ("int16", 5, "smallint", "5"),
    ("uint8", 200, "int", "200"),
    (
        "int64",
        5,
        "string",
        "type INT64 in parquet file s3://data/t/part-0 is incompatible with type string defined in table schema",
    ),
    ("int64", 5, "double", "INT64"),
    ("int32", 5, "boolean", "INT32"),
    ("string", "x", "bigint", "BINARY"),
    ("float64", 1.5, "bigint", "DOUBLE"),
    ("float64", 1.5, "float", "DOUBLE"),
    ("float32", 1.5, "double", "1.5"),
    ("float64", 1.5, "double", "1.5"),
    ("bool_", True, "boolean", "true"),
    ("bool_", True, "int", "BOOLEAN"),
    ("string", "ñ", "string", "ñ"),
    ("string", "abcd", "varchar(2)", "ab"),
    ("string", "ab", "binary", "61 62"),
    ("binary", b"ab", "binary", "61 62"),
    ("binary", "ñ".encode(), "string", "ñ"),
    ("date32", datetime.date(2024, 2, 29), "date", "2024-02-29"),
    ("date32", datetime.date(2024, 2, 29), "string", "INT32"),
    ("date32", datetime.date(2024, 2, 29), "timestamp", "INT32"),
    ("timestamp[ms]", MOMENT.replace(microsecond=345000), "timestamp", "2024-02-29 10:11:12.345"),
    ("timestamp[us]", MOMENT, "timestamp", "2024-02-29 10:11:12.346"),
    ("timestamp[ns]", MOMENT, "timestamp", "2024-02-29 10:11:12.346"),
    ("timestamp[us, tz=UTC]", MOMENT, "timestamp", "2024-02-29 10:11:12.346"),
    ("timestamp[us]", MOMENT, "date", "INT64"),
    ("int64", 5, "timestamp", "INT64"),
    ("decimal128(10, 2)", Decimal("1.50"), "decimal(10,2)", "1.50"),
    ("decimal128(10, 2)", Decimal("1.50"), "decimal(12,4)", "1.5000"),
    ("decimal128(38, 10)", Decimal("1.5"), "decimal(38,10)", "1.5000000000"),
    ("decimal128(9, 0)", Decimal(7), "int", "7"),
    ("int32", 7, "decimal(10,2)", "7.00"),
    ("float64", 1.5, "decimal(5,2)", "DOUBLE"),
    ("list<int64>", [1, None], "array<bigint>", "[1, null]"),
    ("list<int32>", [1], "array<bigint>", "[1]"),
    ("list<string>", ["a"], "array<int>", "VARCHAR"),
    ("int64", 5, "array<int>", "INT64"),
    ("list<list<int32>>", [[1], []], "array<array<int>>", "[[1], []]"),
    ("map<string,int32>", [("a", 1)], "map<string,int>", "{a=1}"),
    ("map<string,int32>", [("a", 1)], "map<string,bigint>", "{a=1}"),
    ("struct<X:int32,y:string>", {"X": 1, "y": "q"}, "struct<y:string,x:int>", "{y=q, x=1}"),
    ("struct<x:int32>", {"x": 1}, "struct<x:bigint,z:string>", "{x=1, z=null}"),
    ("list<struct<a:int32>>", [{"a": 1}, None], "array<struct<a:int,b:string>>", "[{a=1, b=null}, null]"),
    ("struct<x:int32>", None, "struct<x:bigint>", None),
]


def arrow(name: str) -> Any:
    """An Arrow type by name; nested ones as Hive writes them."""
    p = pa()
    special = {
        "bool_": p.bool_(), "decimal128(10, 2)": p.decimal128(10, 2), "decimal128(38, 10)": p.decimal128(38, 10), "decimal128(9, 0)": p.decimal128(9, 0),  # noqa: E501
        "list<list<int32>>": p.list_(p.list_(p.int32())), "map<string,int32>": p.map_(p.string(), p.int32()), "struct<x:int32>": p.struct([("x", p.int32())]),  # noqa: E501
        "struct<X:int32,y:string>": p.struct([("X", p.int32()), ("y", p.string())]), "list<struct<a:int32>>": p.list_(p.struct([("a", p.int32())])),  # noqa: E501
        "timestamp[us, tz=UTC]": p.timestamp("us", "UTC"), "float64": p.float64(), "float32": p.float32(),
    }  # fmt: skip
    if name in special:
        return special[name]
    return p.list_(p.type_for_alias(name[5:-1])) if name.startswith("list<") else p.type_for_alias(name)


@pytest.mark.parametrize(("given", "value", "declared", "expected"), PARQUET)
def test_parquet_types(lake: Athena, given: str, value: Any, declared: str, expected: str | None) -> None:
    table(lake, "PARQUET", f"v {declared}, w int", parquet({"v": pa().array([value], arrow(given)), "w": [1]}))
    answer = lake.run("SELECT v FROM t")
    if answer.state == "SUCCEEDED":
        assert answer.rows == [[expected]]
    else:
        assert answer.reason.startswith("HIVE_BAD_DATA: Field v's type ")
        assert str(expected) in answer.reason
    # A column that is not asked for is not looked at.
    assert lake.ok("SELECT count(w) FROM t") == [["1"]]


def test_int96_and_the_first_layout_of_lists(lake: Athena) -> None:
    body = parquet(
        {"t": [MOMENT], "l": [[1, 2]]}, use_deprecated_int96_timestamps=True, use_compliant_nested_type=False
    )
    table(lake, "PARQUET", "t timestamp, l array<bigint>", body)
    assert lake.ok("SELECT t, l FROM t") == [["2024-02-29 10:11:12.346", "[1, 2]"]]


def test_files_of_different_schemas_in_one_table(lake: Athena) -> None:
    p = pa()
    one = parquet({"A": p.array([1], p.int32()), "s": p.array([{"x": 1}], p.struct([("x", p.int32())]))})
    two = parquet({"b": ["q"], "a": p.array([2], p.int64())})
    three = parquet({"c": [1.5]})
    table(lake, "PARQUET", "a bigint, b string, s struct<x:bigint,y:string>", one, two, three)
    assert lake.ok("SELECT a, b, s FROM t ORDER BY a") == [
        ["1", None, "{x=1, y=null}"],
        ["2", "q", None],
        [None, None, None],
    ]


def test_files_of_different_schemas_in_different_partitions(lake: Athena) -> None:
    for number, body in enumerate([parquet({"a": [1]}), parquet({"b": ["x"], "a": [2]}), parquet({"a": [3]})]):
        lake.put(f"t/d={number}/f", body)
    lake.ok(
        "CREATE EXTERNAL TABLE t (a bigint, b string) PARTITIONED BY (d int) STORED AS PARQUET LOCATION 's3://data/t/'"
    )
    lake.ok("MSCK REPAIR TABLE t")
    assert lake.ok("SELECT a, b, d FROM t ORDER BY d") == [["1", None, "0"], ["2", "x", "1"], ["3", None, "2"]]


def test_a_parquet_file_that_is_cut_off(lake: Athena) -> None:
    table(lake, "PARQUET", "a bigint", parquet({"a": [1]})[:-10])
    assert "HIVE_BAD_DATA: Not valid Parquet file: s3://data/t/part-0 expected magic number: PAR1 got:" in lake.fails(
        "SELECT a FROM t"
    )


ORC = [
    ("int32", 5, "int", "5"),
    ("int64", 5, "bigint", "5"),
    ("int32", 5, "bigint", "5"),
    ("int8", 5, "tinyint", "5"),
    ("string", "x", "bigint", "of type STRING"),
    ("float64", 1.5, "double", "1.5"),
    ("float32", 1.5, "double", "1.5"),
    ("bool_", True, "boolean", "true"),
    ("string", "ñ", "string", "ñ"),
    ("binary", b"ab", "binary", "61 62"),
    ("date32", datetime.date(2024, 2, 29), "date", "2024-02-29"),
    ("timestamp[us]", MOMENT, "timestamp", "2024-02-29 10:11:12.346"),
    ("decimal128(10, 2)", Decimal("1.50"), "decimal(10,2)", "1.50"),
    ("list<int64>", [1, None], "array<bigint>", "[1, null]"),
    ("map<string,int32>", [("a", 1)], "map<string,int>", "{a=1}"),
    ("struct<x:int32>", {"x": 1}, "struct<x:int>", "{x=1}"),
    ("int64", 5, "string", "of type LONG"),
]


@pytest.mark.parametrize(("given", "value", "declared", "expected"), ORC)
def test_orc_types(lake: Athena, given: str, value: Any, declared: str, expected: str) -> None:
    table(lake, "ORC", f"v {declared}, w bigint", orc({"x": pa().array([value], arrow(given)), "y": [1]}))
    answer = lake.run("SELECT v FROM t")
    if answer.state == "SUCCEEDED":
        assert answer.rows == [[expected]]
    else:
        assert answer.reason.startswith("HIVE_BAD_DATA: Malformed ORC file. Cannot read SQL type")
        assert expected in answer.reason


def test_orc_by_name_when_the_table_says_so(lake: Athena) -> None:
    body = orc({"b": ["x"], "a": [1]})
    table(lake, "ORC", "a bigint, b string, c int", body, clause="TBLPROPERTIES ('orc.column.index.access'='false')")
    assert lake.ok("SELECT a, b, c FROM t") == [["1", "x", None]]


@pytest.mark.parametrize("codec", ["uncompressed", "zlib", "snappy", "lz4", "zstd"])
def test_orc_bytes_are_those_of_the_needed_columns(lake: Athena, codec: str) -> None:
    import random

    random.seed(5)
    columns = {"a": list(range(2000)), "b": ["".join(random.choices("abcdefghij", k=50)) for _ in range(2000)]}
    body = orc(columns, compression=codec)
    table(lake, "ORC", "a bigint, b string", body)
    both, narrow, none = (
        lake.run(f"SELECT {what} FROM t").scanned_bytes for what in ("max(a), max(b)", "max(a)", "count(*)")
    )
    assert 0 == none < narrow < both / 5
    assert len(body) * 0.9 < both < len(body)
    assert lake.ok("SELECT count(*), max(a), count(DISTINCT b) FROM t") == [["2000", "1999", "2000"]]


def test_what_is_no_orc_file_says_so(lake: Athena) -> None:
    table(lake, "ORC", "a bigint", b"a,b,c and some more bytes to be long enough\n" * 10)
    assert "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://data/t/part-0" in lake.fails("SELECT a FROM t")


AVRO = [
    ("int", 5, "int", "5"),
    ("int", 5, "bigint", "5"),
    ("long", 5, "bigint", "5"),
    ("double", 1.5, "double", "1.5"),
    ("float", 1.5, "float", "1.5"),
    ("boolean", True, "boolean", "true"),
    ("string", "ñ", "string", "ñ"),
    ("bytes", b"ab", "binary", "61 62"),
    (["null", "string"], None, "string", None),
    ({"type": "int", "logicalType": "date"}, datetime.date(2024, 2, 29), "date", "2024-02-29"),
    (
        {"type": "long", "logicalType": "timestamp-millis"},
        datetime.datetime(2024, 2, 29, 1, tzinfo=datetime.timezone.utc),
        "timestamp",
        "2024-02-29 01:00:00.000",
    ),
    ({"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}, Decimal("1.50"), "decimal(5,2)", "1.50"),
    ({"type": "array", "items": "long"}, [1, 2], "array<bigint>", "[1, 2]"),
    ({"type": "map", "values": "int"}, {"a": 1}, "map<string,int>", "{a=1}"),
    (
        {"type": "record", "name": "q", "fields": [{"name": "X", "type": "int"}]},
        {"X": 1},
        "struct<x:int,y:string>",
        "{x=1, y=null}",
    ),
    ({"type": "enum", "name": "e", "symbols": ["A"]}, "A", "string", "A"),
]


@pytest.mark.parametrize(("given", "value", "declared", "expected"), AVRO)
def test_avro_types(lake: Athena, given: Any, value: Any, declared: str, expected: str | None) -> None:
    body = avro([{"name": "V", "type": given}, {"name": "w", "type": "int"}], [{"V": value, "w": 1}])
    table(lake, "AVRO", f"v {declared}, w int, missing string", body)
    assert lake.ok("SELECT v, missing FROM t") == [[expected, None]]
    assert lake.ok("SELECT count(*) FROM t") == [["1"]]
    assert lake.run("SELECT w FROM t").scanned_bytes == len(body)


@pytest.mark.parametrize("codec", ["deflate", "snappy", "bzip2"])
def test_avro_codecs(lake: Athena, codec: str) -> None:
    table(lake, "AVRO", "a bigint", avro([{"name": "a", "type": "long"}], [{"a": n} for n in range(12_000)], codec))
    assert lake.ok("SELECT count(*), sum(a) FROM t") == [["12000", "71994000"]]


def test_avro_of_another_type_is_bad_data(lake: Athena) -> None:
    table(lake, "AVRO", "a bigint", avro([{"name": "a", "type": "string"}], [{"a": "x"}]))
    assert "HIVE_BAD_DATA" in lake.fails("SELECT a FROM t")
    lake.put("t/part-0", b"no avro")
    assert "HIVE_BAD_DATA: Error reading Avro file s3://data/t/part-0" in lake.fails("SELECT a FROM t")


def test_avro_schema_literal_gives_defaults(lake: Athena) -> None:
    schema = {
        "type": "record",
        "name": "r",
        "fields": [{"name": "a", "type": "long"}, {"name": "b", "type": "string", "default": "none"}],
    }
    lake.put("t/f", avro([{"name": "a", "type": "long"}], [{"a": 1}]))
    lake.ok(
        "CREATE EXTERNAL TABLE t (a bigint, b string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.avro.AvroSerDe' WITH SERDEPROPERTIES "
        f"('avro.schema.literal'='{json.dumps(schema)}') STORED AS AVRO LOCATION 's3://data/t/'"
    )
    assert lake.ok("SELECT a, b FROM t") == [["1", "none"]]


SKIPS = [
    ("a = 5", 1),
    ("a < 100", 1),
    ("a >= 900", 1),
    ("a BETWEEN 150 AND 250", 2),
    ("a IN (5, 995)", 2),
    ("500 > a", 5),
    ("a > 100000", 0),
    ("a = -1", 0),
    ("s = 'k0005'", 1),
    ("d = DATE '2020-01-06'", 1),
    ("a < 100 AND s > 'k'", 1),
    ("a < 100 OR a > 900", 10),
    ("a + 0 < 100", 10),
    ("b = 1", 10),
    ("true", 10),
]


@pytest.mark.parametrize(("condition", "groups"), SKIPS)
def test_row_groups_that_statistics_rule_out_are_not_counted(lake: Athena, condition: str, groups: int) -> None:
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(n) for n in range(1000)]
    columns = {"a": list(range(1000)), "s": [f"k{n:04d}" for n in range(1000)], "d": days, "b": [1] * 1000}
    body = parquet(columns, row_group_size=100)
    table(lake, "PARQUET", "a bigint, s string, d date, b bigint", body)
    from pyarrow import parquet as reader

    meta = reader.ParquetFile(io.BytesIO(body)).metadata
    used = [index for index, name in enumerate("asdb") if f"{name} " in f" {condition} " or name == "a"]
    sizes = [sum(meta.row_group(g).column(index).total_compressed_size for index in used) for g in range(10)]
    answer = lake.run(f"SELECT max(a) FROM t WHERE {condition}")
    assert answer.state == "SUCCEEDED", answer.reason
    assert answer.scanned_bytes == pytest.approx(sum(sizes) / 10 * groups, rel=0.02)


def test_fields_of_orc_structs_are_found_without_case(lake: Athena) -> None:
    import io

    import pyarrow as pa
    from pyarrow import orc

    rows = [
        {"s": {"a": 1, "B": "x"}, "l": [{"Ñ": 2}, None]},
        {"s": None, "l": None},
        {"s": {"a": None, "B": "y"}, "l": []},
    ]
    kind = pa.schema(
        [("s", pa.struct([("a", pa.int32()), ("B", pa.string())])), ("l", pa.list_(pa.struct([("Ñ", pa.int32())])))]
    )
    body = io.BytesIO()
    orc.write_table(pa.Table.from_pylist(rows, schema=kind), body)
    lake.put("o/f.orc", body.getvalue())
    lake.ok(
        "CREATE EXTERNAL TABLE o (s struct<a:int,b:string>, l array<struct<`ñ`:int>>) STORED AS ORC LOCATION 's3://data/o/'"
    )
    assert lake.ok("SELECT s.a, s.b, l FROM o") == [["1", "x", "[{ñ=2}, null]"], [None, None, None], [None, "y", "[]"]]
