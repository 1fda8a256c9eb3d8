"""A missing key is not a null, also after steps over columns.

Sources: glue-runtime.md 1 ("Missing key is not null: filter/map functions do not see the key at all"; DG
aws-glue-api-crawler-pyspark-transforms-filter.html) and 4 (the transforms between source and function).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow

# One record has a value, one an explicit null, one no key at all.
LINES = (
    '{"id": 1, "v": 5, "s": {"x": 1, "y": null}, "l": [{"p": null}, {"q": 1}]}',
    '{"id": 2, "v": null, "s": null}',
    '{"id": 3}',
)


@pytest.fixture
def mixed(frame: Any) -> Any:
    return frame(*LINES)


def shown(made: Any, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    capsys.readouterr()
    made.show()
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def seen(made: Any) -> list[str]:
    """What a Map function is given, as JSON, in order."""
    mapped = made.map(lambda record: {"seen": json.dumps(record, sort_keys=True, default=str)})
    return [row["seen"] for row in mapped.toDF().collect()]


def as_json(*records: Any) -> list[str]:
    return [json.dumps(record, sort_keys=True) for record in records]


READ = [json.loads(line) for line in LINES]


def test_functions_and_show_see_the_keys_that_were_read(mixed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert seen(mixed) == as_json(*READ)
    assert shown(mixed, capsys) == READ


STEPS = {
    "select_fields": (lambda f: f.select_fields(["id", "v"]), [{"id": 1, "v": 5}, {"id": 2, "v": None}, {"id": 3}]),
    "select_nested": (
        lambda f: f.select_fields(["s.y", "id"]),
        [{"id": 1, "s": {"y": None}}, {"id": 2, "s": None}, {"id": 3}],
    ),
    "drop_fields": (
        lambda f: f.drop_fields(["id", "s.x", "l"]),
        [{"v": 5, "s": {"y": None}}, {"v": None, "s": None}, {}],
    ),
    "drop_in_arrays": (
        lambda f: f.drop_fields(["l.p", "s", "v"]),
        [{"id": 1, "l": [{}, {"q": 1}]}, {"id": 2}, {"id": 3}],
    ),
    "rename_field": (
        lambda f: f.select_fields(["id", "v"]).rename_field("v", "w"),
        [{"id": 1, "w": 5}, {"id": 2, "w": None}, {"id": 3}],
    ),
    "rename_to_another_parent": (
        lambda f: f.select_fields(["id", "s"]).rename_field("s.y", "y"),
        [{"id": 1, "s": {"x": 1}, "y": None}, {"id": 2, "s": None}, {"id": 3}],
    ),
    "apply_mapping": (
        lambda f: f.apply_mapping([("id", "int", "id", "int"), ("v", "int", "text", "string")]),
        [{"id": 1, "text": "5"}, {"id": 2, "text": None}, {"id": 3}],
    ),
    "apply_mapping_nests": (
        lambda f: f.apply_mapping([("id", "int", "id", "long"), ("v", "int", "in.v", "int")]),
        [{"id": 1, "in": {"v": 5}}, {"id": 2, "in": {"v": None}}, {"id": 3}],
    ),
    "resolve_choice": (
        lambda f: f.select_fields(["id", "v"]).resolveChoice(specs=[("v", "cast:double")]),
        [{"id": 1, "v": 5.0}, {"id": 2, "v": None}, {"id": 3}],
    ),
    "unnest": (
        lambda f: f.select_fields(["id", "s"]).unnest(),
        [{"id": 1, "s.x": 1, "s.y": None}, {"id": 2}, {"id": 3}],
    ),
    "repartition": (
        lambda f: f.select_fields(["id", "v"]).coalesce(1),
        [{"id": 1, "v": 5}, {"id": 2, "v": None}, {"id": 3}],
    ),
    "split_rows": (lambda f: f.select_fields(["id", "v"]).split_rows({"id": {">": 1}}, "a", "b")["a"], [{"id": 2, "v": None}, {"id": 3}]),
    "several": (
        lambda f: f.select_fields(["id", "v"]).rename_field("v", "w").apply_mapping([("w", "int", "w", "long")]).drop_fields(["id"]),
        [{"w": 5}, {"w": None}, {}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_steps_keep_nulls_and_missing_keys_apart(mixed: Any, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    step, expected = STEPS[name]
    made = step(mixed)
    assert seen(made) == as_json(*expected)
    assert shown(made, capsys) == expected


def test_filter_after_a_step_sees_what_is_missing(mixed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    selected = mixed.select_fields(["id", "v"])
    assert [row["id"] for row in selected.filter(lambda r: r["v"] is None).toDF().collect()] == [2]
    kept = selected.filter(lambda r: "v" in r)
    assert shown(kept, capsys) == [{"id": 1, "v": 5}, {"id": 2, "v": None}]
    assert kept.toDF().dtypes == [("id", "int"), ("v", "int")]
    assert seen(kept.drop_fields(["id"])) == as_json({"v": 5}, {"v": None})


def test_a_value_that_does_not_cast_is_a_null_and_not_a_missing_key(frame: Any) -> None:
    made = frame('{"age": "abc"}', '{"age": "7"}', '{"other": 1}').apply_mapping([("age", "string", "age", "int")])
    assert seen(made) == as_json({"age": None}, {"age": 7}, {})


def test_choices_with_nulls(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    made = frame('{"v": 1}', '{"v": "a"}', '{"v": null}', '{"w": 2}').select_fields(["v"])
    assert seen(made) == as_json({"v": 1}, {"v": "a"}, {"v": None}, {})
    assert [row["v"] for row in made.toDF().collect()][2:] == [None, None]
    assert seen(made.resolveChoice(choice="make_cols")) == as_json({"v_int": 1}, {"v_string": "a"}, {}, {})
    assert seen(made.resolveChoice(choice="cast:int")) == as_json({"v": 1}, {"v": None}, {"v": None}, {})
    assert seen(made.resolveChoice(choice="make_struct")) == as_json(
        {"v": {"int": 1}}, {"v": {"string": "a"}}, {"v": None}, {}
    )


def test_union_of_frames_with_different_fields(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    both = frame('{"a": 1, "b": null}', '{"a": 2}').union(frame('{"a": "x", "c": {"d": null}}'))
    assert shown(both, capsys) == [{"a": 1, "b": None}, {"a": 2}, {"a": "x", "c": {"d": None}}]


def test_union_with_a_dataframe_keeps_its_nulls(frame: Any, glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    table = DynamicFrame.fromDF(spark.sql("select cast(null as int) b, struct(1 as x, null as y) s"), glue_context)
    both = frame('{"a": 1}').union(table)
    assert seen(both) == as_json({"a": 1}, {"b": None, "s": {"x": 1, "y": None}})


def test_union_of_dataframes_with_different_columns(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    one, two = (DynamicFrame.fromDF(spark.sql(text), glue_context) for text in ("select 1 a", "select 2 b"))
    assert seen(one.union(two)) == as_json({"a": 1}, {"b": 2})


def test_join_keeps_them_on_both_sides(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    joined = frame('{"id": 1, "v": null}', '{"id": 2}').join("id", "key", frame('{"key": 1}', '{"key": 2, "w": null}'))
    assert sorted(shown(joined, capsys), key=lambda r: r["id"]) == [
        {"id": 1, "v": None, "key": 1},
        {"id": 2, "key": 2, "w": None},
    ]


def test_a_map_that_deletes_a_key_leaves_it_missing(mixed: Any) -> None:
    def drop(record: Any) -> Any:
        if record["id"] == 1:
            del record["v"]
        return record

    made = mixed.select_fields(["id", "v"]).map(drop).drop_fields(["id"])
    assert seen(made) == as_json({}, {"v": None}, {})


def test_nulls_of_a_dataframe_are_nulls(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.sql("select 1 id, cast(null as int) v"), glue_context)
    assert seen(made.rename_field("v", "w")) == as_json({"id": 1, "w": None})


def test_steps_over_columns_run_no_python(mixed: Any) -> None:
    """glue-runtime / issue 3, Numbers: ApplyMapping, DropFields and friends cost no Python per row."""
    made = mixed.apply_mapping([("id", "int", "id", "string"), ("v", "int", "v", "int"), ("s.x", "x")])
    made = made.drop_fields(["x"]).select_fields(["id", "v"]).rename_field("v", "w").resolveChoice(choice="make_cols")
    plan = made.toDF()._jdf.queryExecution().toString()
    assert "Python" not in plan
    assert "InArrow" not in plan
