"""Frames as Python records: where `Map`, `Filter` and JSON with choices run.

Records travel between steps as a *payload*: a DataFrame with one row a batch (`records`: pickled list of dicts,
`schema`: their Glue type as JSON, `errors`: pickled list of error records). A user's function so runs once for a
record: the payload is kept, its few schema rows give the frame's type, and the columns are made from it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns, Contents
from ._types import spark_from_glue
from ._values import decode_batch, encode_batch, merge_types, sorted_choices, type_of_records

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PAYLOAD = "records binary, schema string, errors binary"
Records = list[dict[str, Any]]
# One batch of records in; the records kept and the error records out.
Step = Callable[[Records], tuple[Records, Records]]


def payload_batch(records: Records, errors: Records, hint: glue.StructType | None) -> Any:
    """One row of a payload, as an Arrow batch."""
    import pyarrow as pa

    kind = glue._serialize_schema(type_of_records(records, hint))
    row = [[pickle.dumps(records)], [kind], [pickle.dumps(errors) if errors else None]]
    arrays = [pa.array(values, type) for values, type in zip(row, (pa.binary(), pa.string(), pa.binary()), strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=["records", "schema", "errors"])


def unpickle(batches: Iterable[Any]) -> Iterator[Records]:
    """The record lists of payload batches."""
    for batch in batches:
        for packed in batch.column(0).to_pylist():
            yield pickle.loads(packed)  # noqa: S301 - our own bytes, from payload_batch


def run_step(contents: Contents, step: Step) -> DataFrame:
    """The payload of a step over a frame's records; kept by Spark, so that the step runs once."""
    from pyspark import StorageLevel

    source = contents.records() if contents.records else None
    columns = contents.columns if source is None else None
    hint = columns.schema if columns else None
    sparse = contents.sparse

    def over_columns(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            assert hint is not None
            yield payload_batch(*step(list(decode_batch(batch, hint, sparse))), hint)

    def over_payload(batches: Iterable[Any]) -> Iterator[Any]:
        for records in unpickle(batches):
            yield payload_batch(*step(records), None)

    if source is not None:
        return source.mapInArrow(over_payload, PAYLOAD).persist(StorageLevel.MEMORY_AND_DISK)
    assert columns is not None
    return columns.df.mapInArrow(over_columns, PAYLOAD).persist(StorageLevel.MEMORY_AND_DISK)


def session_zone(spark: SparkSession) -> Any:
    """The session's time zone."""
    import datetime as dt
    from zoneinfo import ZoneInfo

    name = spark.conf.get("spark.sql.session.timeZone") or "UTC"
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


def _widen_integers(kind: glue.DataType) -> glue.DataType:
    """int and long in one field of a Python function's results are one Python type: make it long."""
    if isinstance(kind, glue.ChoiceType):
        names = set(kind.choices)
        parts = [
            _widen_integers(part) for name, part in kind.choices.items() if not (name == "int" and "long" in names)
        ]
        return parts[0] if len(parts) == 1 else glue.ChoiceType(parts)
    if isinstance(kind, glue.StructType):
        return glue.StructType([glue.Field(field.name, _widen_integers(field.dataType)) for field in kind])
    return glue.ArrayType(_widen_integers(kind.elementType)) if isinstance(kind, glue.ArrayType) else kind


def as_struct(kind: glue.DataType) -> glue.StructType:
    """The type as that of records; of no record at all it is the struct without fields."""
    return kind if isinstance(kind, glue.StructType) else glue.StructType()


def columns_of_payload(payload: DataFrame, *, widen: bool) -> Columns:
    """The typed columns of a payload. Runs one Spark job, for the schema."""
    rows = payload.select("schema").collect()
    merged = merge_types(glue._deserialize_json_string(row["schema"]) for row in rows)
    kind = _widen_integers(merged) if widen else merged
    schema = as_struct(sorted_choices(kind))
    encode = encoder_for(schema, payload.sparkSession)

    def to_columns(batches: Iterable[Any]) -> Iterator[Any]:
        for records in unpickle(batches):
            yield encode(records)

    return Columns(payload.mapInArrow(to_columns, spark_from_glue(schema)), schema)


def errors_of_payload(payload: DataFrame) -> Records:
    """The error records of a payload, brought to the driver."""
    rows = payload.where("errors is not null").select("errors").collect()
    return [error for row in rows for error in pickle.loads(row["errors"])]  # noqa: S301 - as above


def contents_of_step(contents: Contents, step: Step, *, sparse: bool, widen: bool) -> Contents:
    """The contents after a Python step."""
    payload = cache(lambda: run_step(contents, step))
    return Contents(
        load=lambda: columns_of_payload(payload(), widen=widen),
        sparse=sparse,
        records=payload,
        stage_errors=lambda: errors_of_payload(payload()),
        earlier_errors=contents.all_errors,
    )


def columns_of_records(spark: SparkSession, records: Records) -> Columns:
    """Typed columns of records that are in the driver already."""
    schema = as_struct(sorted_choices(type_of_records(records)))
    zone = session_zone(spark)
    from ._values import encode

    rows = [tuple(encode(field.dataType, record.get(field.name), zone) for field in schema) for record in records]
    return Columns(spark.createDataFrame(rows, spark_from_glue(schema)), schema)


def empty_columns(spark: SparkSession) -> Columns:
    """No record and so no field."""
    return Columns(spark.range(0).select(), glue.StructType())


def take(contents: Contents, count: int) -> Records:
    """The first records, as dicts."""
    columns = contents.columns
    df = columns.df.limit(count)
    import pyarrow as pa

    batches = df._collect_as_arrow()
    table = pa.Table.from_batches(batches) if batches else None
    found: Records = []
    for batch in table.to_batches() if table is not None else ():
        found.extend(decode_batch(batch, columns.schema, contents.sparse))
    return found[:count]
