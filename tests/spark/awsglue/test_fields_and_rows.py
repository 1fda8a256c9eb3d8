"""DropFields, SelectFields, RenameField, SplitFields, SplitRows, DropNullFields, UnnestFrame, Join, merge, union.

Sources: glue-runtime.md 4 and the pages of the transforms it names; glue-api.md 3.
"""

from __future__ import annotations

from typing import Any

import pytest

# Seconds each; other modules of the folder show with every change that Spark starts and runs.
pytestmark = pytest.mark.slow


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def types(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.typeName() for field in frame.schema()}


@pytest.fixture
def people(frame: Any) -> Any:
    return frame(
        '{"id": 1, "name": "Ana", "a": {"state": "CA", "zip": {"code": 9}}, "friends": [{"name": "B", "age": 3}], "x.y": 5}',
        '{"id": 2, "name": "Luis", "a": {"state": "NY", "zip": {"code": 8}}, "friends": [], "x.y": 6}',
    )


def test_drop_fields(people: Any) -> None:
    dropped = people.drop_fields(["a.zip.code", "friends.age", "`x.y`", "nothing", "a.nothing", "id.nothing"])
    assert rows(dropped)[0] == {"id": 1, "name": "Ana", "a": {"state": "CA"}, "friends": [{"name": "B"}]}


def test_drop_fields_inside_a_choice(frame: Any) -> None:
    made = frame('{"v": {"a": 1, "b": 2}}', '{"v": "text"}').drop_fields(["v.b"])
    assert [row["v"] for row in rows(made)] == [
        {"string": None, "struct": {"a": 1}},
        {"string": "text", "struct": None},
    ]


def test_dropping_everything_leaves_records_without_fields(people: Any) -> None:
    assert (
        types(people.drop_fields(["id", "name", "a", "friends", "x.y"])),
        people.drop_fields(["id", "name", "a", "friends", "x.y"]).count(),
    ) == ({}, 2)


def test_select_fields_in_the_frame_s_order(people: Any) -> None:
    assert list(types(people.select_fields(["friends", "x.y", "id"]))) == ["id", "friends", "x.y"]
    assert rows(people.select_fields(["a.zip"]))[0] == {"a": {"zip": {"code": 9}}}
    assert types(people.select_fields(["nothing"])) == {}


@pytest.mark.parametrize("paths", [[""], [None], [1]])
def test_a_path_is_a_string_that_is_not_empty(people: Any, paths: Any) -> None:
    for method in (people.drop_fields, people.select_fields):
        with pytest.raises(ValueError, match="A field path is a non-empty string"):
            method(paths)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name", "n", {"n": "Ana"}),
        ("`x.y`", "xy", {"xy": 5}),
        ("x.y", "xy", {"xy": 5}),
        ("name", "`full.name`", {"full.name": "Ana"}),
        ("a.state", "a.code", {"a": {"code": "CA", "zip": {"code": 9}}}),
        ("a.state", "state", {"state": "CA", "a": {"zip": {"code": 9}}}),
        ("a.zip.code", "a.zip2.code", {"a": {"state": "CA", "zip2": {"code": 9}}}),
        ("id", "a.id", {"a": {"state": "CA", "zip": {"code": 9}, "id": 1}}),
        ("id", "new.deep.id", {"new": {"deep": {"id": 1}}}),
        ("name", "name.first", {"name": {"first": "Ana"}}),
        ("friends.age", "friends.years", {"friends": [{"name": "B", "years": 3}]}),
    ],
)
def test_rename_field(people: Any, old: str, new: str, expected: dict[str, Any]) -> None:
    first = rows(people.rename_field(old, new))[0]
    assert {name: first[name] for name in expected} == expected


def test_rename_field_that_is_not_there_or_that_changes_nothing(people: Any) -> None:
    assert types(people.rename_field("nothing", "x")) == types(people)
    assert types(people.rename_field("id", "id")) == types(people)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id", "name", "'name' is a field already"),
        ("a.state", "a.zip", "'a.zip' is a field already"),
        ("id", "name.x", "leads into 'name', which is no struct"),
        ("friends.age", "age", "inside an array"),
    ],
)
def test_rename_field_says_why_it_cannot(people: Any, old: str, new: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        people.rename_field(old, new)


def test_split_fields_names_its_frames_after_the_frame(people: Any) -> None:
    """glue-api.md 3: default names are <frame.name or "frame">1 and 2."""
    from awsglue.transforms import SplitFields

    parts = SplitFields.apply(people, "id")
    assert list(parts.keys()) == ["frame1", "frame2"]
    assert list(types(parts["frame1"])) == ["id"]
    assert "id" not in types(parts["frame2"])
    people.name = "people"
    assert list(SplitFields.apply(people, ["id"]).keys()) == ["people1", "people2"]


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ({"n": {">": 1}}, [2, 100, 101]),
        ({"n": {">": 1, "<": 101}}, [2, 100]),
        ({"n": {">": "100"}}, [101]),
        ({"n": {">=": "100", "<": "101"}}, [100]),
        ({"n": {"=": 2}}, [2]),
        ({"n": {"!=": 2}}, [1, 100, 101]),
        ({"n": {"<=": "1.5"}}, [1]),
        ({"n": {">": 0}, "s.t": {"=": "b"}}, [2]),
        ({"day": {">": "2024-01-01"}}, [2, 100]),
    ],
)
def test_split_rows(frame: Any, comparison: Any, expected: list[int]) -> None:
    """All comparisons AND-ed; the guide compares an int column with "100"; the second frame is everything else."""
    made = frame(
        '{"n": 1, "s": {"t": "a"}, "day": "2024-01-01"}', '{"n": 2, "s": {"t": "b"}, "day": "2024-01-02"}',
        '{"n": 100, "day": "2025-01-01"}', '{"n": 101}', '{"s": {"t": "b"}}',
    ).apply_mapping([("n", "n"), ("s", "s"), ("day", "string", "day", "date")])  # fmt: skip
    parts = made.split_rows(comparison, "yes", "no")
    assert sorted(row["n"] for row in rows(parts["yes"])) == expected
    assert parts["no"].count() == 5 - len(expected)


@pytest.mark.parametrize(
    ("comparison", "message"),
    [
        ({}, "at least one comparison"), ({"id": {}}, "at least one comparison"), ({"id": 5}, "a dict of field paths"),
        (None, "a dict of field paths"),
        ({"nothing": {">": 1}}, "no field 'nothing'.*id, name"), ({"id": {"~": 1}}, "unknown operator '~'.*>="),
        ({"friends": {">": 1}}, "'friends' is a array"), ({"id": {">": "ten"}}, "'ten' is no number"),
    ],
)  # fmt: skip
def test_split_rows_names_what_is_wrong(people: Any, comparison: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        people.split_rows(comparison, "a", "b")


def test_drop_null_fields_looks_at_the_whole_data_set(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from awsglue.transforms import DropNullFields

    made = frame(
        '{"n": null, "s": {"x": null, "y": 2}, "l": [{"p": null, "q": 1}], "some": null, "all.dot": null, "e": [null]}',
        '{"some": 1, "s": {"y": null}}',
    )
    dropped = DropNullFields.apply(frame=made)
    assert rows(dropped) == [
        {"s": {"y": 2}, "l": [{"q": 1}], "some": None, "e": [None]}, {"s": {"y": None}, "l": None, "some": 1, "e": None},
    ]  # fmt: skip
    assert "null_fields ['n', 's.x', 'l.p', '`all.dot`']" in capsys.readouterr().out


def test_drop_null_fields_without_any(frame: Any) -> None:
    from awsglue.transforms import DropNullFields

    assert rows(DropNullFields.apply(frame('{"a": 1}', '{"a": null}'))) == [{"a": 1}, {"a": None}]


def test_unnest_flattens_structs_and_keeps_arrays_and_choices(frame: Any) -> None:
    made = frame('{"a": {"b": {"c": 1}, "l": [{"d": 1}], "Zip.Code": "9"}, "v": 1}', '{"v": "x"}').unnest()
    assert types(made) == {"a.b.c": "int", "a.l": "array", "a.Zip.Code": "string", "v": "choice"}
    assert rows(made)[0]["a.Zip.Code"] == "9"


def test_unnested_names_are_used_with_backticks(frame: Any) -> None:
    made = frame('{"a": {"b": 1}, "c": 2}').unnest()
    assert rows(made.rename_field("`a.b`", "ab")) == [{"ab": 1, "c": 2}]
    assert rows(made.apply_mapping([("`a.b`", "int", "b", "string")])) == [{"b": "1"}]
    assert rows(made.drop_fields(["`a.b`"])) == [{"c": 2}]


# --- Join ---


def test_join_keys_of_several_fields_nested_and_by_string(frame: Any) -> None:
    one = frame('{"k": {"id": 1}, "d": "x", "l": 1}', '{"k": {"id": 2}, "d": "y", "l": 2}')
    two = frame('{"id": 1, "e": "x", "r": 10}', '{"id": 2, "e": "z", "r": 20}')
    assert [(row["l"], row["r"]) for row in rows(one.join(["k.id", "d"], ["id", "e"], two))] == [(1, 10)]
    assert sorted((row["l"], row["r"]) for row in rows(one.join("k.id", "id", two))) == [(1, 10), (2, 20)]


def test_join_dots_every_name_that_both_have(frame: Any) -> None:
    """Join page and Glue Studio scripts: key and non-key duplicates exist as `x` and `.x`."""
    joined = frame('{"zip": 1, "note": "l", "only": 1}').join(
        "zip", "zip", frame('{"zip": 1, "note": "r", "other": 2}')
    )
    assert set(types(joined)) == {"zip", ".zip", "note", ".note", "only", "other"}
    row = rows(joined)[0]
    assert {row["note"], row[".note"]} == {"l", "r"}
    assert set(types(joined.drop_fields(["`.zip`", "`.note`"]))) == {"zip", "note", "only", "other"}


def test_a_chain_of_joins_keeps_all_names_apart(frame: Any) -> None:
    one, two, three = (frame(f'{{"id": 1, "v": "{letter}"}}') for letter in "abc")
    joined = one.join("id", "id", two).join("id", "id", three)
    names = list(types(joined))
    assert len(set(names)) == 6
    assert {rows(joined)[0][name] for name in names if name.endswith("v")} == {"a", "b", "c"}


def test_a_frame_joined_with_itself(frame: Any) -> None:
    made = frame('{"id": 1, "boss": 2}', '{"id": 2, "boss": null}')
    assert [(row["id"], row[".id"]) for row in rows(made.join("boss", "id", made))] == [(2, 1)]


def test_keys_of_different_numbers_and_of_text_join(frame: Any, glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    longs = DynamicFrame.fromDF(spark.sql("select 7L key, 'long' r"), glue_context)
    words = DynamicFrame.fromDF(spark.sql("select '7' key, 'text' r"), glue_context)
    made = frame('{"id": 7}', '{"id": 8}')
    assert [row["r"] for row in rows(made.join("id", "key", longs))] == ["long"]
    assert [row["r"] for row in rows(made.join("id", "key", words))] == ["text"]


def test_null_keys_never_match(frame: Any) -> None:
    made = frame('{"id": null, "v": 1}', '{"v": 2}', '{"id": 1, "v": 3}')
    assert [row["v"] for row in rows(made.join("id", "id", made))] == [3]


def test_join_after_the_choice_of_the_key_is_resolved(frame: Any) -> None:
    mixed, other = (
        frame('{"id": 1, "l": "a"}', '{"id": "2", "l": "b"}'),
        frame('{"key": 1, "r": 1}', '{"key": 2, "r": 2}'),
    )
    with pytest.raises(ValueError, match="keys1: field 'id' is a choice of int, string; apply ResolveChoice"):
        mixed.join("id", "key", other)
    joined = mixed.resolveChoice(specs=[("id", "cast:int")]).join("id", "key", other)
    assert sorted((row["l"], row["r"]) for row in rows(joined)) == [("a", 1), ("b", 2)]


def test_join_keeps_choices_that_are_no_keys(frame: Any) -> None:
    joined = frame('{"id": 1, "v": 1}', '{"id": 2, "v": "x"}').join("id", "key", frame('{"key": 2}'))
    assert types(joined)["v"] == "choice"
    assert rows(joined)[0]["v"] == {"int": None, "string": "x"}


@pytest.mark.parametrize(
    ("keys1", "keys2", "message"),
    [(["id"], ["nope"], "keys2: the frame has no field 'nope'"), (["id", "name"], ["id"], "as many keys"), ([], [], "at least one")],
)  # fmt: skip
def test_join_names_the_wrong_key(people: Any, keys1: list[str], keys2: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        people.join(keys1, keys2, people)


def test_a_dataframe_is_no_frame(people: Any) -> None:
    for call in (lambda df: people.join("id", "id", df), people.union, lambda df: people.mergeDynamicFrame(df, ["id"])):
        with pytest.raises(TypeError, match=r"a DynamicFrame, not a DataFrame; DynamicFrame.fromDF"):
            call(people.toDF())


# --- union and merge ---


def test_union_merges_structs_arrays_and_types(frame: Any) -> None:
    both = frame('{"s": {"a": 1}, "l": [1], "v": 1}').union(frame('{"s": {"b": "x"}, "l": ["y"], "v": 2.5}'))
    assert types(both) == {"s": "struct", "l": "array", "v": "choice"}
    assert [row["s"] for row in rows(both)] == [{"a": 1, "b": None}, {"a": None, "b": "x"}]
    assert [row["l"] for row in rows(both)] == [[{"int": 1, "string": None}], [{"int": None, "string": "y"}]]


def test_union_of_choices(frame: Any) -> None:
    mixed = frame('{"v": 1}', '{"v": "a"}')
    both = mixed.union(frame('{"v": 1.5}')).union(frame('{"v": null}'))
    assert list(both.schema().getField("v").dataType.choices) == ["double", "int", "string"]
    assert sorted(str(row["v"]) for row in rows(both.resolveChoice(choice="cast:string"))) == ["1", "1.5", "None", "a"]


def test_merge_keeps_the_stage_whole_and_adds_the_rest(frame: Any) -> None:
    """No de-duplication; schemas may differ; several and nested keys."""
    source = frame(
        '{"id": 1, "k": {"d": "x"}, "v": "old"}', '{"id": 1, "k": {"d": "y"}, "v": "keep"}', '{"id": 3, "v": "same"}'
    )
    stage = frame('{"id": 1, "k": {"d": "x"}, "v": "new", "extra": 1}', '{"id": 1, "k": {"d": "x"}, "v": "twice"}')
    merged = source.mergeDynamicFrame(stage, ["id", "k.d"])
    assert sorted(row["v"] for row in rows(merged)) == ["keep", "new", "same", "twice"]
    with pytest.raises(ValueError, match="primary_keys: give at least one"):
        source.mergeDynamicFrame(stage, [])
    with pytest.raises(ValueError, match="primary_keys: the frame has no field 'nope'"):
        source.mergeDynamicFrame(stage, "nope")


@pytest.mark.parametrize("count", [0, -1, "2", None])
def test_a_number_of_partitions_is_from_one_on(people: Any, count: Any) -> None:
    for method in (people.repartition, people.coalesce):
        with pytest.raises(ValueError, match="num_partitions: a whole number from 1 on"):
            method(count)


def test_with_frame_schema_gives_exactly_its_fields(people: Any) -> None:
    from awsglue import gluetypes as glue

    wanted = glue.StructType([glue.Field("name", glue.StringType()), glue.Field("new", glue.LongType())])
    assert rows(people.with_frame_schema(wanted))[0] == {"name": "Ana", "new": None}
    with pytest.raises(TypeError, match=r"schema: an awsglue\.gluetypes\.StructType"):
        people.with_frame_schema("name string")
