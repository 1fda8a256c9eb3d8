"""Delimited text: LazySimpleSerDe as Hive and Trino read it."""

from __future__ import annotations

import bz2
import gzip
import zlib
from typing import Any

import pytest

from tests.unit.cloud.athena.cases_of_tables import table_cases
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
VALUES = table_cases("readers_text_values")


@pytest.mark.parametrize(("kind", "text", "shown"), VALUES)
def test_a_cell_becomes_a_value(lake: Athena, kind: str, text: str, shown: str | None) -> None:
    assert rows(lake, f"a string, v {kind}, z string", f"x;{text};z\n", CSV.replace(",", ";")) == [["x", shown, "z"]]


# Columns, what the file holds, row format, what SELECT shows.
NESTED = table_cases("readers_text_nested")


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


# Bytes are no names for tests: gzip's hold the time, and each process of a parallel run would have its own.
@pytest.mark.parametrize(
    ("name", "body"), [pytest.param(*one, id=f"{n}-{one[0]}") for n, one in enumerate([*PACKED, *more()])]
)
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


LINES = table_cases("readers_text_lines")


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


ESCAPES = table_cases("readers_text_escapes")


@pytest.mark.parametrize(("body", "expected"), ESCAPES)
def test_escaped_by(lake: Athena, body: str, expected: list[list[str | None]]) -> None:
    assert rows(lake, "a string, b string", body, CSV + " ESCAPED BY '\\\\'") == expected


def test_null_defined_as(lake: Athena) -> None:
    assert rows(lake, "a string, b string", "NA,\nx,NA\n", CSV + " NULL DEFINED AS 'NA'") == [[None, ""], ["x", None]]
    lake.ok("DROP TABLE t")
    assert rows(lake, "a string, b string", ",x\n", CSV + " NULL DEFINED AS ''") == [[None, "x"]]


def test_a_delimiter_inside_the_text_of_null(lake: Athena) -> None:
    row_format = "ROW FORMAT DELIMITED FIELDS TERMINATED BY 'N'"
    assert rows(lake, "a string, b string", "xNy\n\\N\n", row_format) == [["x", "y"], ["\\", ""]]


def test_a_table_without_columns_has_rows_to_count(lake: Athena) -> None:
    lake.put("t/f", "1,a\n2,b\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (n int) {CSV} LOCATION 's3://data/t/'")
    lake.services.glue.tables["db", "t"]["StorageDescriptor"]["Columns"] = []
    assert lake.ok("SELECT count(*) FROM t") == [["2"]]
    assert "SELECT * not allowed from relation that has no columns" in lake.fails("SELECT * FROM t")


def test_a_nul_is_a_character_of_a_text(lake: Athena) -> None:
    assert rows(lake, "a string, n int", "a\0b,2\n\0,3\nc,4\n") == [["a\0b", "2"], ["\0", "3"], ["c", "4"]]
    assert lake.ok("SELECT length(a), a = 'a' || chr(0) || 'b' FROM t WHERE n = 2") == [["3", "true"]]


def test_no_row_format_means_control_a(lake: Athena) -> None:
    assert rows(lake, "n int, s string", "1\x01a,b\n", "") == [["1", "a,b"]]


@pytest.mark.parametrize("mark", ["||", "¬"])
def test_a_delimiter_that_hive_cannot_have_is_refused(lake: Athena, mark: str) -> None:
    lake.put("t/f", f"1{mark}a\n")
    lake.ok(
        f"CREATE EXTERNAL TABLE t (n int, s string) ROW FORMAT DELIMITED FIELDS TERMINATED BY '{mark}' LOCATION 's3://data/t/'"
    )
    assert "delimiter" in lake.fails("SELECT * FROM t")


FORMATS = table_cases("readers_text_formats")


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
