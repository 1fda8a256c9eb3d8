"""Relationalize: nested records as tables.

Sources: glue-runtime.md 4 (DG aws-glue-api-crawler-pyspark-transforms-Relationalize.html and the legislators tutorial for the
first level; aws-samples/aws-glue-flatten-nested-json and a GA4 job for the names below it); issue 3, Numbers, for the plan.
"""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.slow


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def columns(frame: Any) -> list[str]:
    return [field.name for field in frame.schema()]


def tables_of(made: Any, name: str = "root") -> Any:
    return made.relationalize(name, "s3://unused/")


def joined(parent: Any, column: str, child: Any) -> list[list[dict[str, Any]]]:
    """For each row of the parent, the rows of the child that its key names, in order of index."""
    found = rows(child)
    return [
        sorted((one for one in found if one["id"] == row[column]), key=lambda one: one["index"]) for row in rows(parent)
    ]


def test_the_guide_s_first_level(frame: Any) -> None:
    """Columns id (long), index (int, from 0) and <column>.val…; the root comes first; keys start at 1."""
    tables = tables_of(
        frame(
            '{"name": "A", "contact": {"phone": 1, "at": {"city": "X"}}, "links": [{"url": "u", "note": "n"}, {"url": "w"}],'
            ' "tags": ["a", "b"]}'
        )
    )  # fmt: skip
    assert list(tables.keys()) == ["root", "root_links", "root_tags"]
    assert columns(tables["root"]) == ["name", "contact.phone", "contact.at.city", "links", "tags"]
    assert columns(tables["root_links"]) == ["id", "index", "links.val.url", "links.val.note"]
    assert columns(tables["root_tags"]) == ["id", "index", "tags.val"]
    kinds = [field.dataType.typeName() for field in tables["root_tags"].schema()]
    assert kinds == ["long", "int", "string"]
    assert rows(tables["root"])[0]["links"] == 1
    assert rows(tables["root_links"]) == [
        {"id": 1, "index": 0, "links.val.url": "u", "links.val.note": "n"},
        {"id": 1, "index": 1, "links.val.url": "w", "links.val.note": None},
    ]


def test_three_levels_of_arrays(frame: Any) -> None:
    tables = tables_of(
        frame(
            '{"a": [{"n": 1, "b": [{"m": 2, "c": [5, 6]}, {"m": 3, "c": [7]}]}, {"n": 9, "b": []}]}',
            '{"a": [{"n": 4, "b": [{"m": 8}]}]}',
        )
    )  # fmt: skip
    assert list(tables.keys()) == ["root", "root_a", "root_a.val.b", "root_a.val.b.val.c"]
    assert columns(tables["root_a.val.b.val.c"]) == ["id", "index", "a.val.b.val.c.val"]
    levels = joined(tables["root"], "a", tables["root_a"])
    assert [[one["a.val.n"] for one in level] for level in levels] == [[1, 9], [4]]
    middle = joined(tables["root_a"], "a.val.b", tables["root_a.val.b"])
    assert [[one["a.val.b.val.m"] for one in level] for level in middle] == [[2, 3], [], [8]]
    inner = joined(tables["root_a.val.b"], "a.val.b.val.c", tables["root_a.val.b.val.c"])
    assert [[one["a.val.b.val.c.val"] for one in level] for level in inner] == [[5, 6], [7], []]


def test_arrays_of_arrays(frame: Any) -> None:
    tables = tables_of(frame('{"g": [[1, 2], [], [3]]}'))
    assert list(tables.keys()) == ["root", "root_g", "root_g.val"]
    assert columns(tables["root_g.val"]) == ["id", "index", "g.val.val"]
    assert [
        [one["g.val.val"] for one in level] for level in joined(tables["root_g"], "g.val", tables["root_g.val"])
    ] == [[1, 2], [], [3]]


def test_an_array_in_a_struct_in_an_array(frame: Any) -> None:
    tables = tables_of(frame('{"o": [{"s": {"l": [1]}}, {"s": {"l": [2, 3]}}]}'))
    assert list(tables.keys()) == ["root", "root_o", "root_o.val.s.l"]
    levels = joined(tables["root_o"], "o.val.s.l", tables["root_o.val.s.l"])
    assert [[one["o.val.s.l.val"] for one in level] for level in levels] == [[1], [2, 3]]


def test_an_array_in_a_struct_of_the_root(frame: Any) -> None:
    tables = tables_of(frame('{"s": {"l": [1]}}'), "t")
    assert list(tables.keys()) == ["t", "t_s.l"]
    assert columns(tables["t_s.l"]) == ["id", "index", "s.l.val"]


def test_a_missing_array_has_a_null_key_and_an_empty_one_no_rows(frame: Any) -> None:
    tables = tables_of(frame('{"id": 1, "l": [5]}', '{"id": 2}', '{"id": 3, "l": []}', '{"id": 4, "l": null}'))
    keys = {row["id"]: row["l"] for row in rows(tables["root"])}
    assert (keys[2], keys[4]) == (None, None)
    assert keys[1] is not None
    assert [row["id"] for row in rows(tables["root_l"])] == [keys[1]]


def test_null_elements_keep_their_place(frame: Any) -> None:
    tables = tables_of(frame('{"l": ["a", null, "c"]}'))
    assert [(row["index"], row["l.val"]) for row in rows(tables["root_l"])] == [(0, "a"), (1, None), (2, "c")]


def test_elements_of_several_types_stay_a_choice(frame: Any) -> None:
    tables = tables_of(frame('{"l": [1, "a"], "v": 1}', '{"v": "x"}'))
    assert {field.name: field.dataType.typeName() for field in tables["root_l"].schema()}["l.val"] == "choice"
    resolved = tables["root_l"].resolveChoice(specs=[("`l.val`", "cast:string")])
    assert [row["l.val"] for row in rows(resolved)] == ["1", "a"]
    assert {field.name: field.dataType.typeName() for field in tables["root"].schema()}["v"] == "choice"


def test_what_is_nested_in_a_choice_is_flattened_by_type(frame: Any) -> None:
    """toDF() has a choice as a struct with one field a type; Relationalize leaves no struct and no array."""
    tables = tables_of(frame('{"v": {"a": 1}}', '{"v": "text"}', '{"v": [1, 2]}'))
    assert list(tables.keys()) == ["root", "root_v.array"]
    assert sorted(columns(tables["root"])) == ["v.array", "v.string", "v.struct.a"]


def test_maps_stay_maps(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    made = DynamicFrame.fromDF(spark.sql("select map('k', 1) m, array(map('a', 2)) l"), glue_context)
    tables = tables_of(made)
    assert rows(tables["root"])[0]["m"] == {"k": 1}
    assert rows(tables["root_l"])[0]["l.val"] == {"a": 2}


def test_names_with_dots_and_no_arrays_at_all(frame: Any) -> None:
    tables = tables_of(frame('{"a": {"b.c": 1}}'))
    assert (list(tables.keys()), columns(tables["root"])) == (["root"], ["a.b.c"])


def test_the_transform_s_defaults(frame: Any) -> None:
    """Default name roottable; collections give each table by its name; a missing one is an empty frame."""
    from awsglue.transforms import Relationalize

    tables = Relationalize.apply(frame=frame('{"l": [1]}'), staging_path="s3://unused/")
    assert list(tables.keys()) == ["roottable", "roottable_l"]
    assert tables.select("roottable_l").count() == 1
    assert tables.select("nothing").count() == 0


def test_keys_are_unique_over_partitions_and_the_same_whenever_read(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.range(0, 2000, 1, 4).selectExpr("id n", "array(id, id + 1) l")
    tables = tables_of(DynamicFrame.fromDF(df, glue_context))
    root, child = tables["root"].toDF(), tables["root_l"].toDF()
    assert root.select("l").distinct().count() == 2000
    pairs = root.join(child, root["l"] == child["id"]).where("`l.val` - index = n")
    assert pairs.count() == 4000


def test_the_plan_is_linear(frame: Any, spark: Any) -> None:
    """No join, no cartesian product, no collect: one select a table over its parent's kept rows."""
    made = frame('{"id": 1, "a": [{"b": [1, 2], "s": {"c": [3]}}], "d": [4]}')
    made.schema()
    spark.sparkContext.setJobGroup("relationalize-plan", "")
    tables = tables_of(made)
    for table in tables.values():
        plan = table.toDF()._jdf.queryExecution().toString()
        assert "Join" not in plan
        assert "Cartesian" not in plan
        assert "Python" not in plan
    assert not spark.sparkContext.statusTracker().getJobIdsForGroup("relationalize-plan")
    spark.sparkContext.setLocalProperty("spark.jobGroup.id", None)


def test_functions_see_every_column_of_a_table(frame: Any) -> None:
    tables = tables_of(frame('{"id": 1, "l": [5]}', '{"id": 2}'))
    seen = tables["root"].map(lambda r: {"id": r["id"], "has": r["l"] is not None})
    assert rows(seen) == [{"id": 1, "has": True}, {"id": 2, "has": False}]


@pytest.mark.parametrize("name", ["", None, 5])
def test_the_root_needs_a_name(frame: Any, name: Any) -> None:
    with pytest.raises(ValueError, match="root_table_name"):
        frame('{"a": 1}').relationalize(name, "s3://unused/")
