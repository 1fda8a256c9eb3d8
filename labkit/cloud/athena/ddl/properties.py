"""WITH (…) of CREATE TABLE AS and UNLOAD."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.errors import QueryFailure, not_supported

_KNOWN = {
    "format", "external_location", "partitioned_by", "write_compression", "parquet_compression", "field_delimiter", "compression",
    "is_external", "table_type",
}  # fmt: skip


def table_properties(cursor: Cursor) -> dict[str, Any]:
    """``name = 'text' | ARRAY['a','b'] | true``."""
    found: dict[str, Any] = {}
    cursor.expect("(")
    while True:
        name = cursor.name()
        cursor.expect("=")
        found[name] = _value(cursor)
        if cursor.accept(")"):
            break
        cursor.expect(",")
    for name in found:
        if name in ("bucketed_by", "bucket_count"):
            raise not_supported("bucketed_by")
        if name not in _KNOWN:
            raise QueryFailure(
                "INVALID_TABLE_PROPERTY",
                f"Table property '{name}' does not exist or is not available in the local Athena",
            )
    if str(found.get("table_type", "HIVE")).upper() != "HIVE":
        raise not_supported(f"table_type = '{found['table_type']}'")
    return found


def _value(cursor: Cursor) -> Any:
    token = cursor.peek()
    if token is not None and token.word in ("TRUE", "FALSE"):
        return cursor.take().word == "TRUE"
    if token is not None and token.kind == "number":
        return cursor.take().text
    if not cursor.accept("ARRAY"):
        return cursor.string()
    cursor.expect("[")
    values = []
    while not cursor.accept("]"):
        values.append(cursor.string())
        cursor.accept(",")
    return values
