"""Frames as Python records: where `Map`, `Filter` and JSON with choices run.

Records travel between steps as a *payload*: a DataFrame with one row a batch (`records`: pickled list of dicts,
`schema`: their Glue type as JSON, `errors`: pickled list of error records, `error_count`). A user's function so runs
once for a record: the payload is kept, its few schema rows give the frame's type, and the columns are made from it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns, Contents
from ._errors import ErrorRecords
from ._presence import marked_type
from ._types import spark_from_glue
from ._values import encode_batch, merge_types, sorted_choices, type_of_records

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PAYLOAD = "records binary, schema string, errors binary, error_count int"
Records = list[dict[str, Any]]


def payload_batch(records: Records, errors: Records, hint: glue.StructType | None) -> Any:
    """One row of a payload, as an Arrow batch."""
    import pyarrow as pa

    kind = glue._serialize_schema(type_of_records(records, hint))
    values = [pickle.dumps(records, -1)], [kind], [pickle.dumps(errors, -1) if errors else None], [len(errors)]
    kinds = pa.binary(), pa.string(), pa.binary(), pa.int32()
    arrays = [pa.array(value, of) for value, of in zip(values, kinds, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=["records", "schema", "errors", "error_count"])


def unpickle(batches: Iterable[Any]) -> Iterator[Records]:
    """The record lists of payload batches."""
    for batch in batches:
        for packed in batch.column(0).to_pylist():
            yield pickle.loads(packed)  # noqa: S301 - our own bytes, from payload_batch


def by_position(df: DataFrame) -> DataFrame:
    """The same rows under plain column names: PySpark's mapInArrow takes a dot in a name for a path.

    Rows without columns get one of nulls: a batch of no column says nothing of how many rows it has.
    """
    from pyspark.sql import functions as f

    if not df.columns:
        return df.select(f.lit(None).cast("int").alias("c0"))
    return df.toDF(*(f"c{place}" for place in range(len(df.columns))))


def nullable(kind: Any) -> Any:
    """A Spark type with nulls allowed everywhere: Arrow takes no column of nulls that says it has none."""
    from pyspark.sql import types as spark

    if isinstance(kind, spark.StructType):
        return spark.StructType([spark.StructField(one.name, nullable(one.dataType)) for one in kind.fields])
    if isinstance(kind, spark.ArrayType):
        return spark.ArrayType(nullable(kind.elementType))
    return spark.MapType(kind.keyType, nullable(kind.valueType)) if isinstance(kind, spark.MapType) else kind


def session_zone(spark: SparkSession) -> Any:
    """The session's time zone."""
    import datetime as dt
    from zoneinfo import ZoneInfo

    name = spark.conf.get("spark.sql.session.timeZone") or "UTC"
    if name == "UTC":
        return dt.timezone.utc
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):
        return dt.timezone.utc


def arrow_schema_of(schema: glue.StructType) -> Any:
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(spark_from_glue(schema))


def encoder_for(schema: glue.StructType, spark: SparkSession) -> Callable[[Records], Any]:
    """A function that makes Arrow batches of records; goes to the workers."""
    arrow_schema, zone = arrow_schema_of(schema), session_zone(spark)
    return lambda records: encode_batch(records, schema, arrow_schema, zone)


def as_struct(kind: glue.DataType) -> glue.StructType:
    """The type as that of records; of no record at all it is the struct without fields."""
    return kind if isinstance(kind, glue.StructType) else glue.StructType()


def type_of_payload(payload: DataFrame) -> glue.DataType:
    """The type of all records, as `type_of_records` gives it. Runs one Spark job."""
    rows = payload.select("schema").collect()
    return merge_types(glue._deserialize_json_string(row["schema"]) for row in rows)


def encoded(payload: DataFrame, schema: glue.StructType, *, exact: bool = False) -> Columns:
    """The records of a payload as columns of that type."""
    encode = encoder_for(schema, payload.sparkSession)

    def to_columns(batches: Iterable[Any]) -> Iterator[Any]:
        for records in unpickle(batches):
            yield encode(records)

    return Columns(payload.mapInArrow(to_columns, spark_from_glue(schema)), schema, exact)


def columns_of_payload(payload: DataFrame, kind: glue.DataType) -> Columns:
    """The typed columns of a payload whose records are of that type."""
    return encoded(payload, as_struct(sorted_choices(kind)))


def marked_columns(contents: Contents) -> Columns:
    """The columns of records with the fields that have nulls marked; the plain ones when no field has any.

    Runs one Spark job for the type, unless the source knows it.
    """
    assert contents.records is not None
    payload = contents.records()
    kind = contents.described() if contents.described else type_of_payload(payload)
    marked = marked_type(kind)
    if marked == sorted_choices(kind):
        return Columns(contents.columns.df, contents.columns.schema, exact=True)
    return encoded(payload, as_struct(marked), exact=True)


def errors_of_payload(payload: DataFrame) -> ErrorRecords:
    """The error records of a payload; they stay in Spark."""
    return ErrorRecords(payload.select("errors", "error_count"))


def empty_columns(spark: SparkSession) -> Columns:
    """No record and so no field."""
    return Columns(spark.range(0).select(), glue.StructType())


def take_records(payload: DataFrame, count: int) -> Records:
    """The first records of a payload; no more than these reach the driver."""

    def first(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        left = count
        for records in unpickle(batches):
            if left <= 0:
                return
            packed = [pickle.dumps(record, -1) for record in records[:left]]
            left -= len(packed)
            yield pa.RecordBatch.from_arrays([pa.array(packed, pa.binary())], names=["record"])

    rows = payload.mapInArrow(first, "record binary").limit(count).collect()
    return [pickle.loads(row["record"]) for row in rows]  # noqa: S301 - our own bytes


def take_rows(columns: Columns, count: int, *, sparse: bool) -> Records:
    """The first rows of columns, as records."""
    from ._values import decode_batch

    batches = columns.df.limit(count)._collect_as_arrow()
    found: Records = []
    for batch in batches:
        found.extend(decode_batch(batch, columns.schema, sparse))
    return found[:count]
