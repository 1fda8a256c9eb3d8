"""JSON. Sources: DG aws-glue-programming-etl-format-json-home.html; aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
(errorsAsDynamicFrame example); glue-runtime.md sections 1, 2 and 5."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest


def types(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.typeName() for field in frame.schema()}


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


@pytest.mark.slow
def test_the_example_of_a_cut_line(frame: Any) -> None:
    made = frame('{"id": 1, "name": "a"}', '{"id": 2, "name": "b', '{"id": 3, "name": "c"}', '{"id": 4, "name": "d"}')
    assert [row["id"] for row in rows(made)] == [1, 4]
    assert made.errorsCount() == 1
    error = rows(made.errorsAsDynamicFrame())[0]["error"]
    assert {"callsite", "msg", "stackTrace", "input", "bytesread", "source", "dynamicRecord"} <= set(error)
    assert '"id": 2' in error["input"]


@pytest.mark.slow
def test_when_every_line_is_bad(frame: Any) -> None:
    made = frame("no json", "{bad}", "[1, 2")
    assert made.count() == 0
    assert made.errorsCount() >= 2
    assert rows(made) == []


def test_scalars_are_no_records(frame: Any) -> None:
    made = frame("1", '"text"', '{"a": 1}')
    assert rows(made) == [{"a": 1}]
    assert made.errorsCount() == 2


def test_mixed_types_are_a_choice(frame: Any) -> None:
    made = frame('{"v": 1}', '{"v": "x"}', '{"v": 2.5}', '{"v": true}', '{"v": {"k": 1}}', '{"v": [1]}', '{"v": null}')
    assert sorted(made.schema().getField("v").dataType.choices) == [
        "array",
        "boolean",
        "double",
        "int",
        "string",
        "struct",
    ]
    found = [{name: part for name, part in row["v"].items() if part is not None} for row in rows(made) if row["v"]]
    assert found == [
        {"int": 1},
        {"string": "x"},
        {"double": 2.5},
        {"boolean": True},
        {"struct": {"k": 1}},
        {"array": [1]},
    ]


def test_integers_by_size(frame: Any) -> None:
    made = frame(
        '{"i": 1, "l": 3000000000, "d": 12345678901234567890}',
        '{"i": -2147483648, "l": -3000000000, "d": 98765432109876543210}',
    )
    assert types(made) == {"i": "int", "l": "long", "d": "decimal"}
    assert rows(made)[0] == {"i": 1, "l": 3000000000, "d": Decimal(12345678901234567890)}


def test_more_digits_than_a_decimal_holds_make_a_double(frame: Any) -> None:
    made = frame('{"n": ' + "9" * 40 + "}")
    assert types(made) == {"n": "double"}
    assert rows(made) == [{"n": 1e40}]


def test_unicode_escapes_and_characters_that_are_no_line_ends(frame: Any) -> None:
    made = frame(
        '{"a": "\\u00f1 \\ud83d\\ude00", "b": "x\u2028y\u0085z"}',
        '{"a": "half \\ud800", "b": "z", "c": 1}',
        '{"c": "x"}',
    )
    found = [{name: row[name] for name in ("a", "b")} for row in rows(made)]
    assert found[:2] == [{"a": "ñ 😀", "b": "x\u2028y\u0085z"}, {"a": "half \ufffd", "b": "z"}]
    assert made.errorsCount() == 0


def test_not_a_number_is_a_double(frame: Any) -> None:
    made = frame('{"v": NaN}', '{"v": 1.5}', '{"v": -Infinity}')
    assert types(made) == {"v": "double"}
    assert [str(row["v"]) for row in rows(made)] == ["nan", "1.5", "-inf"]


def test_the_last_of_repeated_keys_wins(frame: Any) -> None:
    assert rows(frame('{"a": 1, "a": 2}')) == [{"a": 2}]


def test_deep_nesting(frame: Any) -> None:
    deep = '{"k": ' * 60 + "1" + "}" * 60
    found: Any = rows(frame(deep))[0]
    for _ in range(60):
        found = found["k"]
    assert found == 1


def test_nesting_beyond_reason_is_an_error_record(frame: Any) -> None:
    made = frame("[" * 100_000 + "]" * 100_000, '{"a": 1}')
    assert rows(made) == [{"a": 1}]
    assert made.errorsCount() == 1


def test_a_top_level_array_on_a_line(frame: Any) -> None:
    assert rows(frame('[{"a": 1}, {"a": 2}]', '{"a": 3}')) == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_multi_line_records_and_a_top_level_array(frame: Any) -> None:
    assert rows(frame("[", ' {"a": 1},', ' {"a":', "  2}", "]", multiLine=True)) == [{"a": 1}, {"a": 2}]
    assert rows(frame('{"a":', "1}", '{"a": 2}', multiline="true")) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.items[*]", [{"a": 1}, {"a": 2}]),
        ("$.items", [{"a": 1}, {"a": 2}]),
        ("$.items[1]", [{"a": 2}]),
        ("$.más.ítem", [{"a": 3}]),
        ("$['más']['ítem']", [{"a": 3}]),
        ("items[*]", [{"a": 1}, {"a": 2}]),
        ("$.nothing", []),
    ],
)
def test_json_path_selects_records(frame: Any, path: str, expected: list[Any]) -> None:
    text = json.dumps({"items": [{"a": 1}, {"a": 2}], "más": {"ítem": {"a": 3}}}, ensure_ascii=False)
    assert rows(frame(text, jsonPath=path)) == expected


def test_a_json_path_that_is_not_understood_is_refused(frame: Any) -> None:
    with pytest.raises(NotImplementedError, match=r"jsonPath .*\?\(@"):
        frame("{}", jsonPath="$.items[?(@.a > 1)]")


def test_empty_files_and_empty_lines(glue_context: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("")
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\r\n{"a": 2}\r\n')
    made = glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path)]}, "json")
    assert rows(made) == [{"a": 1}, {"a": 2}]
    assert made.errorsCount() == 0


@pytest.mark.slow
def test_gzip_without_an_extension(glue_context: Any, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(gzip.compress(b'{"a": 1}\n{"a": "x"}\n'))
    options = {"paths": [str(tmp_path)], "compressionType": "gzip"}
    made = glue_context.create_dynamic_frame.from_options("s3", options, "json")
    assert types(made) == {"a": "choice"}
    assert made.count() == 2


def test_names_keep_the_spelling_of_the_file(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"serialNumber": "x", "n": 1}\n')
    catalog.add_table("t", str(tmp_path), [("serialnumber", "string"), ("n", "bigint")], "json")
    made = glue_context.create_dynamic_frame.from_catalog("db", "t")
    assert types(made) == {"serialNumber": "string", "n": "int"}


@pytest.mark.slow
def test_partition_values_are_fields_of_choice_records_too(glue_context: Any, catalog: Any, tmp_path: Path) -> None:
    for day, text in (("1", '{"v": 1}\n'), ("2", '{"v": "x"}\n')):
        (tmp_path / f"day={day}").mkdir()
        (tmp_path / f"day={day}" / "a.json").write_text(text)
        catalog.add_partition("t", [day], f"{tmp_path}/day={day}")
    catalog.add_table("t", str(tmp_path), [("v", "string")], "json", [("day", "int")])
    made = glue_context.create_dynamic_frame.from_catalog("db", "t")
    assert [(row["v"]["int"], row["v"]["string"], row["day"]) for row in sorted(rows(made), key=lambda row: row["day"])] == [
        (1, None, 1), (None, "x", 2),
    ]  # fmt: skip
    assert made.filter(lambda record: record["day"] == 2).count() == 1


@pytest.mark.slow
def test_a_schema_is_found_in_one_pass(glue_context: Any, tmp_path: Path, spark: Any) -> None:
    """issue 3, Numbers: JSON type inference with choices takes one pass."""
    line = '{"id": %d, "text": "' + "x" * 90 + '"}\n'
    (tmp_path / "a.json").write_text("".join(line % number for number in range(45_000)) + '{"id": "last"}\n')
    spark.sparkContext.setJobGroup("inference", "")
    made = glue_context.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path)]}, "json")
    made.toDF()
    jobs = spark.sparkContext.statusTracker().getJobIdsForGroup("inference")
    spark.sparkContext.setLocalProperty("spark.jobGroup.id", None)
    assert len(jobs) <= 2  # one query; adaptive execution runs its two stages as jobs
    assert types(made) == {"id": "choice", "text": "string"}
