"""WITH (…) of CREATE TABLE AS and UNLOAD."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.errors import QueryFailure, not_supported

_CREATE = {
    "format", "external_location", "partitioned_by", "write_compression", "parquet_compression", "orc_compression", "compression_level",
    "field_delimiter", "is_external", "table_type",
}  # fmt: skip
_UNLOAD = {"format", "partitioned_by", "compression", "write_compression", "compression_level", "field_delimiter"}
_FORMATS = ("ORC", "PARQUET", "AVRO", "JSON", "TEXTFILE")
# https://docs.aws.amazon.com/athena/latest/ug/compression-support-hive.html, what may be written in each format.
_CODECS = {
    "PARQUET": ("GZIP", "SNAPPY", "ZSTD", "LZ4", "NONE", "UNCOMPRESSED"), "ORC": ("ZLIB", "SNAPPY", "ZSTD", "LZ4", "NONE"),
    "AVRO": ("DEFLATE", "SNAPPY", "BZIP2", "ZSTD", "NONE", "GZIP"), "JSON": ("GZIP", "BZIP2", "ZSTD", "SNAPPY", "LZ4", "NONE"),
    "TEXTFILE": ("GZIP", "BZIP2", "ZSTD", "SNAPPY", "LZ4", "NONE"),
}  # fmt: skip
_DEFAULT_CODECS = {"ORC": "ZLIB", "AVRO": "DEFLATE"}


def create_properties(cursor: Cursor) -> dict[str, Any]:
    """The properties of CREATE TABLE AS; what Athena does not know, and what is not to be had here, is refused."""
    found = _read(cursor)
    for name in ("bucketed_by", "bucket_count", "location", "partitioning"):
        if name in found:
            raise not_supported(f"{name} in CREATE TABLE AS")
    for name in found:
        if name not in _CREATE:
            raise QueryFailure(
                "INVALID_TABLE_PROPERTY", f"Catalog 'awsdatacatalog' table property '{name}' does not exist"
            )
    if str(found.get("table_type", "HIVE")).upper() != "HIVE":
        raise not_supported(f"table_type = '{found['table_type']}'")
    if found.get("is_external", True) is not True:
        raise not_supported("is_external = false")
    return found


def unload_properties(cursor: Cursor) -> dict[str, Any]:
    """The properties of UNLOAD; a format must be among them."""
    found = _read(cursor)
    for name in found:
        if name not in _UNLOAD:
            raise QueryFailure("INVALID_TABLE_PROPERTY", f"Unload property '{name}' does not exist")
    return found


def _read(cursor: Cursor) -> dict[str, Any]:
    """``name = 'text' | ARRAY['a','b'] | true``."""
    found: dict[str, Any] = {}
    cursor.expect("(")
    while True:
        name = cursor.name()
        if name in found:
            raise QueryFailure("DUPLICATE_PROPERTY", f"Property {name} specified more than once")
        cursor.expect("=")
        found[name] = _value(cursor)
        if cursor.accept(")"):
            return found
        cursor.expect(",")


def _value(cursor: Cursor) -> Any:
    token = cursor.peek()
    if token is not None and token.word in ("TRUE", "FALSE"):
        return cursor.take().word == "TRUE"
    if token is not None and token.kind == "number":
        return cursor.take().text
    if not cursor.accept("ARRAY"):
        return _text(cursor)
    cursor.expect("[")
    values = []
    while not cursor.accept("]"):
        values.append(_text(cursor))
        if not cursor.accept(",") and not cursor.at("]"):
            raise cursor.failure()
    return values


def _text(cursor: Cursor) -> str:
    """A string in Trino's SQL: a backslash is a backslash."""
    token = cursor.peek()
    if token is None or token.kind != "string":
        raise cursor.failure()
    return cursor.take().value


def format_of(found: dict[str, Any]) -> str:
    """The format, PARQUET when there is none."""
    chosen = str(found.get("format", "PARQUET")).upper()
    if chosen not in _FORMATS:
        text = (
            f"Unable to set catalog 'awsdatacatalog' table property 'format' to ['{found['format']}']: Invalid value "
            f"[{found['format']}]. Valid values: [{', '.join(_FORMATS)}]"
        )
        raise QueryFailure("INVALID_TABLE_PROPERTY", text)
    return chosen


def codec_of(found: dict[str, Any], format_: str) -> str:
    """The compression, GZIP (ZLIB in ORC, DEFLATE in Avro) when there is none."""
    own = {"PARQUET": "parquet_compression", "ORC": "orc_compression"}.get(format_, "")
    given = [found[name] for name in ("write_compression", own, "compression") if found.get(name) is not None]
    if len({str(one).upper() for one in given}) > 1:
        raise QueryFailure("INVALID_TABLE_PROPERTY", f"write_compression and {own} name different codecs")
    codec = str(given[0]).upper() if given else _DEFAULT_CODECS.get(format_, "GZIP")
    if codec not in _CODECS[format_]:
        text = (
            f"Compression codec {codec} is not supported for {format_}. Valid values: [{', '.join(_CODECS[format_])}]"
        )
        raise QueryFailure("INVALID_TABLE_PROPERTY", text)
    level = found.get("compression_level")
    if level is not None and codec != "ZSTD":
        raise QueryFailure("INVALID_TABLE_PROPERTY", "compression_level can be specified only with ZSTD compression")
    return codec
