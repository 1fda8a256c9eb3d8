"""Avro files read: whole files through fastavro, records into typed columns."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._align import union
from ._avro_header import read_header, with_schema
from ._contents import Columns, Contents
from ._files import InputFile, open_file
from ._keys import NO_KEYS, Keys
from ._options import one_of
from ._types import spark_from_glue
from ._unpacked import each_file, packing_of, unpack, whole_files
from ._values import merge_types, sorted_choices

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_BATCH = 10_000
_HEADER_BYTES = 1 << 20
_ATOMS: dict[str, glue.DataType] = {
    "null": glue.NullType(), "boolean": glue.BooleanType(), "int": glue.IntegerType(), "long": glue.LongType(),
    "float": glue.FloatType(), "double": glue.DoubleType(), "bytes": glue.BinaryType(), "string": glue.StringType(),
    "fixed": glue.BinaryType(), "enum": glue.StringType(),
}  # fmt: skip
_LOGICAL: dict[str, glue.DataType] = {
    "date": glue.DateType(), "timestamp-millis": glue.TimestampType(), "timestamp-micros": glue.TimestampType(),
    "local-timestamp-millis": glue.TimestampType(), "local-timestamp-micros": glue.TimestampType(),
}  # fmt: skip


def version_of(format_options: Mapping[str, Any]) -> str:
    """The Avro version: "1.8" reads and writes logical types, "1.7" (the default) does not."""
    return one_of(format_options, "version", ("1.7", "1.8")) or "1.7"


def plain_schema(schema: Any, version: str) -> Any:
    """The Avro schema with the logical types that are not read left out: all for 1.7, times and UUIDs for 1.8."""
    if isinstance(schema, list):
        return [plain_schema(one, version) for one in schema]
    if not isinstance(schema, dict):
        return schema
    known = version == "1.8" and (schema.get("logicalType") in _LOGICAL or schema.get("logicalType") == "decimal")
    dropped = () if known else ("logicalType", "precision", "scale")
    inner = {name: value for name, value in schema.items() if name not in dropped}
    if "fields" in inner:
        inner["fields"] = [{**field, "type": plain_schema(field["type"], version)} for field in inner["fields"]]
    for name in ("items", "values"):
        if name in inner:
            inner[name] = plain_schema(inner[name], version)
    if isinstance(inner["type"], (dict, list)):
        inner["type"] = plain_schema(inner["type"], version)
    return inner


def glue_type(schema: Any, named: dict[str, glue.DataType]) -> glue.DataType:
    """The Glue type of an Avro schema; a union of several types is a choice."""
    if isinstance(schema, list):
        return merge_types(glue_type(one, named) for one in schema if one != "null")
    if isinstance(schema, str):
        return _ATOMS.get(schema) or named[schema]
    kind = schema["type"]
    if isinstance(kind, (dict, list)):
        return glue_type(kind, named)
    if schema.get("logicalType") == "decimal":
        found: glue.DataType = glue.DecimalType(int(schema["precision"]), int(schema.get("scale", 0)))
    elif schema.get("logicalType") in _LOGICAL:
        found = _LOGICAL[schema["logicalType"]]
    elif kind in ("record", "error"):
        found = glue.StructType(
            [glue.Field(field["name"], glue_type(field["type"], named)) for field in schema["fields"]]
        )
    elif kind == "array":
        return glue.ArrayType(glue_type(schema["items"], named))
    elif kind == "map":
        return glue.MapType(glue_type(schema["values"], named))
    else:
        found = _ATOMS[kind] if kind in _ATOMS else named[kind]
    if "name" in schema:
        named[schema["name"]] = found
        named[f"{schema.get('namespace', '')}.{schema['name']}".lstrip(".")] = found
    return found


def _open(data: bytes, version: str, name: str) -> Any:
    """A fastavro reader of a file's bytes, without the logical types that are not read."""
    import io

    import fastavro

    header = read_header(data, name)
    written = json.loads(header.metadata["avro.schema"])
    plain = plain_schema(written, version)
    same = plain == written
    return fastavro.reader(io.BytesIO(data if same else with_schema(data, header, json.dumps(plain).encode())))


def _schema_text(file: InputFile, compression: str) -> str:
    """The writer schema of a file, as JSON text."""
    packing = packing_of(file.path, compression)
    with open_file(file) as stream:
        data = unpack(stream.read(), packing) if packing else stream.read(_HEADER_BYTES)
        try:
            header = read_header(data, file.path)
        except ValueError:
            header = read_header(data + stream.read(), file.path)
    return header.metadata["avro.schema"].decode()


def _naive_as_utc(value: Any) -> Any:
    return value.replace(tzinfo=dt.timezone.utc) if isinstance(value, dt.datetime) and not value.tzinfo else value


def _columns(
    spark: SparkSession, files: Sequence[InputFile], schema_text: str, version: str, compression: str, keys: Keys
) -> Columns:
    from ._records import encoder_for

    found = sorted_choices(glue_type(plain_schema(json.loads(schema_text), version), {}))
    if not isinstance(found, glue.StructType):
        raise ValueError(
            f"{files[0].path}: the records of an Avro file must be of type record, not {found.typeName()}."
        )
    names = {name for name, _ in keys.fields}
    schema = glue.StructType([*(field for field in found if field.name not in names), *keys.glue_fields])
    encode = encoder_for(schema, spark)

    def over_files(batches: Iterable[Any]) -> Iterator[Any]:
        for path, content, values in each_file(batches):
            extra = dict(zip((name for name, _ in keys.fields), values, strict=True))
            chunk: list[dict[str, Any]] = []
            for record in _open(content, version, path):
                chunk.append({**{name: _naive_as_utc(value) for name, value in record.items()}, **extra})
                if len(chunk) == _BATCH:
                    yield encode(chunk)
                    chunk = []
            if chunk:
                yield encode(chunk)

    def unpacked(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            opened = [unpack(content, packing_of(path, compression)) for path, content, _ in each_file([batch])]
            kept = [batch.column(place) for place in range(2, batch.num_columns)]
            yield pa.RecordBatch.from_arrays(
                [batch.column(0), pa.array(opened, pa.binary()), *kept], batch.schema.names
            )

    rows = whole_files(spark, files, keys)
    return Columns(rows.mapInArrow(lambda batches: over_files(unpacked(batches)), spark_from_glue(schema)), schema)


def read(
    spark: SparkSession, files: Sequence[InputFile], version: str, compression: str = "", keys: Keys = NO_KEYS
) -> Contents:
    """Contents of Avro files; files with different schemas are put together, a field of two types is a choice."""

    def load() -> Columns:
        by_schema: dict[str, list[InputFile]] = {}
        for file in files:
            if file.size_bytes:
                by_schema.setdefault(_schema_text(file, compression), []).append(file)
        parts = [_columns(spark, group, text, version, compression, keys) for text, group in by_schema.items()]
        if not parts:
            from ._records import empty_columns

            return empty_columns(spark)
        return union(parts) if len(parts) > 1 else parts[0]

    return Contents(load)
