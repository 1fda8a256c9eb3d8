"""Unbox: text parsed in place.

Sources: glue-runtime.md 4 (DG aws-glue-api-crawler-pyspark-transforms-Unbox.html: formats json, avro, csv; options withSchema,
separator, escaper, skipFirst, withHeader; failures become error records).
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def rows(frame: Any) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def boxed(*values: Any) -> list[str]:
    return [json.dumps({"id": number, "t": value}) for number, value in enumerate(values)]


def test_json_text_becomes_a_struct_under_its_name(frame: Any) -> None:
    from awsglue.transforms import Unbox

    made = frame(*boxed('{"city": "X", "n": 1}', '{"city": "Y", "deep": {"l": [1]}}'))
    unboxed = Unbox.apply(frame=made, path="t", format="json")
    assert unboxed.schema().getField("t").dataType.typeName() == "struct"
    assert [row["t"] for row in rows(unboxed)] == [
        {"city": "X", "n": 1, "deep": None}, {"city": "Y", "n": None, "deep": {"l": [1]}},
    ]  # fmt: skip


def test_json_arrays_and_values(frame: Any) -> None:
    assert [row["t"] for row in rows(frame(*boxed("[1, 2]", "[3]")).unbox("t", "json"))] == [[1, 2], [3]]
    mixed = frame(*boxed("5", '"five"')).unbox("t", "json")
    assert mixed.schema().getField("t").dataType.typeName() == "choice"


def test_text_that_does_not_parse_makes_an_error_record(frame: Any) -> None:
    unboxed = frame(*boxed('{"a": 1}', "{broken", '{"a": 2}')).unbox("t", "json")
    assert [row["t"]["a"] for row in rows(unboxed)] == [1, 2]
    assert (unboxed.errorsCount(), unboxed.stageErrorsCount()) == (1, 1)
    error = rows(unboxed.errorsAsDynamicFrame())[0]["error"]
    assert error["dynamicRecord"] == {"id": 1, "t": "{broken"}
    with pytest.raises(Exception, match="stageThreshold is 1"):
        frame(*boxed("{", "{")).unbox("t", "json", stageThreshold=1)


def test_missing_and_null_text_stay_as_they_are(frame: Any) -> None:
    unboxed = frame('{"id": 1, "t": null}', '{"id": 2}', '{"id": 3, "t": "{\\"a\\": 1}"}').unbox("t", "json")
    assert ([row["t"] for row in rows(unboxed)], unboxed.errorsCount()) == ([None, None, {"a": 1}], 0)


def test_a_field_that_is_no_text_makes_an_error_record(frame: Any) -> None:
    unboxed = frame('{"t": 5}').unbox("t", "json")
    assert (unboxed.count(), unboxed.errorsCount()) == (0, 1)


def test_nested_paths_arrays_and_backticks(frame: Any) -> None:
    made = frame(json.dumps({"s": {"t": '{"a": 1}'}, "l": [{"t": '{"b": 2}'}, {"t": '{"b": 3}'}], "x.y": '{"c": 4}'}))
    assert rows(made.unbox("s.t", "json"))[0]["s"] == {"t": {"a": 1}}
    assert rows(made.unbox("l[].t", "json"))[0]["l"] == [{"t": {"b": 2}}, {"t": {"b": 3}}]
    assert rows(made.unbox("`x.y`", "json"))[0]["x.y"] == {"c": 4}
    assert rows(made.unbox("nothing", "json"))[0]["x.y"] == '{"c": 4}'


def test_a_column_of_a_dataframe(glue_context: Any, spark: Any) -> None:
    from awsglue.dynamicframe import DynamicFrame

    df = spark.sql("""select 1L id, '{"a": 1}' t, cast(null as string) n, cast('[1]' as binary) b""")
    made = DynamicFrame.fromDF(df, glue_context).unbox("t", "json").unbox("b", "json")
    assert rows(made) == [{"id": 1, "t": {"a": 1}, "n": None, "b": [1]}]
    assert made.schema().getField("id").dataType.typeName() == "long"


def test_json_path_selects(frame: Any) -> None:
    assert rows(frame(*boxed('{"a": {"b": 7}}')).unbox("t", "json", jsonPath="$.a.b"))[0]["t"] == 7
    assert rows(frame(*boxed('{"a": [{"b": 1}, {"b": 2}]}')).unbox("t", "json", jsonPath="$.a[*]"))[0]["t"] == [
        {"b": 1},
        {"b": 2},
    ]


def test_with_schema_gives_the_types(frame: Any) -> None:
    """withSchema: the JSON representation of a StructType."""
    from awsglue import gluetypes as glue

    schema = glue.StructType(
        [
            glue.Field("n", glue.LongType()), glue.Field("d", glue.DecimalType(6, 2)), glue.Field("day", glue.DateType()),
            glue.Field("at", glue.TimestampType()), glue.Field("s", glue.StringType()), glue.Field("x", glue.DoubleType()),
            glue.Field("l", glue.ArrayType(glue.StringType())),
        ]
    )  # fmt: skip
    text = (
        '{"n": 5, "d": "1.5", "day": "2024-01-02", "at": "2024-01-02T03:04:05", "s": 7, "x": 2, "l": [1], "extra": 1}'
    )
    unboxed = frame(*boxed(text, '{"n": "word"}')).unbox("t", "json", withSchema=json.dumps(schema.jsonValue()))
    expected = {
        "n": 5, "d": Decimal("1.50"), "day": dt.date(2024, 1, 2), "at": dt.datetime(2024, 1, 2, 3, 4, 5),  # noqa: DTZ001
        "s": "7", "x": 2.0, "l": ["1"],
    }  # fmt: skip
    assert rows(unboxed) == [{"id": 0, "t": expected}]
    assert unboxed.schema().getField("t").dataType == schema
    assert unboxed.errorsCount() == 1
    with pytest.raises(ValueError, match="withSchema: the JSON of"):
        frame(*boxed("{}")).unbox("t", "json", withSchema="n bigint")


def test_csv_with_and_without_header(frame: Any) -> None:
    assert rows(frame(*boxed("a,b,1")).unbox("t", "csv"))[0]["t"] == {"col0": "a", "col1": "b", "col2": "1"}
    headed = frame(*boxed("x|y\n1|'2|3'", "x|y\n4|5\n6|7"))
    unboxed = rows(
        headed.unbox("t", "csv", separator="|", quoteChar="'", withHeader=True).map(lambda r: {"t": str(r["t"])})
    )
    assert unboxed == [{"t": "{'x': '1', 'y': '2|3'}"}, {"t": "[{'x': '4', 'y': '5'}, {'x': '6', 'y': '7'}]"}]


def test_csv_options(frame: Any) -> None:
    assert rows(frame(*boxed("first;line\na;b")).unbox("t", "csv", separator=";", skipFirst=True))[0]["t"] == {
        "col0": "a",
        "col1": "b",
    }
    assert rows(frame(*boxed("a\\,b,c")).unbox("t", "csv", escaper="\\"))[0]["t"] == {"col0": "a,b", "col1": "c"}
    broken = frame(*boxed('"open')).unbox("t", "csv")
    assert (broken.count(), broken.errorsCount()) == (0, 1)
    with pytest.raises(ValueError, match="separator: one character"):
        frame(*boxed("a")).unbox("t", "csv", separator="||")


def test_avro_containers_in_binary_fields(glue_context: Any, spark: Any) -> None:
    import io

    import fastavro
    from awsglue.dynamicframe import DynamicFrame

    data = io.BytesIO()
    fastavro.writer(data, {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}]}, [{"a": 5}])
    df = spark.createDataFrame([(1, bytearray(data.getvalue())), (2, bytearray(b"no"))], "id int, t binary")
    unboxed = DynamicFrame.fromDF(df, glue_context).unbox("t", "avro")
    assert (rows(unboxed), unboxed.errorsCount()) == ([{"id": 1, "t": {"a": 5}}], 1)


@pytest.mark.parametrize("kind", ["xml", "parquet", "", None])
def test_other_formats_are_refused_by_name(frame: Any, kind: Any) -> None:
    with pytest.raises(NotImplementedError, match="Formats that can be unboxed: json, csv, avro"):
        frame(*boxed("x")).unbox("t", kind)
