"""Arrow columns to records: whole columns at a time, so that a nested value costs no Arrow scalar of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from . import gluetypes as glue
from ._presence import Marked

# Stands for a key that the record does not have.
_ABSENT = object()
_NUMBERS = (
    glue.IntegerType,
    glue.LongType,
    glue.ShortType,
    glue.ByteType,
    glue.DoubleType,
    glue.FloatType,
    glue.BooleanType,
)


def _validity(array: Any) -> list[bool]:
    found: list[bool] = array.is_valid().to_numpy(zero_copy_only=False).tolist()
    return found


def _dicts(names: Sequence[str], parts: Sequence[Sequence[Any]], count: int, sparse: bool) -> Iterator[dict[str, Any]]:
    rows: Iterable[Sequence[Any]] = zip(*parts, strict=True) if parts else ((),) * count
    if not sparse:
        return (dict(zip(names, row, strict=True)) for row in rows)
    return ({name: item for name, item in zip(names, row, strict=True) if item is not _ABSENT} for row in rows)


def _struct(array: Any, kind: glue.StructType, sparse: bool) -> list[Any]:
    children = array.flatten()
    parts = [_field(children[place], field.dataType, sparse) for place, field in enumerate(kind)]
    built = _dicts([field.name for field in kind], parts, len(array), sparse)
    return [one if there else None for one, there in zip(built, _validity(array), strict=True)]


def _first(row: Sequence[Any]) -> Any:
    return next((item for item in row if item is not None), None)


def _choice(array: Any, kind: glue.ChoiceType, sparse: bool) -> list[Any]:
    children = array.flatten()
    parts = [_values(children[place], part, sparse) for place, part in enumerate(kind.choices.values())]
    return [_first(row) for row in zip(*parts, strict=True)]


def _list(array: Any, kind: glue.ArrayType | glue.SetType, sparse: bool) -> list[Any]:
    items, ends = _values(array.values, kind.elementType, sparse), array.offsets.to_pylist()
    there = _validity(array)
    return [items[ends[row] : ends[row + 1]] if there[row] else None for row in range(len(array))]


def _map(array: Any, kind: glue.MapType, sparse: bool) -> list[Any]:
    keys, items, ends = array.keys.to_pylist(), _values(array.items, kind.valueType, sparse), array.offsets.to_pylist()
    there = _validity(array)
    return [
        dict(zip(keys[ends[row] : ends[row + 1]], items[ends[row] : ends[row + 1]], strict=True))
        if there[row]
        else None
        for row in range(len(array))
    ]


def _timestamps(array: Any) -> list[Any]:
    """Naive, in the session's zone, which is the zone that Arrow's column names."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        local = pc.local_timestamp(array) if array.type.tz else array
    except pa.ArrowInvalid:  # no time zone data base, as on a bare Windows: Python has its own
        values: list[dt.datetime | None] = array.to_pylist()
        return [value.replace(tzinfo=None) if value is not None else None for value in values]
    return _by_numpy(local)


def _by_numpy(array: Any) -> list[Any]:
    """The values by way of NumPy, several times faster than one Arrow scalar a value."""
    found: list[Any] = array.to_numpy(zero_copy_only=False).tolist()
    return found


def _atoms(array: Any, kind: glue.DataType) -> list[Any]:
    if isinstance(kind, glue.TimestampType):
        return _timestamps(array)
    if isinstance(kind, (glue.StringType, glue.DateType, glue.BinaryType, glue.TimestampNTZType)):
        return _by_numpy(array)
    if isinstance(kind, _NUMBERS) and not array.null_count:
        return _by_numpy(array)
    if isinstance(kind, _NUMBERS) and array.null_count < len(array):
        filled = _by_numpy(array.fill_null(False if isinstance(kind, glue.BooleanType) else 0))
        return [value if there else None for value, there in zip(filled, _validity(array), strict=True)]
    found: list[Any] = array.to_pylist()
    return found


def _values(array: Any, kind: glue.DataType, sparse: bool) -> list[Any]:
    """The values of an Arrow array; a null and a missing key are both None."""
    if isinstance(kind, Marked):
        return _values(array.flatten()[0], kind.inner, sparse)
    if isinstance(kind, glue.StructType):
        return _struct(array, kind, sparse)
    if isinstance(kind, glue.ChoiceType):
        return _choice(array, kind, sparse)
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return _list(array, kind, sparse)
    if isinstance(kind, glue.MapType):
        return _map(array, kind, sparse)
    return _atoms(array, kind)


def _field(array: Any, kind: glue.DataType, sparse: bool) -> list[Any]:
    """The values of a field; where `sparse`, what stands for a missing key is `_ABSENT`."""
    values = _values(array, kind, sparse)
    if not sparse:
        return values
    if isinstance(kind, Marked):
        return [value if there else _ABSENT for value, there in zip(values, _validity(array), strict=True)]
    return [_ABSENT if value is None else value for value in values] if array.null_count else values


def decode_batch(batch: Any, schema: glue.StructType, sparse: bool) -> Iterator[dict[str, Any]]:
    """The records of an Arrow batch, as dicts. `sparse`: a null column is a missing key, unless the field is marked."""
    parts = [_field(batch.column(place), field.dataType, sparse) for place, field in enumerate(schema)]
    return _dicts([field.name for field in schema], parts, batch.num_rows, sparse)
