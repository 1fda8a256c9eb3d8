"""The table's types as Arrow has them, and Python values made to fit them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.types import INTEGERS, Type, field_name, show


def arrow_type(kind: Type) -> Any:
    """The Arrow type of a Hive table's column."""
    import pyarrow as pa

    if kind.name == "array":
        return pa.list_(arrow_type(kind.items[0]))
    if kind.name == "map":
        return pa.map_(arrow_type(kind.items[0]), arrow_type(kind.items[1]))
    if kind.name == "row":
        return pa.struct([pa.field(field_name(kind, i), arrow_type(item)) for i, item in enumerate(kind.items)])
    if kind.name == "decimal":
        return pa.decimal128(*kind.params)
    simple = {
        "boolean": pa.bool_(), "tinyint": pa.int8(), "smallint": pa.int16(), "integer": pa.int32(), "bigint": pa.int64(),
        "real": pa.float32(), "double": pa.float64(), "varchar": pa.string(), "char": pa.string(), "varbinary": pa.binary(),
        "date": pa.date32(), "timestamp": pa.timestamp("us"),
    }  # fmt: skip
    if kind.name not in simple:
        raise not_supported(f"a column of type {kind} in a file")
    return simple[kind.name]


def fitting(value: Any, kind: Type) -> Any:
    """A value of an Avro record as the table's type; HIVE_BAD_DATA when it is another."""
    if value is None:
        return None
    if kind.name == "array" and isinstance(value, list):
        return [fitting(one, kind.items[0]) for one in value]
    if kind.name == "map" and isinstance(value, dict):
        return [(fitting(key, kind.items[0]), fitting(one, kind.items[1])) for key, one in value.items()]
    if kind.name == "row" and isinstance(value, Mapping):
        lowered = {key.lower(): one for key, one in value.items()}
        names = [field_name(kind, index) for index in range(len(kind.items))]
        return {name: fitting(lowered.get(name), item) for name, item in zip(names, kind.items, strict=True)}
    if kind.name in ("varchar", "char"):
        return _text(value)[: kind.params[0] if kind.params else None]
    return _plain(value, kind)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _plain(value: Any, kind: Type) -> Any:
    name = kind.name
    if name == "timestamp" and isinstance(value, datetime):
        return value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value
    if name in ("real", "double") and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if name == "decimal" and isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-kind.params[1]))
    accepts: dict[str, tuple[type, ...]] = {
        "boolean": (bool,), **dict.fromkeys(INTEGERS, (int,)), "varbinary": (bytes,), "date": (object,),
    }  # fmt: skip
    if not isinstance(value, accepts.get(name, ())) or (isinstance(value, bool) and name != "boolean"):
        raise QueryFailure(
            "HIVE_BAD_DATA", f"Cannot read a value of the Avro type {type(value).__name__} as {show(kind)}"
        )
    return value
