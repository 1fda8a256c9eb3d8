"""JSON read: self-describing records. One pass finds the type of every field; the rows are then read by Spark itself,
or, when a field has values of several types or a line is malformed, by Python.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._columnar import batch_of
from ._contents import Columns, Contents
from ._errors import ErrorRecords, error_record
from ._files import InputFile, open_file
from ._json_parse import JsonFormat, Records, batch_parser, from_options, parser_of, split_lines
from ._keys import NO_KEYS, Keys
from ._paths import literal
from ._records import PAYLOAD, arrow_schema_of, as_struct, payload_batch
from ._types import has_choice, spark_from_glue
from ._unpacked import decode, is_packed, lines_frame, needs_unpacking
from ._values import merge_types, sorted_choices, type_of_records

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["JsonFormat", "error_record", "from_options", "infer", "read"]

# Below this the driver looks at the files itself, which saves a Spark job of about 0.1 s.
_DRIVER_BYTES = 4 << 20


@dataclass(frozen=True)
class JsonFiles:
    """Files with the keys of their partitions; `compression` is that of files whose names do not tell ("" for none)."""

    spark: SparkSession
    files: tuple[InputFile, ...]
    form: JsonFormat
    keys: Keys
    compression: str

    @property
    def paths(self) -> list[str]:
        return [literal(file.path) for file in self.files]

    @property
    def unpacked_here(self) -> bool:
        return needs_unpacking(self.files, self.compression)


def _text_frame(source: JsonFiles, keys: Keys) -> DataFrame:
    """Column `value` with a line (or a whole file) a row, then the partition keys."""
    from pyspark.sql.types import StringType, StructField, StructType

    if source.unpacked_here:
        return lines_frame(source.spark, source.files, keys, source.compression, whole=source.form.multi_line)
    reader = source.spark.read.option("wholetext", source.form.multi_line)
    if keys.base_path:
        reader = reader.schema(StructType([StructField("value", StringType()), *keys.spark_fields]))
    return keys.add_to(reader.options(**keys.read_options).format("text").load(source.paths))


def _with_keys(batch: Any, names: Sequence[str], parse: Any) -> tuple[Records, Records]:
    """The records of a batch of texts; partition values become fields of theirs."""
    if not names:
        good, bad = parse(batch.column(0))
        return good, bad
    records: Records = []
    errors: Records = []
    values = list(zip(*(batch.column(place + 1).to_pylist() for place in range(len(names))), strict=True))
    for key, group in itertools.groupby(range(len(values)), key=values.__getitem__):
        rows = list(group)
        good, bad = parse(batch.column(0).slice(rows[0], len(rows)))
        keyed = dict(zip(names, key, strict=True))
        for record in good:
            record.update(keyed)
        records.extend(good)
        errors.extend(bad)
    return records, errors


def _payload(source: JsonFiles) -> DataFrame:
    """The records as they are in the files, for Python functions, and the error records."""
    parse, names = batch_parser(source.form), [name for name, _ in source.keys.fields]
    hint = glue.StructType(source.keys.glue_fields)

    def over_text(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            yield payload_batch(*_with_keys(batch, names, parse), hint)

    return _text_frame(source, source.keys).mapInArrow(over_text, PAYLOAD)


def _infer_in_driver(source: JsonFiles) -> tuple[glue.DataType, bool]:
    parse = parser_of(source.form)
    kind, failed = merge_types(()), False
    for file in source.files:
        with open_file(file) as stream:
            text = decode(stream.read())
        records, errors = parse([text] if source.form.multi_line else split_lines(text))
        kind, failed = glue.mergeDataTypes(kind, type_of_records(records)), failed or bool(errors)
    return kind, failed


def _infer_in_workers(source: JsonFiles) -> tuple[glue.DataType, bool]:
    parse = batch_parser(source.form)

    def over_text(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            records, errors = parse(batch.column(0))
            kind = glue._serialize_schema(type_of_records(records))
            yield pa.RecordBatch.from_arrays([pa.array([kind]), pa.array([bool(errors)])], names=["schema", "failed"])

    found = _text_frame(source, NO_KEYS).mapInArrow(over_text, "schema string, failed boolean")
    rows = found.distinct().collect()
    return merge_types(glue._deserialize_json_string(row["schema"]) for row in rows), any(row["failed"] for row in rows)


def infer(source: JsonFiles) -> tuple[glue.DataType, bool]:
    """The type of all records as `type_of_records` gives it, and whether some are malformed."""
    small = sum(file.size_bytes for file in source.files) <= _DRIVER_BYTES
    plain = not source.unpacked_here and not any(is_packed(file.path) for file in source.files)
    return _infer_in_driver(source) if small and plain else _infer_in_workers(source)


def _schema_of(found: glue.DataType, keys: Keys) -> glue.StructType:
    names = {name for name, _ in keys.fields}
    data = [field for field in as_struct(sorted_choices(found)) if field.name not in names]
    return glue.StructType([*data, *keys.glue_fields])


def _columns(source: JsonFiles, inferred: Callable[[], tuple[glue.DataType, bool]]) -> Columns:
    found, failed = inferred()
    schema, form, keys = _schema_of(found, source.keys), source.form, source.keys
    kind = spark_from_glue(schema)
    if not (failed or form.multi_line or form.json_path or has_choice(schema) or source.unpacked_here):
        data = glue.StructType(schema.fields[: len(schema.fields) - len(keys.fields)])
        reader = source.spark.read.schema(kind if keys.base_path else spark_from_glue(data))
        df = reader.options(**keys.read_options).option("mode", "FAILFAST").json(source.paths)
        return Columns(keys.add_to(df), schema)
    arrow = arrow_schema_of(schema)
    parse, names = batch_parser(form), [name for name, _ in keys.fields]

    def over_text(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            yield batch_of(_with_keys(batch, names, parse)[0], schema, arrow)

    return Columns(_text_frame(source, keys).mapInArrow(over_text, kind), schema)


def _described(found: glue.DataType, keys: Keys) -> glue.DataType:
    """The records' type with the keys of their partitions."""
    names = {name for name, _ in keys.fields}
    data = [field for field in as_struct(found) if field.name not in names]
    return glue.StructType([*data, *keys.glue_fields])


def read(
    spark: SparkSession, files: Sequence[InputFile], form: JsonFormat, keys: Keys = NO_KEYS, *, compression: str = ""
) -> Contents:
    """Contents of JSON files; names keep the files' spelling."""
    source = JsonFiles(spark, tuple(files), form, keys, compression)
    inferred = cache(lambda: infer(source))
    payload = cache(lambda: _payload(source))
    return Contents(
        load=lambda: _columns(source, inferred),
        sparse=True,
        records=payload,
        described=lambda: _described(inferred()[0], keys),
        stage_errors=cache(lambda: ErrorRecords(payload())),
    )
