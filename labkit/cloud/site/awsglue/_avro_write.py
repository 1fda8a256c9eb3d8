"""Avro files written: one container for each partition of the frame (and for each `k=v` folder of it)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._avro import version_of
from ._compression import codec_for
from ._contents import Columns
from ._folder import Folder
from ._prepare import Target
from ._values import decode_batch

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ATOMS = {
    "string": "string", "int": "int", "short": "int", "byte": "int", "long": "long", "float": "float", "double": "double",
    "boolean": "boolean", "binary": "bytes", "null": "null", "unknown": "null", "enum": "string",
}  # fmt: skip
# Without logical types (Avro 1.7) these are written as their text.
_LOGICAL: dict[str, dict[str, str]] = {
    "date": {"type": "int", "logicalType": "date"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros"},
    "timestamp_ntz": {"type": "long", "logicalType": "local-timestamp-micros"},
}


def _branches(kind: glue.DataType, version: str, name: str) -> list[Any]:
    if isinstance(kind, glue.ChoiceType):
        return [_type(part, version, f"{name}_{part.typeName()}") for part in kind.choices.values()]
    return [_type(kind, version, name)]


def _nullable(kind: glue.DataType, version: str, name: str) -> Any:
    found = [one for one in _branches(kind, version, name) if one != "null"]
    distinct = [one for place, one in enumerate(found) if one not in found[:place]]
    return ["null", *distinct] if distinct else "null"


def _type(kind: glue.DataType, version: str, name: str) -> Any:
    if isinstance(kind, glue.StructType):
        return {"type": "record", "name": name, "fields": _fields(kind, version, name)}
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return {"type": "array", "items": _nullable(kind.elementType, version, f"{name}_element")}
    if isinstance(kind, glue.MapType):
        return {"type": "map", "values": _nullable(kind.valueType, version, f"{name}_value")}
    if isinstance(kind, glue.DecimalType) and version == "1.8":
        return {"type": "bytes", "logicalType": "decimal", "precision": kind.precision, "scale": kind.scale}
    if kind.typeName() in _LOGICAL:
        return _LOGICAL[kind.typeName()] if version == "1.8" else "string"
    return _ATOMS.get(kind.typeName(), "string")


def _fields(schema: glue.StructType, version: str, parent: str) -> list[dict[str, Any]]:
    bad = [one.name for one in schema if not (one.name.isascii() and one.name.isidentifier())]
    if bad:
        raise ValueError(f"Avro names are letters, digits and _ only; rename the fields {bad} before writing Avro.")
    return [
        {"name": one.name, "type": _nullable(one.dataType, version, f"{parent}_{one.name}"), "default": None}
        for one in schema
    ]


def avro_schema(schema: glue.StructType, version: str) -> dict[str, Any]:
    """The Avro schema of a frame: each field may be null, a choice is a union."""
    return {"type": "record", "name": "topLevelRecord", "fields": _fields(schema, version, "topLevelRecord")}


def _plain(value: Any, version: str) -> Any:
    """A value as fastavro takes it; without logical types, dates, times and decimals are their text."""
    from decimal import Decimal

    if isinstance(value, dict):
        return {name: _plain(item, version) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, version) for item in value]
    if version == "1.8" and isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=dt.timezone.utc)
    if version != "1.8" and isinstance(value, (dt.date, dt.datetime, Decimal)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return value


def _container(schema: Mapping[str, Any], records: Iterable[Mapping[str, Any]], codec: str) -> bytes:
    import io

    import fastavro

    stream = io.BytesIO()
    fastavro.writer(stream, fastavro.parse_schema(dict(schema)), records, codec=codec)
    return stream.getvalue()


def write_containers(spark: SparkSession, columns: Columns, target: Target, staged: Folder) -> int:
    """Write the frame's Avro files into a folder; how many rows they hold. Files pass through the driver one by one."""
    from pyspark.sql import functions as f

    from ._paths import quote
    from ._records import by_position

    keys, version = list(target.partition_keys), version_of(target.format_options)
    codec = {"none": "null", None: "deflate"}.get(name := codec_for("avro", target.compression), str(name))
    kept = glue.StructType([one for one in columns.schema if one.name not in keys])
    schema = avro_schema(kept, version)
    folder = _folder_column(keys)
    df = columns.df.select(*(f.col(quote(one.name)) for one in kept), folder.alias("__folder"))

    def over_columns(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        by_folder: dict[str, list[Any]] = {}
        for batch in batches:
            folders = batch.column(batch.num_columns - 1).to_pylist()
            for record, place in zip(decode_batch(batch, kept, False), folders, strict=True):
                by_folder.setdefault(place, []).append(_plain(record, version))
        for place, records in by_folder.items():
            data = _container(schema, records, codec)
            arrays = [pa.array([place]), pa.array([data], pa.binary()), pa.array([len(records)], pa.int64())]
            yield pa.RecordBatch.from_arrays(arrays, names=["folder", "data", "rows"])

    written, numbers = 0, dict[str, int]()
    files = by_position(df).mapInArrow(over_columns, "folder string, data binary, rows bigint")
    for row in files.toLocalIterator():
        number = numbers[row["folder"]] = numbers.get(row["folder"], -1) + 1
        staged.put(f"{row['folder']}/part-{number:05d}.avro".lstrip("/"), bytes(row["data"]))
        written += row["rows"]
    return written


def _folder_column(keys: Sequence[str]) -> Any:
    """The `k=v` folders of a row, escaped as Hive and Spark do it."""
    from pyspark.sql import functions as f

    from ._paths import quote
    from ._predicates import HIVE_NULL

    escaped = []
    for key in keys:
        text = f.col(quote(key)).cast("string")
        for letter in "%\"#'*/:=?\\{[]^\x7f":
            text = f.replace(text, f.lit(letter), f.lit(f"%{ord(letter):02X}"))
        value = f.when(text.isNull() | (text == ""), HIVE_NULL).otherwise(text)
        escaped.append(f.concat(f.lit(f"{key}="), value))
    return f.concat_ws("/", *escaped) if escaped else f.lit("")
