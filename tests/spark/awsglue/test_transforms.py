"""Transforms. Sources: glue-runtime.md section 4 (and 5, 6 for errors and printing)."""

from __future__ import annotations

import json
from typing import Any

import pytest


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def names(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.typeName() for field in frame.schema()}


@pytest.fixture
def people(frame: Any) -> Any:
    return frame(
        '{"id": 1, "name": "Ana", "address": {"state": "CA", "zip.code": "90210"}, "friends": [{"name": "B", "age": 3}]}',
        '{"id": 2, "name": "Luis", "address": {"state": "NY"}}',
    )


def test_apply_mapping_renames_casts_nests_and_drops(people: Any) -> None:
    from awsglue.transforms import ApplyMapping

    mapped = ApplyMapping.apply(
        frame=people,
        mappings=[
            ("ID", "int", "key.id", "String"),
            ("address.state", "string", "state", "string"),
            ("name", "key.`full.name`"),
        ],
    )
    assert rows(mapped) == [
        {"key": {"id": "1", "full.name": "Ana"}, "state": "CA"},
        {"key": {"id": "2", "full.name": "Luis"}, "state": "NY"},
    ]


def test_apply_mapping_skips_what_is_not_there_and_nulls_what_does_not_cast(people: Any) -> None:
    mapped = people.apply_mapping([("nothing", "string", "x", "string"), ("name", "string", "number", "bigint")])
    assert rows(mapped) == [{"number": None}, {"number": None}]
    assert names(mapped) == {"number": "long"}


def test_apply_mapping_may_look_at_case(people: Any) -> None:
    assert names(people.apply_mapping([("NAME", "n")], case_sensitive=True)) == {}


def test_apply_mapping_takes_one_tuple_and_backticks(people: Any) -> None:
    assert rows(people.applyMapping(("address.`zip.code`", "zip")))[0] == {"zip": "90210"}
    with pytest.raises(TypeError):
        people.apply_mapping([["name", "n"]])
    with pytest.raises(ValueError, match="2, 3 or 4"):
        people.apply_mapping([("name",)])


def test_drop_fields_nested_in_arrays_and_unknown(people: Any) -> None:
    from awsglue.transforms import DropFields

    dropped = DropFields.apply(people, paths=["friends.age", "address.`zip.code`", "nothing", "id"])
    assert rows(dropped)[0] == {"name": "Ana", "address": {"state": "CA"}, "friends": [{"name": "B"}]}
    assert names(people.drop_fields("name")).keys() == {"id", "address", "friends"}


def test_select_fields(people: Any) -> None:
    assert rows(people.select_fields(["id", "name", "nothing"])) == [
        {"id": 1, "name": "Ana"},
        {"id": 2, "name": "Luis"},
    ]


def test_rename_field(people: Any) -> None:
    from awsglue.transforms import RenameField

    nested = RenameField.apply(people, "address.state", "address.state_code")
    assert rows(nested)[1]["address"]["state_code"] == "NY"
    dotted = RenameField.apply(people, "name", "`full.name`")
    assert "full.name" in names(dotted)
    assert "name" in names(RenameField.apply(dotted, "`full.name`", "name"))


def test_split_fields(people: Any) -> None:
    from awsglue.transforms import SplitFields

    parts = SplitFields.apply(people, ["id"], "one", "two")
    assert list(parts.keys()) == ["one", "two"]
    assert list(names(parts["one"])) == ["id"]
    assert "id" not in names(parts["two"])


def test_split_rows_compares_with_text_too(people: Any) -> None:
    from awsglue.transforms import SplitRows

    parts = SplitRows.apply(people, {"id": {">": "1", "<=": 2}})
    assert [row["id"] for row in rows(parts["frame1"])] == [2]
    assert [row["id"] for row in rows(parts["frame2"])] == [1]


def test_join_keeps_all_fields_and_dots_one_of_two_equal_names(glue_context: Any, frame: Any) -> None:
    from awsglue.transforms import Join

    joined = Join.apply(frame('{"zip": 1, "a": 2}', '{"a": 3}'), frame('{"zip": 1, "b": 4}', '{"b": 5}'), "zip", "zip")
    assert set(names(joined)) == {"zip", ".zip", "a", "b"}
    assert [(row["zip"], row["a"], row["b"]) for row in rows(joined)] == [(1, 2, 4)]
    assert "zip" in names(joined.drop_fields(["`.zip`"]))
    assert ".zip" not in names(joined.drop_fields(["`.zip`"]))


def test_join_names_a_key_that_is_not_there(people: Any) -> None:
    with pytest.raises(ValueError, match=r"'nothing'.*id, name"):
        people.join(["nothing"], ["id"], people)


@pytest.mark.slow
def test_filter_sees_no_missing_key(frame: Any) -> None:
    from awsglue.transforms import Filter

    made = frame('{"a": null, "b": 1}', '{"b": 2}', '{"a": 5, "b": 3}')
    assert [row["b"] for row in rows(Filter.apply(frame=made, f=lambda x: x["a"] != 0))] == [1, 3]


@pytest.mark.slow
def test_filter_drops_on_key_value_and_type_errors_and_keeps_others_as_errors(people: Any) -> None:
    def fragile(record: Any) -> bool:
        if record.id == 1:
            raise RuntimeError("broken")
        return bool(record["nothing"])

    kept = people.filter(fragile)
    assert (kept.count(), kept.errorsCount()) == (0, 1)


def test_filter_of_columns_keeps_them(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.sql(
        "select id, cast(id as decimal(10,2)) d, timestamp'2024-01-01 10:00:00' t, map('a', id) m from range(4)"
    )
    kept = DynamicFrame.fromDF(df, glue_context).filter(
        lambda r: r["id"] > 1 and r["t"].hour == 10 and r["m"]["a"] == r["id"]
    )
    assert kept.toDF().collect() == df.where("id > 1").collect()


@pytest.mark.slow
def test_filter_errors_of_columns_are_counted(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    kept = DynamicFrame.fromDF(spark.range(4), glue_context).filter(lambda r: 1 / r["id"] > 0)
    assert (kept.count(), kept.errorsCount(), kept.stageErrorsCount()) == (3, 1, 1)


def test_map_adds_changes_and_removes(people: Any) -> None:
    from awsglue.transforms import Map

    def change(record: Any) -> Any:
        record["Zip.Code"] = record["address"].get("zip.code", "")
        record["nested"] = {"list": [record.id, 2]}
        del record["address"], record["name"]
        record.pop("friends", None)
        return record

    assert rows(Map.apply(frame=people, f=change)) == [
        {"id": 1, "Zip.Code": "90210", "nested": {"list": [1, 2]}},
        {"id": 2, "Zip.Code": "", "nested": {"list": [2, 2]}},
    ]


@pytest.mark.slow
def test_map_makes_error_records_of_exceptions_and_empty_results(people: Any) -> None:
    mapped = people.map(lambda r: r if r["id"] == 1 else None)
    assert (mapped.count(), mapped.errorsCount()) == (1, 1)
    error = rows(mapped.errorsAsDynamicFrame())[0]["error"]
    assert "returned None instead of DynamicRecord" in error["msg"]
    assert error["dynamicRecord"]["name"] == "Luis"


@pytest.mark.slow
def test_map_runs_the_function_once_a_record(glue_context: Any, spark: Any, tmp_path: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    log = tmp_path / "calls"

    def note(record: Any) -> Any:
        with log.open("a") as stream:
            stream.write("x")
        return record

    mapped = DynamicFrame.fromDF(spark.range(10), glue_context).map(note)
    assert names(mapped) == {"id": "long"}
    assert (mapped.count(), mapped.errorsCount()) == (10, 0)
    assert log.read_text() == "x" * 10


@pytest.mark.slow
def test_thresholds_abort_above_the_limit(people: Any) -> None:
    def broken(record: Any) -> Any:
        raise RuntimeError

    assert people.map(broken, stageThreshold=2).stageErrorsCount() == 2
    with pytest.raises(Exception, match="2 error records, totalThreshold is 1"):
        people.map(broken, totalThreshold=1)


MIXED = ('{"v": 1, "l": [{"p": 1}, {"p": "x"}]}', '{"v": "bad", "l": []}', '{"v": "7"}')


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("cast:long", [{"v": 1}, {"v": None}, {"v": 7}]),
        ("cast:string", [{"v": "1"}, {"v": "bad"}, {"v": "7"}]),
        (
            "make_cols",
            [{"v_int": 1, "v_string": None}, {"v_int": None, "v_string": "bad"}, {"v_int": None, "v_string": "7"}],
        ),
        (
            "make_struct",
            [
                {"v": {"int": 1, "string": None}},
                {"v": {"int": None, "string": "bad"}},
                {"v": {"int": None, "string": "7"}},
            ],
        ),
        ("project:string", [{"v": None}, {"v": "bad"}, {"v": "7"}]),
    ],
)
def test_resolve_choice_actions(frame: Any, action: str, expected: list[Any]) -> None:
    from awsglue.transforms import ResolveChoice

    made = frame(*MIXED).select_fields(["v"])
    assert rows(ResolveChoice.apply(frame=made, specs=[("v", action)])) == expected
    resolved = made.resolveChoice(choice=action)
    assert rows(resolved) == expected
    assert "choice" not in names(resolved).values()


def test_resolve_choice_in_array_elements(frame: Any) -> None:
    resolved = frame(*MIXED).resolveChoice(specs=("l[].p", "cast:string"))
    assert rows(resolved)[0]["l"] == [{"p": "1"}, {"p": "x"}]


def test_resolve_choice_match_catalog(frame: Any, catalog: Any) -> None:
    catalog.add_table("t", "/nowhere", [("v", "bigint")])
    resolved = frame(*MIXED).resolveChoice(choice="match_catalog", database="db", table_name="t")
    assert [row["v"] for row in rows(resolved)] == [1, None, 7]


def test_resolve_choice_needs_exactly_one_of_specs_and_choice(people: Any) -> None:
    with pytest.raises(Exception, match="both specified, choose one"):
        people.resolveChoice(specs=[("id", "make_cols")], choice="make_cols")
    with pytest.raises(Exception, match="missing"):
        people.resolveChoice()
    with pytest.raises(ValueError, match="make_struct"):
        people.resolveChoice(choice="explode")


def test_to_df_options_project_a_choice(frame: Any) -> None:
    from awsglue.dynamicframe import ResolveOption
    from awsglue.gluetypes import StringType

    made = frame(*MIXED)
    assert [row["v"] for row in made.toDF([ResolveOption("v", "Project", StringType())]).collect()] == [
        None,
        "bad",
        "7",
    ]
    assert made.toDF([ResolveOption("v", "KeepAsStruct")]).dtypes[0][1].startswith("struct")
    with pytest.raises(ValueError, match="Cast"):
        made.toDF([ResolveOption("v", "Cast", StringType())])


def test_drop_null_fields(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from awsglue.transforms import DropNullFields

    made = frame('{"a": 1, "n": null, "s": {"x": null, "y": 2}}', '{"a": null, "s": {"y": 3}}')
    assert rows(DropNullFields.apply(made)) == [{"a": 1, "s": {"y": 2}}, {"a": None, "s": {"y": 3}}]
    assert "null_fields ['n', 's.x']" in capsys.readouterr().out


@pytest.mark.slow
def test_relationalize_makes_tables_joined_by_keys(frame: Any) -> None:
    from awsglue.transforms import Relationalize

    made = frame(
        '{"id": 7, "s": {"x": 1}, "tags": ["a", "b"], "orders": [{"sku": "k", "lines": [{"n": 1}, {"n": 2}]}]}',
        '{"id": 8, "tags": ["c"]}',
    )
    tables = Relationalize.apply(frame=made, staging_path="/tmp/unused", name="root")
    assert list(tables.keys()) == ["root", "root_tags", "root_orders", "root_orders.val.lines"]
    root = rows(tables["root"])
    assert [(row["id"], row["s.x"]) for row in root] == [(7, 1), (8, None)]
    assert root[1]["orders"] is None
    keys = {row["id"]: row["tags"] for row in root}
    tags = [(row["id"], row["index"], row["tags.val"]) for row in rows(tables["root_tags"])]
    assert tags == [(keys[7], 0, "a"), (keys[7], 1, "b"), (keys[8], 0, "c")]
    order = rows(tables["root_orders"])[0]
    assert order["orders.val.sku"] == "k"
    lines = rows(tables["root_orders.val.lines"])
    assert [(row["id"], row["index"], row["orders.val.lines.val.n"]) for row in lines] == [
        (order["orders.val.lines"], 0, 1),
        (order["orders.val.lines"], 1, 2),
    ]


def test_relationalize_needs_a_staging_path(people: Any) -> None:
    from awsglue.transforms import Relationalize
    from awsglue.utils import getResolvedOptions

    getResolvedOptions(["x"], [])
    with pytest.raises(RuntimeError, match="staging_path"):
        Relationalize.apply(frame=people)
    getResolvedOptions(["x", "--TempDir", "s3://b/"], [])
    assert list(Relationalize.apply(frame=people).keys()) == ["roottable", "roottable_friends"]


def test_unnest_flattens_structs_and_keeps_arrays(people: Any) -> None:
    from awsglue.transforms import UnnestFrame

    assert names(UnnestFrame.apply(frame=people)) == {
        "id": "int", "name": "string", "address.state": "string", "address.zip.code": "string", "friends": "array",
    }  # fmt: skip


def test_union_keeps_duplicates_and_makes_choices(frame: Any) -> None:
    from awsglue.transforms import Union

    one, two = frame('{"a": 1, "b": 2}'), frame('{"a": 1}', '{"a": "x"}')
    both = Union.apply(one, two)
    assert names(both) == {"a": "choice", "b": "int"}
    assert sorted(str(row["a"]) for row in rows(both.resolveChoice(choice="cast:string"))) == ["1", "1", "x"]


def test_merge_dynamic_frame_prefers_the_stage(frame: Any) -> None:
    merged = frame('{"id": 1, "v": "old"}', '{"id": 2, "v": "keep"}').mergeDynamicFrame(
        frame('{"id": 1, "v": "new"}', '{"id": 3, "v": "add"}'), ["id"]
    )
    assert sorted((row["id"], row["v"]) for row in rows(merged)) == [(1, "new"), (2, "keep"), (3, "add")]


def test_collections(people: Any, glue_context: Any) -> None:
    from awsglue.dynamicframe import DynamicFrameCollection
    from awsglue.transforms import MapToCollection, SelectFromCollection

    made = DynamicFrameCollection({"a": people}, glue_context)
    assert len(made) == 1
    assert SelectFromCollection.apply(dfc=made, key="a") is people
    assert made.select("nothing").count() == 0
    with pytest.raises(KeyError):
        made["nothing"]
    mapped = MapToCollection.apply(made, lambda frame, ctx: frame.select_fields(["id"]))
    assert list(names(mapped["a"])) == ["id"]


def test_print_schema(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    frame(*MIXED).printSchema()
    assert capsys.readouterr().out.splitlines()[:10] == [
        "root", "|-- v: choice", "|    |-- int", "|    |-- string", "|-- l: array", "|    |-- element: struct",
        "|    |    |-- p: choice", "|    |    |    |-- int", "|    |    |    |-- string", "",
    ]  # fmt: skip


def test_show_prints_one_json_object_a_record(people: Any, capsys: pytest.CaptureFixture[str]) -> None:
    people.show(1)
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["Ana"]


def test_from_df_and_to_df_are_the_same_frame(glue_context: Any, spark: Any) -> None:
    from awsglue import DynamicFrame

    df = spark.sql("select 1 a, struct(2 b) s")
    assert DynamicFrame.fromDF(df, glue_context, "x").toDF() is df
    with pytest.raises(ValueError, match="more than once: a"):
        DynamicFrame.fromDF(spark.sql("select 1 a, 2 a"), glue_context)


def test_repartition_and_coalesce(people: Any) -> None:
    assert people.repartition(3).getNumPartitions() == 3
    assert people.repartition(3).coalesce(1).getNumPartitions() == 1


def test_what_is_not_there_says_so(glue_context: Any) -> None:
    with pytest.raises(NotImplementedError, match="mysql"):
        glue_context.create_dynamic_frame.from_options("mysql", {})


def test_relationalize_joins_nothing_and_collects_nothing(frame: Any, spark: Any) -> None:
    made = frame('{"id": 1, "tags": ["a"]}')
    made.schema()
    spark.sparkContext.setJobGroup("relationalize", "")
    tables = made.relationalize("root", "/tmp/unused")
    plan = tables["root_tags"].toDF()._jdf.queryExecution().toString()
    assert not spark.sparkContext.statusTracker().getJobIdsForGroup("relationalize")
    assert "Join" not in plan
    spark.sparkContext.setLocalProperty("spark.jobGroup.id", None)
