"""Map, Filter and mapPartitions: what a function is given, may do and may return.

Sources: glue-runtime.md 4 (Map, Filter; DG aws-glue-api-crawler-pyspark-transforms-map.html, -filter.html), 5, and
glue-api.md 3 for DynamicRecord.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

# Seconds each; other modules of the folder show with every change that Spark starts and runs.
pytestmark = pytest.mark.slow


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def types(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.typeName() for field in frame.schema()}


@pytest.fixture
def table(glue_context: Any, spark: Any) -> Any:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.sql(
        "select 1L id, cast(12.50 as decimal(10,2)) price, timestamp'2024-05-01 10:30:00' at, date'2024-05-01' day, "
        "unhex('00ff') raw, struct(1 as x, struct('deep' as z) as y) s, array(struct(1 as p)) l, map('k', 2) m, true ok, "
        "cast(3 as smallint) small, cast(1.5 as float) f, cast(null as string) nothing"
    )
    return DynamicFrame.fromDF(df, glue_context)


def test_a_record_is_a_dict_with_attributes_and_python_values(table: Any) -> None:
    checks = {
        "key": lambda r: r["id"] == 1 and r.id == 1,
        "in": lambda r: "id" in r and "other" not in r,
        "get": lambda r: r.get("other", 7) == 7,
        "decimal": lambda r: r["price"] == Decimal("12.50"),
        "timestamp": lambda r: r["at"] == dt.datetime(2024, 5, 1, 10, 30),  # noqa: DTZ001 - as Spark shows it
        "date": lambda r: r["day"] == dt.date(2024, 5, 1),
        "binary": lambda r: r["raw"] == b"\x00\xff",
        "nested": lambda r: r["s"]["y"]["z"] == "deep" and r.s.x == 1,
        "list": lambda r: r["l"][0]["p"] == 1,
        "map": lambda r: r["m"] == {"k": 2},
        "boolean": lambda r: r["ok"] is True,
        "null": lambda r: r["nothing"] is None,
    }
    assert [name for name, check in checks.items() if table.filter(check).count() != 1] == []


def test_map_that_changes_nothing_keeps_values_and_types(table: Any) -> None:
    mapped = table.map(lambda record: record)
    expected = {**types(table), "nothing": "null"}  # no record has anything but a null there
    assert types(mapped) == expected
    assert rows(mapped) == rows(table)


def test_map_adds_values_of_every_kind(table: Any) -> None:
    def add(record: Any) -> Any:
        return {
            "text": "ñ", "whole": 2**40, "part": 0.5, "yes": False, "none": None, "raw": b"\x01", "day": dt.date(2024, 1, 2),
            "at": dt.datetime(2024, 1, 2, 3, 4, 5),  # noqa: DTZ001 - as Spark shows it
            "price": Decimal("0.001"), "list": [1, None, 3], "tuple": ("a", "b"),
            "dicts": [{"a": 1}, {"b": "x"}], "deep": {"one": {"two": [{"three": record["id"]}]}},
        }  # fmt: skip

    mapped = table.map(add)
    assert types(mapped) == {
        "text": "string", "whole": "long", "part": "double", "yes": "boolean", "none": "null", "raw": "binary", "day": "date",
        "at": "timestamp", "price": "decimal", "list": "array", "tuple": "array", "dicts": "array", "deep": "struct",
    }  # fmt: skip
    row = rows(mapped)[0]
    assert (row["text"], row["whole"], row["price"], row["at"].hour) == ("ñ", 2**40, Decimal("0.001"), 3)
    assert row["dicts"] == [{"a": 1, "b": None}, {"a": None, "b": "x"}]
    assert row["deep"] == {"one": {"two": [{"three": 1}]}}
    assert (row["list"], row["tuple"]) == ([1, None, 3], ["a", "b"])


def test_map_may_delete_rename_and_nest_records(table: Any) -> None:
    def change(record: Any) -> Any:
        del record["s"]
        record["Zip.Code"] = record.pop("id")
        record.extra = 5
        return {"inner": [record], "kept": record["Zip.Code"]}

    row = rows(table.map(change))[0]
    assert row["kept"] == 1
    assert (row["inner"][0]["Zip.Code"], row["inner"][0]["extra"]) == (1, 5)
    assert "s" not in row["inner"][0]


def test_keys_that_are_no_strings_become_strings(table: Any) -> None:
    assert rows(table.map(lambda r: {1: "a", "nested": {2: "b"}})) == [{"1": "a", "nested": {"2": "b"}}]


def test_numpy_and_pandas_values_are_values(table: Any) -> None:
    import numpy as np

    mapped = table.map(lambda r: {"n": np.int64(5), "x": np.float64(0.5), "l": np.array([1, 2])})
    assert rows(mapped) == [{"n": 5, "x": 0.5, "l": [1, 2]}]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "returned None instead of DynamicRecord"),
        ({}, "returned None instead of DynamicRecord"),
        ([1], "returned list instead of DynamicRecord"),
        ({"x": object}, "cannot hold a type"),
    ],
)
def test_a_result_that_is_no_record_makes_an_error_record(table: Any, result: Any, message: str) -> None:
    mapped = table.map(lambda r: result)
    assert (mapped.count(), mapped.errorsCount()) == (0, 1)
    assert message in rows(mapped.errorsAsDynamicFrame())[0]["error"]["msg"]


@pytest.mark.parametrize("error", [KeyError, ValueError, TypeError])
def test_filter_drops_records_on_the_three_errors(table: Any, error: type[Exception]) -> None:
    def predicate(record: Any) -> bool:
        raise error("x")

    kept = table.filter(predicate)
    assert (kept.count(), kept.errorsCount()) == (0, 0)


def test_a_predicate_cannot_change_the_records(frame: Any) -> None:
    def predicate(record: Any) -> bool:
        record["id"] = 99
        record["s"]["x"] = 99
        return True

    assert rows(frame('{"id": 1, "s": {"x": 1}}').filter(predicate)) == [{"id": 1, "s": {"x": 1}}]


def test_functions_over_names_with_dots(frame: Any) -> None:
    made = frame('{"a": {"b": 1}, "c": 2}').unnest()
    assert rows(made.filter(lambda r: r["a.b"] == 1)) == [{"a.b": 1, "c": 2}]
    assert rows(made.map(lambda r: {**r, "d": r["a.b"] + 1})) == [{"a.b": 1, "c": 2, "d": 2}]


def test_integers_keep_the_width_of_their_column_unless_they_outgrow_it(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.sql("select 1L big, 1 normal, cast(1 as smallint) small"), glue_context)
    assert types(made.map(lambda r: r)) == {"big": "long", "normal": "int", "small": "short"}
    grown = made.map(lambda r: {**r, "normal": 2**35, "small": 40_000})
    assert types(grown) == {"big": "long", "normal": "long", "small": "int"}


def test_a_decimal_that_outgrows_its_column_widens_it(table: Any) -> None:
    grown = table.map(lambda r: {"price": r["price"] / 8})
    assert rows(grown) == [{"price": Decimal("1.5625")}]


def test_map_of_mixed_results_makes_a_choice(frame: Any) -> None:
    mapped = frame('{"id": 1}', '{"id": 2}').map(lambda r: {"v": r["id"] if r["id"] == 1 else "two"})
    assert types(mapped) == {"v": "choice"}
    assert [(row["v"]["int"], row["v"]["string"]) for row in rows(mapped)] == [(1, None), (None, "two")]


def test_functions_see_the_value_of_a_choice_itself(frame: Any) -> None:
    made = frame('{"v": 1}', '{"v": "x"}', '{"v": {"a": 1}}')
    assert [row["t"] for row in rows(made.map(lambda r: {"t": type(r["v"]).__name__}))] == [
        "int",
        "str",
        "DynamicRecord",
    ]


def test_map_partitions_gets_an_iterator_of_records(table: Any, glue_context: Any, spark: Any) -> None:
    """glue-api.md: mapPartitions(f, preservesPartitioning=True, ...)."""
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.range(0, 10, 1, 2), glue_context)

    def total(records: Any) -> Any:
        yield {"sum": sum(record.id for record in records)}

    assert sorted(row["sum"] for row in rows(made.mapPartitions(total))) == [10, 35]
    lists = made.mapPartitions(lambda records: [record for record in records if record["id"] > 7])
    assert sorted(row["id"] for row in rows(lists)) == [8, 9]


def test_map_partitions_with_index_is_given_the_number_of_the_partition(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.range(0, 4, 1, 2), glue_context)
    numbered = made.mapPartitionsWithIndex(lambda index, records: ({"id": r.id, "part": index} for r in records))
    assert sorted((row["id"], row["part"]) for row in rows(numbered)) == [(0, 0), (1, 0), (2, 1), (3, 1)]


def test_map_partitions_sees_a_whole_partition_and_not_a_batch(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.range(0, 25_000, 1, 1), glue_context)
    counted = made.mapPartitions(lambda records: [{"count": sum(1 for _ in records)}])
    assert rows(counted) == [{"count": 25_000}]


def test_a_partition_whose_function_raises_loses_no_record_silently(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.range(0, 6, 1, 1), glue_context)

    def broken(records: Any) -> Any:
        for record in records:
            if record.id == 2:
                raise RuntimeError("two")
            yield record

    kept = made.mapPartitions(broken)
    assert sorted(row["id"] for row in rows(kept)) == [0, 1]
    assert kept.errorsCount() == 4
    errors = {row["error"]["dynamicRecord"]["id"]: row["error"]["msg"] for row in rows(kept.errorsAsDynamicFrame())}
    assert errors[2] == "RuntimeError: two"
    assert all("Not processed" in errors[number] for number in (3, 4, 5))


def test_what_map_partitions_yields_must_be_records(frame: Any) -> None:
    kept = frame('{"id": 1}', '{"id": 2}').mapPartitions(lambda records: [1, None, {"ok": 1}])
    assert (rows(kept), kept.errorsCount()) == ([{"ok": 1}], 2)


def test_a_function_must_be_one(frame: Any) -> None:
    made = frame('{"id": 1}')
    for method in (made.map, made.filter, made.mapPartitions, made.mapPartitionsWithIndex):
        with pytest.raises(TypeError, match="f: a function of a record; got str 'x'"):
            method("x")


def test_a_dynamic_record_is_a_dict_whose_keys_are_attributes(runtime_on_path: None) -> None:
    """glue-api.md 3: direct dict children are records too; dicts in lists stay dicts; a missing attribute is a KeyError."""
    from awsglue.gluetypes import DynamicRecord, _create_dynamic_record, _revert_to_dict

    record = _create_dynamic_record({"a": {"b": 1}, "l": [{"c": 2}]})
    assert record.a.b == 1
    assert type(record.l[0]) is dict
    with pytest.raises(KeyError):
        _ = record.missing
    record.new = 3
    assert record["new"] == 3
    assert isinstance(record, DynamicRecord)
    assert type(_revert_to_dict(record)["a"]) is dict
    assert json.dumps(record) == '{"a": {"b": 1}, "l": [{"c": 2}], "new": 3}'


def test_a_chain_of_functions_keeps_the_width_of_the_columns(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.sql("select 1L id, 5000000000L big, cast(1 as smallint) small"), glue_context)
    first = made.map(lambda r: {**r, "new": r["id"]}).filter(lambda r: True)
    second = first.map(lambda r: {**r, "big": 7})
    assert types(second) == {"id": "long", "big": "long", "small": "short", "new": "int"}


def test_new_integers_of_both_sizes_are_long_and_no_choice(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.range(2), glue_context).map(lambda r: {**r, "ms": r["id"] * 10**12})
    assert types(made.map(lambda r: r).map(lambda r: r)) == {"id": "long", "ms": "long"}
