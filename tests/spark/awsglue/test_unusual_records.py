"""Frames and values off the beaten path: no records, no fields, nulls only, huge numbers, other time zones, ANSI mode.

Sources: glue-runtime.md 1 and 4; issue 3, "Bad input" and 7 (ANSI mode in Glue 6.0).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


@pytest.fixture
def sql(glue_context: Any, spark: Any) -> Any:
    from awsglue.dynamicframe import DynamicFrame

    return lambda text: DynamicFrame.fromDF(spark.sql(text), glue_context)


@pytest.fixture
def empty(glue_context: Any) -> Any:
    from awsglue.dynamicframe import DynamicFrameCollection

    return DynamicFrameCollection({}, glue_context).select("nothing")


def test_a_frame_without_records_passes_through_every_step(
    empty: Any, frame: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    one = frame('{"a": 1}')
    assert (empty.count(), rows(empty), list(empty.schema())) == (0, [], [])
    for made in (
        empty.map(lambda r: r), empty.filter(lambda r: True), empty.select_fields(["a"]), empty.drop_fields(["a"]), empty.unnest(),
        empty.apply_mapping([("a", "b")]), empty.resolveChoice(choice="make_cols"), empty.rename_field("a", "b"), empty.unbox("a", "json"),
        empty.mapPartitions(lambda records: records), empty.coalesce(1), empty.relationalize("r", "x")["r"],
    ):  # fmt: skip
        assert (made.count(), made.errorsCount()) == (0, 0)
    assert rows(empty.union(one)) == rows(one.union(empty)) == [{"a": 1}]
    empty.show()
    empty.printSchema()
    assert capsys.readouterr().out == "root\n\n"


def test_records_without_fields_are_records(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    bare = frame('{"a": 1}', '{"a": 2}').drop_fields(["a"])
    assert (bare.count(), bare.filter(lambda r: not r).count()) == (2, 2)
    assert rows(bare.map(lambda r: {"n": len(r)})) == [{"n": 0}, {"n": 0}]
    bare.show()
    assert capsys.readouterr().out == "{}\n{}\n"
    assert [row["n"] for row in rows(frame("{}", '{"a": 1}').map(lambda r: {"n": len(r)}))] == [0, 1]


def test_structs_without_fields(frame: Any) -> None:
    made = frame('{"s": {}, "a": 1}')
    assert rows(made.select_fields(["s"]).map(lambda r: r)) == [{"s": {}}]
    assert rows(made.select_fields(["s"]).filter(lambda r: r["s"] == {})) == [{"s": {}}]
    assert rows(made.unnest()) == [{"a": 1}]


def test_nothing_but_nulls(sql: Any) -> None:
    made = sql("select null a, array() b, struct(null as c) d")
    expected = [{"a": None, "b": [], "d": {"c": None}}]
    assert rows(made.filter(lambda r: r["a"] is None)) == expected
    assert rows(made.map(lambda r: r)) == expected


def test_a_filter_that_keeps_nothing_keeps_the_columns(sql: Any) -> None:
    kept = sql("select 1 a, map(1, 'x') m, cast('v' as varchar(3)) v").filter(lambda r: False)
    assert kept.toDF().dtypes == [("a", "int"), ("m", "map<int,string>"), ("v", "string")]
    assert kept.count() == 0


def test_maps_with_keys_that_are_no_text(sql: Any) -> None:
    assert rows(sql("select map(1, 'a') m").map(lambda r: r)) == [{"m": {"1": "a"}}]


def test_numbers_that_no_type_holds_make_error_records(frame: Any) -> None:
    made = frame('{"id": 1}', '{"id": 2}', '{"id": 3}')
    values = {1: 10**45, 2: Decimal("NaN"), 3: 10**30}
    mapped = made.map(lambda r: {"v": values[r["id"]]})
    assert (rows(mapped), mapped.errorsCount()) == ([{"v": Decimal(10**30)}], 2)
    messages = [row["error"]["msg"] for row in rows(mapped.errorsAsDynamicFrame())]
    assert any("more than 38 digits" in message for message in messages)


def test_not_a_number_and_infinity(sql: Any) -> None:
    row = rows(sql("select double('NaN') a, double('Infinity') b, float('-Infinity') c").map(lambda r: r))[0]
    assert (row["a"] != row["a"], row["b"], row["c"]) == (True, float("inf"), float("-inf"))


def test_a_spark_type_that_glue_lacks_is_named(sql: Any) -> None:
    with pytest.raises(TypeError, match=r"cannot hold Spark type interval day; cast the column first"):
        sql("select interval 1 day i").schema()


@pytest.fixture
def new_york(spark: Any) -> Iterator[None]:
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    yield
    spark.conf.set("spark.sql.session.timeZone", "UTC")


def test_times_are_those_of_the_session_s_zone(new_york: None, sql: Any) -> None:
    """Winter and summer, at the top and inside lists; a time of a zone of its own stays that moment."""
    made = sql(
        "select timestamp'2024-01-01 10:00:00' a, array(timestamp'2024-07-01 10:00:00') b, timestamp_ntz'2024-01-01 10:00:00' n"
    )

    def change(record: Any) -> Any:
        assert record["a"] == dt.datetime(2024, 1, 1, 10)  # noqa: DTZ001 - naive, as the function is given it
        assert record["b"] == [dt.datetime(2024, 7, 1, 10)]  # noqa: DTZ001
        record["new"] = dt.datetime(2024, 7, 1, 10)  # noqa: DTZ001
        record["aware"] = dt.datetime(2024, 1, 1, 15, tzinfo=dt.timezone.utc)
        return record

    mapped = made.map(change)
    assert mapped.errorsCount() == 0
    shown = mapped.toDF().selectExpr(
        "string(a) a", "string(b[0]) b", "string(n) n", "string(new) new", "string(aware) aware"
    )
    summer, winter = "2024-07-01 10:00:00", "2024-01-01 10:00:00"
    assert shown.collect()[0].asDict() == {"a": winter, "b": summer, "n": winter, "new": summer, "aware": winter}
    assert dict(mapped.toDF().dtypes)["n"] == "timestamp_ntz"


@pytest.fixture
def ansi(spark: Any) -> Iterator[None]:
    spark.conf.set("spark.sql.ansi.enabled", "true")
    yield
    spark.conf.unset("spark.sql.ansi.enabled")


def test_a_value_that_does_not_cast_is_null_in_ansi_mode_too(ansi: None, frame: Any, sql: Any) -> None:
    made = sql("select 'x' w, '7' n, 5 i")
    mapped = made.apply_mapping([("w", "string", "w", "int"), ("n", "string", "n", "int"), ("i", "int", "d", "date")])
    assert rows(mapped) == [{"w": None, "n": 7, "d": None}]
    assert [row["v"] for row in rows(frame('{"v": 1}', '{"v": "x"}').resolveChoice(choice="cast:int"))] == [1, None]
    assert made.split_rows({"i": {">": "4.5"}}, "a", "b")["a"].count() == 1


@pytest.mark.parametrize("method", ["drop_fields", "select_fields"])
def test_paths_are_a_string_or_a_list(frame: Any, method: str) -> None:
    with pytest.raises(TypeError, match=r"Field paths are a string such as 'a\.b', or a list of them; got None"):
        getattr(frame('{"a": 1}'), method)(None)


def test_the_records_as_an_rdd(frame: Any) -> None:
    """glue-api.md: DynamicFrame._rdd."""
    assert frame('{"a": 1}', '{"b": null}')._rdd.collect() == [{"a": 1}, {"b": None}]
