"""Avro: the schema stands in the file's header; rows are counted from block to block without reading them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from labkit.cloud.crawler.hive_types import NULL, Array, Column, HiveType, Map, Struct, distinct_columns, merge_all
from labkit.cloud.crawler.sample import UnreadableFile
from labkit.cloud.crawler.shape import AvroLayout, FileShape

MAGIC = b"Obj\x01"
_SYNC_BYTES = 16
_MAX_HEADER_ITEM = 16 << 20
_PRIMITIVES = {
    "null": NULL,
    "boolean": "boolean",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "bytes": "binary",
    "string": "string",
    "enum": "string",
    "fixed": "binary",
}
_LOGICAL = {"date": "date", "timestamp-millis": "timestamp", "timestamp-micros": "timestamp"}


def classify_avro(path: Path, size_bytes: int) -> FileShape:
    """Read an Avro header and its block counts; UnreadableFile when they are broken."""
    try:
        with path.open("rb") as file:
            file.seek(len(MAGIC))
            schema_text = _header(file)["avro.schema"].decode()
            schema = json.loads(schema_text)
            file.seek(_SYNC_BYTES, 1)
            rows = _count_rows(file, size_bytes)
        named: dict[str, HiveType] = {}
        root = avro_type(schema, named)
        fields = root.fields if isinstance(root, Struct) else ()
        columns = distinct_columns(Column(name, kind) for name, kind in fields)
    except (KeyError, TypeError, ValueError, EOFError, RecursionError) as error:
        raise UnreadableFile(f"it starts as Avro but its header or blocks cannot be read ({error!r})") from error
    return FileShape(
        classification="avro",
        columns=columns,
        layout=AvroLayout(schema_text),
        record_count=rows,
        average_record_size=size_bytes // rows if rows else 0,
        sample_rows=rows,
    )


def avro_type(schema: Any, named: dict[str, HiveType]) -> HiveType:
    """Return the Hive type of an Avro schema; ``named`` collects records that are referred to by name later."""
    if isinstance(schema, list):
        return merge_all(avro_type(branch, named) for branch in schema)
    if isinstance(schema, str):
        return named.get(schema) or named.get(schema.rpartition(".")[2]) or _PRIMITIVES[schema]
    kind = schema["type"]
    if kind in ("record", "error"):
        named[schema["name"].rpartition(".")[2]] = "string"  # a record within itself: Hive has no such type
        struct = Struct(tuple((f["name"], avro_type(f["type"], named)) for f in schema["fields"]))
        named[schema["name"].rpartition(".")[2]] = struct
        return struct
    if kind == "array":
        return Array(avro_type(schema["items"], named))
    if kind == "map":
        return Map("string", avro_type(schema["values"], named))
    if schema.get("logicalType") == "decimal":
        return f"decimal({schema['precision']},{schema.get('scale', 0)})"
    result = _LOGICAL.get(schema.get("logicalType", "")) or avro_type(kind, named)
    if "name" in schema:
        named[schema["name"].rpartition(".")[2]] = result
    return result


def _header(file: IO[bytes]) -> dict[str, bytes]:
    entries: dict[str, bytes] = {}
    while count := _read_long(file):
        if count < 0:
            count = -count
            _read_long(file)  # the block's size in bytes, for readers that skip it
        for _ in range(count):
            key = _read_bytes(file).decode()
            entries[key] = _read_bytes(file)
    return entries


def _count_rows(file: IO[bytes], size_bytes: int) -> int:
    rows = 0
    while file.tell() < size_bytes:
        rows += _read_long(file)
        file.seek(_read_long(file) + _SYNC_BYTES, 1)
    if file.tell() != size_bytes:
        raise EOFError("the last block ends after the end of the file")
    return rows


def _read_bytes(file: IO[bytes]) -> bytes:
    length = _read_long(file)
    if not 0 <= length <= _MAX_HEADER_ITEM:
        raise ValueError(f"a header item of {length} bytes")
    data = file.read(length)
    if len(data) != length:
        raise EOFError("the header is cut")
    return data


def _read_long(file: IO[bytes]) -> int:
    """Avro's zig-zag variable-length integer."""
    value = shift = 0
    while True:
        byte = file.read(1)
        if not byte or shift > 63:
            raise EOFError("a number is cut")
        value |= (byte[0] & 0x7F) << shift
        if not byte[0] & 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7
