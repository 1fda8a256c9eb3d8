"""Records to Arrow columns of a Glue type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from . import gluetypes as glue
from ._presence import VALUE, Marked

_INT_MAX = 2**31
_NUMBERS = ("byte", "short", "int", "long", "float", "double", "decimal")
_NAMES: dict[type, str] = {
    bool: "boolean", float: "double", str: "string", bytes: "binary", bytearray: "binary", dt.datetime: "timestamp",
    dt.date: "date", Decimal: "decimal", dict: "struct", list: "array", tuple: "array", set: "array",
}  # fmt: skip


def _part_of(kind: glue.ChoiceType, value: Any) -> str:
    """Which of the choice's types the value is of."""
    if isinstance(value, int) and not isinstance(value, bool):
        name = "int" if -_INT_MAX <= value < _INT_MAX else "long"
    else:
        name = next((_NAMES[one] for one in type(value).__mro__ if one in _NAMES), "string")
    if name in kind.choices:
        return name
    # A hinted type: a long column keeps long for small integers, and a map its keys.
    others = ("map",) if name == "struct" else _NUMBERS if name in _NUMBERS else ("timestamp_ntz",)
    return next((other for other in reversed(others) if other in kind.choices), next(iter(kind.choices)))


def encode(kind: glue.DataType, value: Any, zone: dt.tzinfo) -> Any:
    """The value as Arrow takes it for that type; a datetime without a zone is in `zone` (the Spark session's)."""
    if value is None or isinstance(kind, (glue.NullType, glue.UnknownType)):
        return None
    if isinstance(kind, glue.ChoiceType):
        name = _part_of(kind, value)
        return {name: encode(kind.choices[name], value, zone)}
    if isinstance(kind, glue.StructType):
        return _encode_struct(kind, value, zone)
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return [encode(kind.elementType, item, zone) for item in value]
    if isinstance(kind, glue.MapType):
        return [(str(key), encode(kind.valueType, item, zone)) for key, item in value.items()]
    if isinstance(kind, glue.DecimalType):
        return Decimal(value)
    if isinstance(kind, glue.TimestampType):
        return value if value.tzinfo or zone is dt.timezone.utc else value.replace(tzinfo=zone)
    return value


def _encode_struct(kind: glue.StructType, value: dict[str, Any], zone: dt.tzinfo) -> dict[str, Any]:
    return {field.name: encode_field(field.dataType, value[field.name], zone) for field in kind if field.name in value}


def encode_field(kind: glue.DataType, value: Any, zone: dt.tzinfo) -> Any:
    """The value of a key that the record has; a null of a marked field is a struct with a null in it."""
    return {VALUE: encode(kind.inner, value, zone)} if isinstance(kind, Marked) else encode(kind, value, zone)


def is_plain(kind: glue.DataType) -> bool:
    """True when Arrow takes the record's values as they are."""
    if isinstance(kind, glue.StructType):
        return bool(kind.fields) and all(is_plain(field.dataType) for field in kind)
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return is_plain(kind.elementType)
    return isinstance(kind, glue.AtomicType) and not isinstance(
        kind, (glue.DecimalType, glue.TimestampType, glue.NullType, glue.UnknownType)
    )


def _values(records: Sequence[dict[str, Any]], field: glue.Field, zone: dt.tzinfo) -> list[Any]:
    name, kind = field.name, field.dataType
    if is_plain(kind):
        return [record.get(name) for record in records]
    return [encode_field(kind, record[name], zone) if name in record else None for record in records]


def encode_batch(records: Sequence[dict[str, Any]], schema: glue.StructType, arrow_schema: Any, zone: dt.tzinfo) -> Any:
    """The records as an Arrow batch of that schema."""
    import pyarrow as pa

    columns = [
        pa.array(_values(records, field, zone), type=arrow_schema.field(place).type)
        for place, field in enumerate(schema)
    ]
    if not columns:
        return pa.RecordBatch.from_struct_array(pa.array([{}] * len(records), type=pa.struct([])))
    return pa.RecordBatch.from_arrays(columns, schema=arrow_schema)
