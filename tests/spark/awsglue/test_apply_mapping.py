"""ApplyMapping, and its DataFrame twin.

Sources: glue-runtime.md 4 (DG aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html#...apply_mapping; Glue Studio
scripts) and glue-api.md 3.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def types(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.typeName() for field in frame.schema()}


@pytest.fixture
def text(glue_context: Any, spark: Any) -> Any:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.sql("select '2024-02-03' day, '2024-02-03 04:05:06' at, '12.345' price, 'true' yes, 'x' word, '7' n")
    return DynamicFrame.fromDF(df, glue_context)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("day", "date", dt.date(2024, 2, 3)),
        ("at", "timestamp", dt.datetime(2024, 2, 3, 4, 5, 6)),  # noqa: DTZ001
        ("price", "decimal(10,2)", Decimal("12.35")),
        ("price", "decimal", Decimal("12.35")),
        ("price", "double", 12.345),
        ("price", "float", pytest.approx(12.345, rel=1e-6)),
        ("yes", "boolean", True),
        ("n", "int", 7), ("n", "bigint", 7), ("n", "Long", 7), ("n", "tinyint", 7), ("n", "smallint", 7), ("n", "SHORT", 7),
        ("n", "String", "7"), ("n", "binary", b"7"), ("n", "array<int>", None), ("n", "struct<a:int>", None),
        ("word", "int", None), ("word", "date", None), ("word", "timestamp", None), ("word", "decimal(5,1)", None),
        ("word", "boolean", None),
    ],
)  # fmt: skip
def test_text_becomes_the_target_type_or_null(text: Any, source: str, target: str, expected: Any) -> None:
    """Type names in any case, Glue's and Hive's; a value that does not convert is null."""
    assert rows(text.apply_mapping([(source, "string", "x", target)])) == [{"x": expected}]


@pytest.mark.parametrize(
    ("source", "target"), [("int", "date"), ("boolean", "date"), ("binary", "int"), ("double", "binary")]
)
def test_types_that_spark_never_casts_give_null_and_no_failed_job(
    glue_context: Any, spark: Any, source: str, target: str
) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.sql(f"select cast(null as {source}) v"), glue_context)
    assert rows(made.apply_mapping([("v", source, "v", target)])) == [{"v": None}]


@pytest.mark.slow
def test_the_declared_source_type_is_not_what_decides(frame: Any) -> None:
    """The orchestrator's script declares string for boolean columns: the value is cast to the target all the same."""
    assert rows(
        frame('{"b": true}').apply_mapping([("b", "string", "b", "boolean"), ("b", "string", "t", "string")])
    ) == [{"b": True, "t": "true"}]


def test_an_unknown_target_type_lists_the_types(text: Any) -> None:
    with pytest.raises(ValueError, match=r"Unknown type 'wat'.*bigint.*string"):
        text.apply_mapping([("day", "string", "day", "wat")])


def test_names_are_found_in_any_case_and_exactly_first(frame: Any) -> None:
    made = frame('{"Id": 1, "Address": {"State": "CA"}}')
    assert rows(made.apply_mapping([("ID", "int", "id", "int"), ("address.STATE", "string", "state", "string")])) == [
        {"id": 1, "state": "CA"}
    ]
    assert types(made.apply_mapping([("ID", "int", "id", "int")], case_sensitive=True)) == {}


def test_dots_nest_and_unnest_and_backticks_quote_them_on_both_sides(frame: Any) -> None:
    made = frame('{"a.b": 1, "c": {"d.e": 2}, "(right) f": 3}')
    mapped = made.apply_mapping(
        [("`a.b`", "int", "x.y", "int"), ("c.`d.e`", "int", "x.`z.w`", "int"), ("`(right) f`", "int", "`(f).g`", "int")]
    )
    assert rows(mapped) == [{"x": {"y": 1, "z.w": 2}, "(f).g": 3}]


def test_structs_arrays_and_maps_keep_or_change_their_inside(frame: Any) -> None:
    made = frame('{"s": {"a": 1, "b": "x"}, "l": [1, 2], "m": {"k": 5}, "deep": [{"n": 1}]}')
    kept = made.apply_mapping(
        [("s", "struct", "s", "struct"), ("l", "array", "l", "array"), ("deep", "array", "deep", "array")]
    )
    assert rows(kept) == [{"s": {"a": 1, "b": "x"}, "l": [1, 2], "deep": [{"n": 1}]}]
    changed = made.apply_mapping(
        [
            ("s", "struct", "s", "struct<b:string,a:string,c:int>"),
            ("l", "array", "l", "array<string>"),
            ("m", "struct", "m", "map<string,bigint>"),
            ("deep", "array", "deep", "array<struct<n:double>>"),
            ("s", "struct", "text", "string"),
        ]
    )
    assert rows(changed) == [
        {
            "s": {"b": "x", "a": "1", "c": None},
            "l": ["1", "2"],
            "m": {"k": 5},
            "deep": [{"n": 1.0}],
            "text": '{"a":1,"b":"x"}',
        }
    ]


@pytest.mark.slow
def test_a_choice_is_cast_and_stays_a_choice_when_not_named_otherwise(frame: Any) -> None:
    made = frame('{"v": 1}', '{"v": "a"}', '{"v": "3"}')
    assert [row["v"] for row in rows(made.apply_mapping([("v", "choice", "v", "int")]))] == [1, None, 3]
    assert types(made.apply_mapping([("v", "choice", "v", "choice")])) == {"v": "choice"}
    assert types(made.apply_mapping([("v", "w")])) == {"w": "choice"}


def test_fields_inside_arrays_cannot_be_mapped(frame: Any) -> None:
    assert types(frame('{"l": [{"a": 1}], "b": 1}').apply_mapping([("l.a", "int", "a", "int"), ("b", "b")])) == {
        "b": "int"
    }


def test_one_source_may_feed_two_targets_and_the_last_of_two_sources_wins(frame: Any) -> None:
    made = frame('{"a": 1, "b": 2}')
    assert rows(made.apply_mapping([("a", "x"), ("a", "y"), ("b", "x")])) == [{"x": 2, "y": 1}]


def test_a_target_is_a_value_or_a_struct_and_not_both(frame: Any) -> None:
    with pytest.raises(ValueError, match="target 'x' is a value in one mapping and a struct"):
        frame('{"a": 1, "b": 2}').apply_mapping([("a", "x"), ("b", "x.y")])


@pytest.mark.parametrize(
    ("mappings", "error"),
    [
        ([], ValueError), ([("a",)], ValueError), ([["a", "b"]], TypeError), (["a"], TypeError), ([(1, "b")], TypeError),
        ([("a", "")], ValueError),
    ],
)  # fmt: skip
def test_mappings_are_tuples_of_strings(frame: Any, mappings: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"mapping|path"):
        frame('{"a": 1}').apply_mapping(mappings)


def test_three_parts_and_a_frame_as_first_argument(frame: Any) -> None:
    made = frame('{"a": 1}')
    assert rows(made.applyMapping(made, [("a", "b", "string")])) == [{"b": "1"}]


def test_decimals_keep_their_precision_unless_told(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.sql("select cast(123456789.1234 as decimal(18,4)) d"), glue_context)
    assert rows(made.apply_mapping([("d", "decimal", "d", "decimal")])) == [{"d": Decimal("123456789.1234")}]
    assert rows(made.apply_mapping([("d", "decimal", "d", "decimal(12,1)")])) == [{"d": Decimal("123456789.1")}]


def test_the_twin_for_dataframes(spark: Any) -> None:
    """glue-api.md: awsglue.dataframe_transforms.ApplyMapping.apply(frame, mappings)."""
    from awsglue import dataframe_transforms

    df = spark.sql("select 1 a, struct('x' as b) s")
    mapped = dataframe_transforms.ApplyMapping.apply(
        df, [("a", "int", "n", "string"), ("s.b", "string", "b", "string")]
    )
    assert [row.asDict() for row in mapped.collect()] == [{"n": "1", "b": "x"}]
    assert dataframe_transforms.__all__ == ["ApplyMapping"]
    assert [one["name"] for one in dataframe_transforms.ApplyMapping.describeArgs()] == ["frame", "mappings"]
