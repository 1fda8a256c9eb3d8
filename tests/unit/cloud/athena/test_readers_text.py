"""Delimited text: LazySimpleSerDe as Hive and Trino read it."""

from __future__ import annotations

import bz2
import gzip
import zlib
from typing import Any

import pytest

from tests.unit.cloud.athena.fakes import Athena

CSV = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"


def rows(
    lake: Athena, columns: str, body: bytes | str, row_format: str = CSV, key: str = "t/f", properties: str = ""
) -> Any:
    """The rows of a table of one file."""
    lake.put(key, body)
    extra = f" TBLPROPERTIES ({properties})" if properties else ""
    lake.ok(f"CREATE EXTERNAL TABLE t ({columns}) {row_format} LOCATION 's3://data/t/'{extra}")
    return lake.ok("SELECT * FROM t")


# Type, text of the cell, what SELECT shows. Trino: lib/trino-hive-formats, encodings/text.
VALUES = [
    ("int", "5", "5"), ("int", "+5", "5"), ("int", "-05", "-5"), ("int", "1.9", "1"), ("int", ".5", "0"), ("int", "1.x", None),
    ("int", "2147483648", None), ("int", " 5", None), ("int", "5 ", None), ("int", "abc", None), ("int", "1e3", None), ("int", "-", None),
    ("tinyint", "127", "127"), ("tinyint", "128", None), ("smallint", "-32768", "-32768"), ("bigint", "9223372036854775807", "9223372036854775807"),
    ("bigint", "9223372036854775808", None), ("double", "1.5", "1.5"), ("double", " 1.5 ", "1.5"), ("double", "1e3", "1000.0"),
    ("double", "NaN", "NaN"), ("double", "Infinity", "Infinity"), ("double", "-Infinity", "-Infinity"), ("double", "inf", None), ("double", "1_000", None),
    ("double", "x", None), ("double", "2.5d", "2.5"), ("float", "1.25", "1.25"), ("float", "x", None),
    ("boolean", "true", "true"), ("boolean", "TRUE", "true"), ("boolean", "False", "false"), ("boolean", "1", None), ("boolean", "t", None),
    ("date", "2024-02-29", "2024-02-29"), ("date", "2024-2-9", "2024-02-09"), ("date", "2023-02-30", "2023-03-02"),
    ("date", "2024-02-29 10:00:00", "2024-02-29"), ("date", " 2024-02-29 ", "2024-02-29"), ("date", "29/02/2024", None), ("date", "20240229", None),
    ("timestamp", "2024-02-29 10:11:12", "2024-02-29 10:11:12.000"), ("timestamp", "2024-02-29 10:11:12.5", "2024-02-29 10:11:12.500"),
    ("timestamp", "2024-02-29 10:11:12.123456789", "2024-02-29 10:11:12.123"), ("timestamp", "2024-02-29 10:11:12.9996", "2024-02-29 10:11:13.000"),
    ("timestamp", "2024-02-29T10:11:12", "2024-02-29 10:11:12.000"), ("timestamp", "2024-02-29T10:11", "2024-02-29 10:11:00.000"),
    ("timestamp", "2024-02-29", None), ("timestamp", "29/02/2024 10:11", None), ("timestamp", "1700000000", None),
    ("decimal(5,2)", "1.005", "1.01"), ("decimal(5,2)", "-2.5", "-2.50"), ("decimal(5,2)", "1234.5", None), ("decimal(5,2)", "x", None),
    ("decimal(5,2)", "1e1", "10.00"), ("decimal(20,3)", "12345678901234567.8", "12345678901234567.800"),
    ("string", "", ""), ("string", " x ", " x "), ("string", "\\N", None), ("string", "ñandú 日本", "ñandú 日本"), ("string", '"q"', '"q"'),
    ("varchar(3)", "abcdef", "abc"), ("int", "", None), ("double", "", None), ("date", "", None), ("boolean", "", None), ("timestamp", "", None),
    ("int", "\\N", None), ("date", "\\N", None), ("binary", "AQID", "01 02 03"), ("binary", "%%%", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "shown"), VALUES)
def test_a_cell_becomes_a_value(lake: Athena, kind: str, text: str, shown: str | None) -> None:
    assert rows(lake, f"a string, v {kind}, z string", f"x;{text};z\n", CSV.replace(",", ";")) == [["x", shown, "z"]]


# Columns, what the file holds, row format, what SELECT shows.
NESTED = [
    ("a array<int>", "1\x022\x023\n", "[1, 2, 3]"),
    ("a array<int>", "1|x|3\n", "[1, null, 3]"),
    ("a array<string>", "\n", "[]"),
    ("a array<string>", "\\N\n", None),
    ("a array<string>", "x|\\N|\n", "[x, null, ]"),
    ("m map<string,int>", "a:1|b:x|c\n", "{a=1, b=null, c=null}"),
    ("m map<string,int>", "a:1|a:2\n", "{a=1}"),
    ("s struct<x:int,y:string>", "1|q\n", "{x=1, y=q}"),
    ("s struct<x:int,y:string>", "1\n", "{x=1, y=null}"),
    ("s struct<x:int,y:string>", "1|q|extra\n", "{x=1, y=q}"),
    ("a array<array<int>>", "1:2|3\n", "[[1, 2], [3]]"),
    ("a array<struct<x:int,y:string>>", "1:a|2:b\n", "[{x=1, y=a}, {x=2, y=b}]"),
    ("m map<string,array<int>>", "a:1\x042|b:3\n", "{a=[1, 2], b=[3]}"),
]


@pytest.mark.parametrize(("column", "body", "shown"), NESTED)
def test_nested_types_are_cut_by_hives_separators(lake: Athena, column: str, body: str, shown: str | None) -> None:
    row_format = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
    if "\x02" not in body:
        row_format += " COLLECTION ITEMS TERMINATED BY '|' MAP KEYS TERMINATED BY ':'"
    assert rows(lake, column, body, row_format) == [[shown]]


PACKED = [
    ("f.gz", gzip.compress(b"1,a\n") + gzip.compress(b"2,b\n")),
    ("f.csv.bz2", bz2.compress(b"1,a\n") + bz2.compress(b"2,b\n")),
    ("f.deflate", zlib.compress(b"1,a\n2,b\n")),
    ("f.GZ", gzip.compress(b"1,a\n2,b\n")),
]


def hadoop(codec: str, data: bytes) -> bytes:
    """One block as Hadoop's codecs write it."""
    import cramjam

    made = bytes(
        cramjam.snappy.compress_raw(data) if codec == "snappy" else cramjam.lz4.compress_block(data, store_size=False)
    )
    return len(data).to_bytes(4, "big") + len(made).to_bytes(4, "big") + made


def more() -> list[tuple[str, bytes]]:
    import cramjam

    data = b"1,a\n2,b\n"
    return [
        ("f.zst", bytes(cramjam.zstd.compress(data))), ("f.snappy", hadoop("snappy", data[:4]) + hadoop("snappy", data[4:])),
        ("f.snappy", bytes(cramjam.snappy.compress(data))), ("f.lz4", hadoop("lz4", data)), ("f.lz4", bytes(cramjam.lz4.compress(data))),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "body"), [*PACKED, *more()])
def test_packed_text_is_read_by_its_ending_and_counted_as_stored(lake: Athena, name: str, body: bytes) -> None:
    assert rows(lake, "n int, s string", body, key=f"t/{name}") == [["1", "a"], ["2", "b"]]
    assert lake.run("SELECT s FROM t").scanned_bytes == len(body)


def test_what_is_not_packed_as_its_name_says_is_bad_data(lake: Athena) -> None:
    lake.put("t/f.gz", b"1,a\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (n int, s string) {CSV} LOCATION 's3://data/t/'")
    assert "HIVE_BAD_DATA: Error reading file: s3://data/t/f.gz" in lake.fails("SELECT * FROM t")


def test_lzo_is_refused_by_name(lake: Athena) -> None:
    lake.put("t/f.lzo", b"1,a\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (n int, s string) {CSV} LOCATION 's3://data/t/'")
    assert "LZO" in lake.fails("SELECT * FROM t")


LINES = [
    ("1,a\r\n2,b\r\n", [["1", "a"], ["2", "b"]]),
    ("1,a\n2,b", [["1", "a"], ["2", "b"]]),
    ("\ufeff1,a\n", [["1", "a"]]),
    ("1\n", [["1", None]]),
    ("1,a,b,c\n", [["1", "a"]]),
    ("1,a\n\n2,b\n", [["1", "a"], [None, None], ["2", "b"]]),
    ('1,"a,b"\n', [["1", '"a']]),
    ("", []),
]


@pytest.mark.parametrize(("body", "expected"), LINES)
def test_lines(lake: Athena, body: str, expected: list[list[str | None]]) -> None:
    assert rows(lake, "n int, s string", body) == expected


def test_more_than_one_header_line(lake: Athena) -> None:
    assert rows(lake, "n int, s string", "h,h\nh,h\n1,a\n", properties="'skip.header.line.count'='2'") == [["1", "a"]]


def test_skip_footer_is_refused(lake: Athena) -> None:
    lake.put("t/f", "1,a\n")
    lake.ok(
        f"CREATE EXTERNAL TABLE t (n int, s string) {CSV} LOCATION 's3://data/t/' TBLPROPERTIES ('skip.footer.line.count'='1')"
    )
    assert "skip.footer.line.count" in lake.fails("SELECT * FROM t")


ESCAPES = [
    ("a\\,b,c\n", [["a,b", "c"]]),
    ("a\\\\,b\n", [["a\\", "b"]]),
    ("\\N,b\n", [[None, "b"]]),
    ("a,b\n", [["a", "b"]]),
    ("x\\y,z\n", [["xy", "z"]]),
]


@pytest.mark.parametrize(("body", "expected"), ESCAPES)
def test_escaped_by(lake: Athena, body: str, expected: list[list[str | None]]) -> None:
    assert rows(lake, "a string, b string", body, CSV + " ESCAPED BY '\\\\'") == expected


def test_null_defined_as(lake: Athena) -> None:
    assert rows(lake, "a string, b string", "NA,\nx,NA\n", CSV + " NULL DEFINED AS 'NA'") == [[None, ""], ["x", None]]
    lake.ok("DROP TABLE t")
    assert rows(lake, "a string, b string", ",x\n", CSV + " NULL DEFINED AS ''") == [[None, "x"]]


def test_no_row_format_means_control_a(lake: Athena) -> None:
    assert rows(lake, "n int, s string", "1\x01a,b\n", "") == [["1", "a,b"]]


@pytest.mark.parametrize("mark", ["||", "¬"])
def test_a_delimiter_that_hive_cannot_have_is_refused(lake: Athena, mark: str) -> None:
    lake.put("t/f", f"1{mark}a\n")
    lake.ok(
        f"CREATE EXTERNAL TABLE t (n int, s string) ROW FORMAT DELIMITED FIELDS TERMINATED BY '{mark}' LOCATION 's3://data/t/'"
    )
    assert "delimiter" in lake.fails("SELECT * FROM t")


FORMATS = [
    ("dd/MM/yyyy HH:mm", "29/02/2024 10:11", "2024-02-29 10:11:00.000"),
    ("yyyy-MM-dd''T''HH:mm:ss.SSSZ", "2024-02-29T10:11:12.345+0200", "2024-02-29 08:11:12.345"),
    ("millis", "1709201472345", "2024-02-29 10:11:12.345"),
    ("MM/dd/yy,dd MMM yyyy", "29 Feb 2024", "2024-02-29 00:00:00.000"),
    ("dd/MM/yyyy", "2024-02-29 10:11:12", "2024-02-29 10:11:12.000"),
    ("dd/MM/yyyy", "nada", None),
]


@pytest.mark.parametrize(("pattern", "text", "shown"), FORMATS)
def test_timestamp_formats(lake: Athena, pattern: str, text: str, shown: str | None) -> None:
    row_format = (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' WITH SERDEPROPERTIES ('field.delim'=';', "
        f"'timestamp.formats'='{pattern}')"
    )
    assert rows(lake, "n int, t timestamp", f"1;{text}\n", row_format) == [["1", shown]]


def test_latin_1_is_read_when_the_serde_says_so(lake: Athena) -> None:
    row_format = (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' WITH SERDEPROPERTIES ('field.delim'=',', "
        "'serialization.encoding'='ISO-8859-1')"
    )
    assert rows(lake, "n int, s string", "1,Peña\n".encode("latin-1"), row_format) == [["1", "Peña"]]


def test_the_last_column_may_take_the_rest(lake: Athena) -> None:
    row_format = (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' WITH SERDEPROPERTIES ('field.delim'=',', "
        "'serialization.last.column.takes.rest'='true')"
    )
    assert rows(lake, "n int, s string", "1,a,b,c\n", row_format) == [["1", "a,b,c"]]


def test_files_of_several_kinds_in_one_table(lake: Athena) -> None:
    lake.put("t/a.csv", "1,a\n")
    lake.put("t/deep/er/b.csv.gz", gzip.compress(b"2,b\n"))
    lake.put("t/c.bz2", bz2.compress(b"3,c\n"))
    lake.put("t/deep/_hidden/d", "4,d\n")
    lake.put("t/empty", "")
    rows(lake, "n int, s string", "5,e\n\n")
    assert sorted(map(str, lake.ok("SELECT n FROM t"))) == ["['1']", "['2']", "['3']", "['5']", "[None]"]
