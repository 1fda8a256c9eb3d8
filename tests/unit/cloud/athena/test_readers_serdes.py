"""OpenCSV, JSON and Regex SerDes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.cloud.athena.cases_of_tables import table_cases
from tests.unit.cloud.athena.fakes import Athena

OPENX = "org.openx.data.jsonserde.JsonSerDe"
HCATALOG = "org.apache.hive.hcatalog.data.JsonSerDe"
OPENCSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
REGEX = "org.apache.hadoop.hive.serde2.RegexSerDe"


def table(lake: Athena, serde: str, columns: str, body: bytes | str, properties: str = "", key: str = "t/f") -> None:
    """A table of one file."""
    lake.put(key, body)
    given = f" WITH SERDEPROPERTIES ({properties})" if properties else ""
    lake.ok(f"CREATE EXTERNAL TABLE t ({columns}) ROW FORMAT SERDE '{serde}'{given} LOCATION 's3://data/t/'")


def rows(lake: Athena, *given: Any, **more: Any) -> list[list[str | None]]:
    table(lake, *given, **more)
    return lake.ok("SELECT * FROM t")


def test_a_json_key_without_a_name(lake: Athena) -> None:
    table(lake, OPENX, "a int", '{"": "x", "a": 1}\n')
    columns = lake.services.glue.tables["db", "t"]["StorageDescriptor"]["Columns"]
    columns.insert(0, {"Name": "", "Type": "string"})
    assert lake.ok("SELECT * FROM t") == [["x", "1"]]


def test_json_of_many_columns_is_parsed_once(lake: Athena) -> None:
    """A thousand columns of two hundred lines took five gigabytes."""
    columns = ", ".join(f"c{i} {'string' if i % 2 else 'int'}" for i in range(400))
    line = ", ".join(f'"C{i}": {i}' for i in range(400) if i != 7)
    shown = [str(i) if i != 7 else None for i in range(400)]
    assert rows(lake, OPENX, columns, f"{{{line}}}\n" * 200) == [shown] * 200


QUOTED = table_cases("readers_serdes_quoted")


@pytest.mark.parametrize(("body", "expected"), QUOTED)
def test_opencsv_cuts_lines(lake: Athena, body: str, expected: list[list[str | None]]) -> None:
    assert rows(lake, OPENCSV, "a string, b string", body) == expected


MARKS = table_cases("readers_serdes_marks")


@pytest.mark.parametrize(("properties", "body", "expected"), MARKS)
def test_opencsv_marks(lake: Athena, properties: str, body: str, expected: list[list[str | None]]) -> None:
    assert rows(lake, OPENCSV, "a string, b string", body, properties) == expected


OPENCSV_VALUES = table_cases("readers_serdes_opencsv_values")


@pytest.mark.parametrize(("kind", "text", "shown"), OPENCSV_VALUES)
def test_opencsv_converts_what_it_knows(lake: Athena, kind: str, text: str, shown: str) -> None:
    assert rows(lake, OPENCSV, f"a string, v {kind}", f'"x","{text}"\n') == [["x", shown]]


@pytest.mark.parametrize(("kind", "text"), [("bigint", ""), ("int", "x"), ("int", "1.5"), ("double", "a"), ("date", "2020-01-15"), ("timestamp", "2020-01-15 00:00:00")])  # fmt: skip  # noqa: E501
def test_opencsv_says_which_field_does_not_convert(lake: Athena, kind: str, text: str) -> None:
    table(lake, OPENCSV, f"a string, v {kind}", f'"x","{text}"\n')
    assert (
        lake.fails("SELECT v FROM t")
        == f"HIVE_BAD_DATA: Error parsing field value '{text}' for field 1: For input string: \"{text}\""
    )
    assert lake.ok("SELECT a FROM t") == [["x"]]


JSON = table_cases("readers_serdes_json")


@pytest.mark.parametrize("serde", [OPENX, HCATALOG])
@pytest.mark.parametrize(("columns", "body", "shown"), JSON)
def test_json_values(lake: Athena, serde: str, columns: str, body: str, shown: str | None) -> None:
    assert rows(lake, serde, columns, body) == [[shown]]


def test_a_key_that_comes_late_and_in_another_spelling_is_found(lake: Athena) -> None:
    body = '{"a":1}\n' * 25_000 + '{"a":2,"LATE":5}\n'
    table(lake, OPENX, "a int, late int", body)
    assert lake.ok("SELECT late FROM t WHERE a = 2") == [["5"]]


def test_openx_mappings(lake: Athena) -> None:
    properties = "'mapping.ts'='timestamp', 'mapping.id'='_ID'"
    assert rows(lake, OPENX, "ts string, id int", '{"timestamp":"x","_id":4}\n', properties) == [["x", "4"]]


def test_openx_dots_in_keys(lake: Athena) -> None:
    assert rows(lake, OPENX, "a_b int", '{"a.b":4}\n', "'dots.in.keys'='true'") == [["4"]]
    lake.ok("ALTER TABLE t SET TBLPROPERTIES ('x'='y')")


def test_openx_case_sensitive(lake: Athena) -> None:
    properties = "'case.insensitive'='false', 'mapping.url2'='URL'"
    assert rows(lake, OPENX, "url int, url2 int", '{"url":1,"URL":2}\n', properties) == [["1", "2"]]


def test_openx_keys_that_differ_only_by_case_are_a_duplicate(lake: Athena) -> None:
    table(lake, OPENX, "url int", '{"url":1,"URL":2}\n')
    assert 'HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: Duplicate key "url"' in lake.fails(
        "SELECT url FROM t"
    )


@pytest.mark.parametrize("line", ["nope", "[1]", '{"a":1', "5", '{"a":1} trailing'])
def test_a_line_that_is_no_object_is_an_error_or_a_row_of_nulls(lake: Athena, line: str) -> None:
    table(lake, OPENX, "a int", f'{{"a":1}}\n{line}\n')
    assert "HIVE_CURSOR_ERROR: Row is not a valid JSON Object" in lake.fails("SELECT a FROM t")
    lake.ok("DROP TABLE t")
    assert rows(lake, OPENX, "a int", f'{{"a":1}}\n{line}\n', "'ignore.malformed.json'='true'") == [["1"], [None]]


def test_opencsv_has_no_line_breaks_in_a_value(lake: Athena) -> None:
    # https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html: they are not supported; what is open at the end of its line is lost.
    body = '"a","b",1\n"multi\nline",x,2\nz,"y\n'
    assert rows(lake, "org.apache.hadoop.hive.serde2.OpenCSVSerde", "a string, b string, c string", body) == [
        ["a", "b", "1"],
        [None, None, None],
        [None, None, None],
        ["z", None, None],
    ]


def test_a_table_that_nobody_gave_a_format(lake: Athena) -> None:
    lake.put("t/a.csv", "1\n")
    storage = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://data/t/"}
    lake.services.glue.tables["db", "t"] = {"DatabaseName": "db", "Name": "t", "StorageDescriptor": storage}
    assert lake.fails("SELECT a FROM t") == "HIVE_UNSUPPORTED_FORMAT: Unable to create input format"


def test_json_numbers_that_are_none(lake: Athena) -> None:
    body = '{"a":"NaN","b":"NaN"}\n{"a":"Infinity","b":"-Infinity"}\n{"a":null,"b":""}\n{"a":1e3,"b":1.5}\n'
    expected = [["NaN", "NaN"], ["Infinity", "-Infinity"], [None, None], ["1000.0", "1.5"]]
    assert rows(lake, OPENX, "a double, b float", body) == expected


def test_a_json_value_that_is_not_of_its_type(lake: Athena) -> None:
    table(lake, OPENX, "a int, b array<int>, c date", '{"a":"x","b":"y","c":"z"}\n')
    assert "HIVE_BAD_DATA: Error parsing field value 'x' for field 0" in lake.fails("SELECT a FROM t")
    assert "HIVE_BAD_DATA: Error parsing field value 'y' for field 1" in lake.fails("SELECT b FROM t")
    assert "HIVE_BAD_DATA: Error parsing field value 'z' for field 2" in lake.fails("SELECT c FROM t")


REGEXES = table_cases("readers_serdes_regexes")


@pytest.mark.parametrize(("pattern", "body", "expected"), REGEXES)
def test_regex_groups_are_columns(lake: Athena, pattern: str, body: str, expected: list[list[str | None]]) -> None:
    assert rows(lake, REGEX, "a string, n int", body, f"'input.regex'='{pattern}'") == expected


def test_regex_needs_a_group_for_each_column(lake: Athena) -> None:
    table(lake, REGEX, "a string, b string", "x\n", "'input.regex'='(.*)'")
    assert "HIVE_CURSOR_ERROR: Number of matching groups doesn't match the number of columns" in lake.fails(
        "SELECT a FROM t"
    )


REFUSED = table_cases("readers_serdes_refused")


@pytest.mark.parametrize("serde", REFUSED)
def test_a_serde_that_cannot_be_read_is_refused_by_name(lake: Athena, serde: str) -> None:
    table(lake, serde, "a string", "x\n")
    assert f"NOT_SUPPORTED: the SerDe {serde}" in lake.fails("SELECT a FROM t")


@pytest.mark.parametrize("stored", ["SEQUENCEFILE", "RCFILE", "ION"])
def test_a_format_that_cannot_be_read_is_refused_by_name(lake: Athena, stored: str) -> None:
    lake.put("t/f", "x\n")
    lake.ok(f"CREATE EXTERNAL TABLE t (a string) STORED AS {stored} LOCATION 's3://data/t/'")
    assert "NOT_SUPPORTED: the" in lake.fails("SELECT a FROM t")


def test_a_serde_that_nobody_knows_makes_no_table(lake: Athena) -> None:
    assert "Cannot validate serde: com.nada.Serde" in lake.fails(
        "CREATE EXTERNAL TABLE t (a string) ROW FORMAT SERDE 'com.nada.Serde' LOCATION 's3://data/t/'"
    )
