"""printSchema, show, schema, types and their JSON, collections, and what is refused.

Sources: glue-runtime.md 1 and 6, glue-api.md 2 and 3 (gluetypes, DynamicFrameCollection).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def test_print_schema_of_every_type(glue_context: Any, spark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.sql(
        "select 's' string, 1 int, 1L long, cast(1 as smallint) short, cast(1 as tinyint) byte, cast(1 as float) float, 1d double, "
        "cast(1 as decimal(7,3)) decimal, true boolean, date'2024-01-01' date, timestamp'2024-01-01' timestamp, "
        "cast('x' as binary) binary, null null, array(1) array, map('k', struct(1 as v)) map, struct(array(struct(1 as y)) as x) struct"
    )
    DynamicFrame.fromDF(df, glue_context).printSchema()
    lines = capsys.readouterr().out.splitlines()
    atoms = [
        "string",
        "int",
        "long",
        "short",
        "byte",
        "float",
        "double",
        "decimal",
        "boolean",
        "date",
        "timestamp",
        "binary",
        "null",
    ]
    assert lines[:14] == ["root", *(f"|-- {name}: {name}" for name in atoms)]
    assert lines[14:] == [
        "|-- array: array", "|    |-- element: int",
        "|-- map: map", "|    |-- keyType: string", "|    |-- valueType: struct", "|    |    |-- v: int",
        "|-- struct: struct", "|    |-- x: array", "|    |    |-- element: struct", "|    |    |    |-- y: int", "",
    ]  # fmt: skip


def test_print_schema_of_nested_choices(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    frame('{"v": {"a": [1, "x"]}}', '{"v": "t"}').printSchema()
    assert capsys.readouterr().out.splitlines() == [
        "root", "|-- v: choice", "|    |-- string", "|    |-- struct", "|    |    |-- a: array", "|    |    |    |-- element: choice",
        "|    |    |    |    |-- int", "|    |    |    |    |-- string", "",
    ]  # fmt: skip


def test_show_prints_every_kind_of_value(glue_context: Any, spark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.sql(
        "select cast(12.50 as decimal(10,2)) d, cast('123456789012345678.9' as decimal(20,1)) big, date'2024-05-01' day, "
        "timestamp'2024-05-01 10:30:00' at, unhex('00ff') raw, 'ñ \"q\"' t, array(1, null) l, map('k', 0.5d) m, struct(1 as x) s, "
        "cast(null as int) n"
    )
    DynamicFrame.fromDF(df, glue_context).show()
    line = capsys.readouterr().out.strip()
    assert json.loads(line) == {
        "d": 12.5, "big": 123456789012345678.9, "day": "2024-05-01", "at": "2024-05-01 10:30:00", "raw": "AP8=", "t": 'ñ "q"',
        "l": [1, None], "m": {"k": 0.5}, "s": {"x": 1}, "n": None,
    }  # fmt: skip
    assert '"d": 12.50' in line
    assert '"big": 123456789012345678.9' in line


def test_show_takes_a_number_of_rows(frame: Any, capsys: pytest.CaptureFixture[str]) -> None:
    made = frame(*(f'{{"id": {number}}}' for number in range(30)))
    for count, expected in (((), 20), ((5,), 5), ((0,), 0), ((100,), 30)):
        made.show(*count)
        assert len(capsys.readouterr().out.splitlines()) == expected
    made.select_fields(["id"]).show(num_rows=3)
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == [0, 1, 2]
    with pytest.raises(ValueError, match="num_rows"):
        made.show("5")


def test_schema_is_a_struct_of_fields_and_goes_through_json(frame: Any) -> None:
    from awsglue import gluetypes as glue

    schema = frame('{"a": 1, "s": {"x": [1, "b"]}, "d": 1.5, "n": null}', '{"a": "t"}').schema()
    assert isinstance(schema, glue.StructType)
    assert [(field.name, field.dataType.typeName()) for field in schema] == [
        ("a", "choice"),
        ("s", "struct"),
        ("d", "double"),
        ("n", "null"),
    ]
    text = json.dumps(schema.jsonValue())
    assert glue._deserialize_json_string(text) == schema
    assert glue._serialize_schema(schema) == text
    assert all(field.properties == {} for field in schema)


def test_every_type_goes_through_json(runtime_on_path: None) -> None:
    from awsglue import gluetypes as glue

    atoms = [kind() for kind in glue._atomic_types if kind is not glue.EnumType]
    kinds = [
        *atoms, glue.DecimalType(38, 10), glue.EnumType(["a", "b"]), glue.ArrayType(glue.LongType()), glue.SetType(glue.StringType()),
        glue.MapType(glue.DateType()), glue.ChoiceType([glue.IntegerType(), glue.StringType()]),
        glue.StructType([glue.Field("a", glue.ByteType())]),
        glue.StringType({"note": "x"}), glue.StructType([glue.Field("a", glue.IntegerType(), {"p": 1})], {"q": 2}),
    ]  # fmt: skip
    for kind in kinds:
        assert glue._deserialize_json_value(kind.jsonValue()) == kind, kind
        assert hash(kind) == hash(glue._deserialize_json_value(kind.jsonValue()))


def test_type_names(runtime_on_path: None) -> None:
    """typeName(): `int`, not `integer` (glue-runtime.md 1)."""
    from awsglue import gluetypes as glue

    assert set(glue._all_type_map) >= {
        "string", "int", "long", "short", "byte", "float", "double", "decimal", "boolean", "date", "timestamp", "binary", "null",
        "array", "map", "struct", "choice", "unknown", "set",
    }  # fmt: skip
    assert "integer" not in glue._all_type_map
    assert (glue.DecimalType().precision, glue.DecimalType().scale) == (10, 2)


def test_types_merge_to_what_holds_both(runtime_on_path: None) -> None:
    from awsglue import gluetypes as glue

    merged = glue.mergeDataTypes(
        glue.StructType([glue.Field("a", glue.IntegerType()), glue.Field("b", glue.NullType())]),
        glue.StructType(
            [glue.Field("a", glue.StringType()), glue.Field("b", glue.DateType()), glue.Field("c", glue.LongType())]
        ),
    )
    assert [(field.name, field.dataType.typeName()) for field in merged] == [
        ("a", "choice"),
        ("b", "date"),
        ("c", "long"),
    ]
    choice = glue.ChoiceType([glue.IntegerType()])
    choice.merge([glue.StringType(), glue.IntegerType()])
    assert list(choice.choices) == ["int", "string"]
    with pytest.raises(ValueError, match="duplicate"):
        choice.add(glue.StringType())


def test_inferred_types(frame: Any) -> None:
    """32 bits are int, more are long, both (or int and double) a choice; never a value is null; keys keep their spelling."""
    made = frame(
        '{"i": 1, "l": 3000000000, "m": 0, "d": 1.5, "x": 1, "n": null, "shareWith": true}',
        '{"m": 3000000000, "x": 2.5}',
    )
    kinds = {field.name: field.dataType for field in made.schema()}
    assert {name: kind.typeName() for name, kind in kinds.items()} == {
        "i": "int", "l": "long", "m": "choice", "d": "double", "x": "choice", "n": "null", "shareWith": "boolean",
    }  # fmt: skip
    assert (list(kinds["m"].choices), list(kinds["x"].choices)) == (["int", "long"], ["double", "int"])


# --- collections ---


def test_a_collection_keeps_the_order_of_its_dict(frame: Any, glue_context: Any) -> None:
    from awsglue.dynamicframe import DynamicFrameCollection

    made = frame('{"a": 1}')
    frames = DynamicFrameCollection({"z": made, "b": made, "a": made}, glue_context)
    assert (list(frames.keys()), len(frames), len(list(frames.values()))) == (["z", "b", "a"], 3, 3)
    assert frames["b"] is made
    with pytest.raises(KeyError):
        frames["nothing"]
    assert frames.select("nothing").toDF().count() == 0


def test_a_collection_of_a_list_of_named_frames(frame: Any, glue_context: Any) -> None:
    from awsglue.dynamicframe import DynamicFrameCollection

    one, two = frame('{"a": 1}'), frame('{"a": 2}')
    one.name, two.name = "one", "two"
    assert list(DynamicFrameCollection([one, two], glue_context).keys()) == ["one", "two"]


def test_map_and_flatmap_of_collections(frame: Any, glue_context: Any) -> None:
    from awsglue.dynamicframe import DynamicFrameCollection
    from awsglue.transforms import ApplyMapping, FlatMap, MapToCollection, SelectFromCollection, SplitFields

    frames = DynamicFrameCollection({"x": frame('{"a": 1, "b": 2}'), "y": frame('{"a": 3, "b": 4}')}, glue_context)
    mapped = MapToCollection.apply(
        dfc=frames, callable=lambda one, ctx: one.drop_fields(["b"], transformation_ctx=ctx), transformation_ctx="m"
    )
    assert [rows(one) for one in mapped.values()] == [[{"a": 1}], [{"a": 3}]]
    assert rows(frames.map(lambda one: one.select_fields(["b"]))["y"]) == [{"b": 4}]
    flat = FlatMap.apply(frames, ApplyMapping, "frame", mappings=[("a", "z")])
    assert {key: rows(flat[key]) for key in flat.keys()} == {"x": [{"z": 1}], "y": [{"z": 3}]}  # noqa: SIM118
    split = FlatMap.apply(frames, SplitFields, "frame", paths=["a"], name1="one", name2="two")
    assert {key: rows(split[key]) for key in split.keys()} == {  # noqa: SIM118
        "one": [{"a": 1}], "two": [{"b": 2}], "y_one": [{"a": 3}], "y_two": [{"b": 4}],
    }  # fmt: skip
    assert rows(SelectFromCollection.apply(dfc=split, key="two")) == [{"b": 2}]


@pytest.mark.parametrize("method", ["map", "flatmap"])
def test_collections_take_functions_that_give_frames(frame: Any, glue_context: Any, method: str) -> None:
    from awsglue.dynamicframe import DynamicFrameCollection

    frames = DynamicFrameCollection({"x": frame('{"a": 1}')}, glue_context)
    with pytest.raises(TypeError, match="a function"):
        getattr(frames, method)("x")
    with pytest.raises(TypeError, match="'x': a DynamicFrame, not a DataFrame"):
        getattr(frames, method)(lambda one: one.toDF())


# --- functions of columns ---


def test_column_functions(spark: Any) -> None:
    from awsglue.functions import explodeWithIndex, namedStruct, replaceArrayElement
    from pyspark.sql import functions as f

    df = spark.sql("select 1 a, 'x' b, array(10, 20) l")
    assert [row.asDict() for row in df.select(explodeWithIndex(df["l"])).collect()] == [
        {"index": 0, "val": 10},
        {"index": 1, "val": 20},
    ]
    assert [row.asDict() for row in df.select("a", explodeWithIndex("l")).collect()][1] == {
        "a": 1,
        "index": 1,
        "val": 20,
    }
    assert df.select(replaceArrayElement(df["l"], f.lit(5), 1).alias("l")).collect()[0].l == [10, 5]
    assert df.select(namedStruct("n", df["a"], "m", df["b"]).alias("s")).collect()[0].s.asDict() == {"n": 1, "m": "x"}
    assert df.select(namedStruct(df["a"], df["b"]).alias("s")).collect()[0].s.asDict() == {"a": 1, "b": "x"}
    assert df.select(namedStruct([df["a"], df["b"]]).alias("s")).collect()[0].s.asDict() == {"a": 1, "b": "x"}


# --- refused by name ---


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("awsglueml.transforms", "FindMatches"), ("awsglueml.transforms", "FindIncrementalMatches"),
        ("awsglueml.transforms", "FillMissingValues"),
    ],
)  # fmt: skip
def test_what_aws_s_service_does_imports_and_is_refused_on_use(runtime_on_path: None, module: str, name: str) -> None:
    import importlib

    transform = getattr(importlib.import_module(module), name)
    with pytest.raises(NotImplementedError, match=f"{name} is not available in the local Glue runtime"):
        transform.apply(frame=None, transformId="t")


@pytest.mark.parametrize("name", ["_call_site", "_as_java_list", "_as_scala_option"])
def test_java_helpers_are_refused_by_name(runtime_on_path: None, name: str) -> None:
    from awsglue import utils

    arguments = [None] * (3 if name == "_call_site" else 2)
    with pytest.raises(NotImplementedError, match=f"awsglue.utils.{name} is not available"):
        getattr(utils, name)(*arguments)


def test_streaming_is_refused_by_name(runtime_on_path: None) -> None:
    from awsglue.streaming_data_source import StreamingDataSource

    with pytest.raises(NotImplementedError, match="StreamingDataSource is not available"):
        StreamingDataSource(None, None, "x")
