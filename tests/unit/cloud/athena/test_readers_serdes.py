"""OpenCSV, JSON and Regex SerDes."""

from __future__ import annotations

from typing import Any

import pytest

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


QUOTED = [
    ('"a","b"\n', [["a", "b"]]), ('a,"b,c"\n', [["a", "b,c"]]), ('"a ""x""",b\n', [['a "x"', "b"]]), ('"a \\"x\\"",b\n', [['a "x"', "b"]]),
    ('"a\\\\b",c\n', [["a\\b", "c"]]), ("a\\b,c\n", [["ab", "c"]]), ('"",x\n', [["", "x"]]), (",x\n", [["", "x"]]), ("x\n", [["x", None]]),
    ("a,b,c\n", [["a", "b"]]), ('a, "b"\n', [["a", "b"]]), ("a, b\n", [["a", " b"]]), ('abc"d"e,x\n', [['abc"d"e', "x"]]),
    ('a,"b\nc,d\n', [["a", None], ["c", "d"]]), ("\n", [["", None]]), ("'a,b',c\n", [["'a", "b'"]]), ('"ñ","日本"\n', [["ñ", "日本"]]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), QUOTED)
def test_opencsv_cuts_lines(lake: Athena, body: str, expected: list[list[str | None]]) -> None:
    assert rows(lake, OPENCSV, "a string, b string", body) == expected


MARKS = [
    ("'separatorChar'=';'", '"a;b";c\n', [["a;b", "c"]]), ("'separatorChar'='\\t'", "a\tb\n", [["a", "b"]]), ("'separatorChar'='|'", 'x|"y|z"\n', [["x", "y|z"]]),
    ("'quoteChar'='\\''", "'a,b',c\n", [["a,b", "c"]]), ("'quoteChar'='`'", "`a,b`,c\n", [["a,b", "c"]]), ("'escapeChar'='^'", '"a^"b",c\n', [['a"b', "c"]]),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "body", "expected"), MARKS)
def test_opencsv_marks(lake: Athena, properties: str, body: str, expected: list[list[str | None]]) -> None:
    assert rows(lake, OPENCSV, "a string, b string", body, properties) == expected


OPENCSV_VALUES = [
    ("bigint", "5", "5"), ("int", "-7", "-7"), ("double", "1.5", "1.5"), ("boolean", "TRUE", "true"), ("boolean", "false", "false"),
    ("date", "18276", "2020-01-15"), ("timestamp", "1579059880000", "2020-01-15 03:44:40.000"), ("string", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "shown"), OPENCSV_VALUES)
def test_opencsv_converts_what_it_knows(lake: Athena, kind: str, text: str, shown: str) -> None:
    assert rows(lake, OPENCSV, f"a string, v {kind}", f'"x","{text}"\n') == [["x", shown]]


@pytest.mark.parametrize(("kind", "text"), [("bigint", ""), ("int", "x"), ("int", "1.5"), ("double", "a"), ("date", "2020-01-15"), ("timestamp", "2020-01-15 00:00:00")])  # fmt: skip
def test_opencsv_says_which_field_does_not_convert(lake: Athena, kind: str, text: str) -> None:
    table(lake, OPENCSV, f"a string, v {kind}", f'"x","{text}"\n')
    assert (
        lake.fails("SELECT v FROM t")
        == f"HIVE_BAD_DATA: Error parsing field value '{text}' for field 1: For input string: \"{text}\""
    )
    assert lake.ok("SELECT a FROM t") == [["x"]]


JSON = [
    ("n int", '{"n":1}\n', "1"), ("n int", '{"N":1}\n', "1"), ("n int", '{"n":"7"}\n', "7"), ("n int", '{"n":1.9}\n', "1"), ("n int", '{"n":null}\n', None), ("n int", "{}\n", None),
    ("n double", '{"n":1}\n', "1.0"), ("n double", '{"n":1e3}\n', "1000.0"), ("n decimal(5,2)", '{"n":1.005}\n', "1.01"), ("b boolean", '{"b":true}\n', "true"), ("b boolean", '{"b":"false"}\n', "false"),
    ("s string", '{"s":"ñ \\"q\\" \\n"}\n', 'ñ "q" \n'), ("s string", '{"s":5}\n', "5"), ("s string", '{"s":true}\n', "true"), ("s string", '{"s":{"a":[1,2]}}\n', '{"a":[1,2]}'),
    ("d date", '{"d":"2024-02-29"}\n', "2024-02-29"), ("t timestamp", '{"t":"2024-02-29 10:11:12.5"}\n', "2024-02-29 10:11:12.500"), ("t timestamp", '{"t":"2024-02-29T10:11:12"}\n', "2024-02-29 10:11:12.000"),
    ("a array<int>", '{"a":[1,null,3]}\n', "[1, null, 3]"), ("a array<int>", '{"a":[]}\n', "[]"), ("m map<string,int>", '{"m":{"x":1,"Y":2}}\n', "{x=1, Y=2}"),
    ("s struct<x:int,y:string>", '{"s":{"X":1}}\n', "{x=1, y=null}"), ("a array<struct<k:string,v:array<double>>>", '{"a":[{"k":"q","v":[1,2.5]}]}\n', "[{k=q, v=[1.0, 2.5]}]"),
    ("n bigint", '{"n":9223372036854775807}\n', "9223372036854775807"), ("`año` int", '{"Año":3}\n', "3"), ("m map<string,struct<x:int>>", '{"m":{"a":{"x":1}}}\n', "{a={x=1}}"),
]  # fmt: skip


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


def test_a_json_value_that_is_not_of_its_type(lake: Athena) -> None:
    table(lake, OPENX, "a int, b array<int>, c date", '{"a":"x","b":"y","c":"z"}\n')
    assert "HIVE_BAD_DATA: Error parsing field value 'x' for field 0" in lake.fails("SELECT a FROM t")
    assert "HIVE_BAD_DATA: Error parsing field value 'y' for field 1" in lake.fails("SELECT b FROM t")
    assert "HIVE_BAD_DATA: Error parsing field value 'z' for field 2" in lake.fails("SELECT c FROM t")


REGEXES = [
    ("^(\\\\S+) (\\\\d+)$", "abc 12\nno match here\n", [["abc", "12"], [None, None]]),
    ("(?!#)([^ ]+) +([^ ]+).*", "a 1 rest\n#x 2\n", [["a", "1"], [None, None]]),
    ("(\\\\w+)(?: (\\\\d+))?", "solo\n", [["solo", None]]),
    ("(?<name>[a-z]+) (\\\\d*)", "abc 5\n", [["abc", "5"]]),
    ("([\\\\p{Alpha}]+) ([0-9]{2})", "ab 12\n", [["ab", "12"]]),
]


@pytest.mark.parametrize(("pattern", "body", "expected"), REGEXES)
def test_regex_groups_are_columns(lake: Athena, pattern: str, body: str, expected: list[list[str | None]]) -> None:
    assert rows(lake, REGEX, "a string, n int", body, f"'input.regex'='{pattern}'") == expected


def test_regex_needs_a_group_for_each_column(lake: Athena) -> None:
    table(lake, REGEX, "a string, b string", "x\n", "'input.regex'='(.*)'")
    assert "HIVE_CURSOR_ERROR: Number of matching groups doesn't match the number of columns" in lake.fails(
        "SELECT a FROM t"
    )


REFUSED = [
    "com.amazonaws.glue.serde.GrokSerDe", "com.amazon.emr.hive.serde.CloudTrailSerde", "com.amazon.ionhiveserde.IonHiveSerDe",
    "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe", "org.apache.hive.hcatalog.data.CloudTrailLogSerde",
]  # fmt: skip


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
