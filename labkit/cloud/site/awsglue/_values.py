"""The Glue type of Python values: what a field of records holds. (`_decode` and `_encode` turn them into Arrow and back.)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from . import gluetypes as glue
from ._decode import decode_batch
from ._encode import encode, encode_batch
from ._presence import HAS_NULLS

_INT_MAX = 2**31
_LONG_MAX = 2**63
_DECIMAL_MAX = 10**38
_ATOM_OF = {
    bool: glue.BooleanType(), float: glue.DoubleType(), str: glue.StringType(), bytes: glue.BinaryType(),
    bytearray: glue.BinaryType(), dt.datetime: glue.TimestampType(), dt.date: glue.DateType(),
}  # fmt: skip
_NULL, _INT, _LONG = glue.NullType(), glue.IntegerType(), glue.LongType()
_LIMITS = {"byte": 2**7, "short": 2**15, "int": _INT_MAX, "long": _LONG_MAX}

__all__ = [
    "decode_batch", "encode", "encode_batch", "merge_types", "sorted_choices", "type_of_records", "type_of_values",
]  # fmt: skip


def _type_of_decimal(value: Decimal) -> glue.DecimalType:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"A record cannot hold {value!r}: a decimal is a number.")
    power = exponent
    scale = min(38, max(0, -power))
    return glue.DecimalType(min(38, max(len(digits) + max(0, power), scale, 1)), scale)


def _type_of_decimals(values: Sequence[Decimal], hint: glue.DataType | None) -> glue.DataType:
    found = merge_types(map(_type_of_decimal, values))
    if not isinstance(hint, glue.DecimalType):
        return found
    both = glue.mergeDataTypes(hint, found)
    return hint if both == glue.DecimalType(hint.precision, hint.scale) else both


def _type_of_integers(values: Sequence[int], hint: glue.DataType | None) -> glue.DataType:
    low, high = min(values), max(values)
    if low <= -_DECIMAL_MAX or high >= _DECIMAL_MAX:
        raise ValueError("A record cannot hold an integer of more than 38 digits; make it text or a float.")
    if low < -_LONG_MAX or high >= _LONG_MAX:
        return glue.DecimalType(38, 0)
    if hint is not None and (limit := _LIMITS.get(hint.typeName())):
        if low >= -limit and high < limit:
            return hint
        return _LONG if low < -_INT_MAX or high >= _INT_MAX else _INT
    if low >= -_INT_MAX and high < _INT_MAX:
        return _INT
    small = any(-_INT_MAX <= value < _INT_MAX for value in values)
    return glue.ChoiceType([_INT, _LONG]) if small else _LONG


def _type_of_kind(kind: type, values: Sequence[Any], hint: glue.DataType | None) -> glue.DataType:
    if issubclass(kind, int) and kind is not bool:
        return _type_of_integers(values, hint)
    if issubclass(kind, dict):
        if isinstance(hint, glue.MapType):
            return glue.MapType(type_of_values([item for value in values for item in value.values()], hint.valueType))
        return type_of_records(values, hint if isinstance(hint, glue.StructType) else None)
    if issubclass(kind, (list, tuple, set)):
        inner = hint.elementType if isinstance(hint, glue.ArrayType) else None
        return glue.ArrayType(type_of_values([item for value in values for item in value], inner))
    if issubclass(kind, Decimal):
        return _type_of_decimals(values, hint)
    if issubclass(kind, float) and isinstance(hint, glue.FloatType):
        return hint
    if issubclass(kind, dt.datetime) and isinstance(hint, glue.TimestampNTZType):
        return hint
    for known, atom in _ATOM_OF.items():
        if issubclass(kind, known):
            return atom
    raise TypeError(
        f"A record cannot hold a {kind.__name__} ({values[0]!r}); use str, int, float, bool, date, list, dict."
    )


def type_of_values(values: Sequence[Any], hint: glue.DataType | None = None) -> glue.DataType:
    """The Glue type that holds all the values. Integers of 32 bits are int, larger ones long: both make a choice.

    `hint` is the type the field had before a Python function saw it: integers keep that integer type.
    """
    kinds = dict.fromkeys(map(type, values))
    kinds.pop(type(None), None)
    if len(kinds) == 1 and None not in values:
        return _type_of_kind(next(iter(kinds)), values, hint)
    return merge_types(_type_of_kind(kind, [value for value in values if type(value) is kind], hint) for kind in kinds)


def type_of_records(records: Iterable[dict[str, Any]], hint: glue.StructType | None = None) -> glue.StructType:
    """The struct that holds all the records; fields in order of first appearance.

    A field that some record has with a null carries the property `HAS_NULLS`; `sorted_choices` takes it away.
    """
    by_name: dict[str, list[Any]] = {}
    for record in records:
        for name, value in record.items():
            if name in by_name:
                by_name[name].append(value)
            else:
                by_name[name] = [value]
    hints = hint.field_map if hint is not None else {}
    return glue.StructType(
        [
            glue.Field(
                str(name),
                type_of_values(values, hints[name].dataType if name in hints else None),
                {HAS_NULLS: True} if None in values else {},
            )
            for name, values in by_name.items()
        ]
    )


def merge_types(kinds: Iterable[glue.DataType]) -> glue.DataType:
    merged: glue.DataType = _NULL
    for kind in kinds:
        merged = glue.mergeDataTypes(merged, kind)
    return merged


def sorted_choices(kind: glue.DataType) -> glue.DataType:
    """The same type with the parts of each choice in order of name, so that no run depends on the order of rows."""
    if isinstance(kind, glue.StructType):
        return glue.StructType([glue.Field(field.name, sorted_choices(field.dataType)) for field in kind])
    if isinstance(kind, glue.ChoiceType):
        return glue.ChoiceType([sorted_choices(kind.choices[name]) for name in sorted(kind.choices)])
    if isinstance(kind, glue.ArrayType):
        return glue.ArrayType(sorted_choices(kind.elementType))
    return glue.MapType(sorted_choices(kind.valueType)) if isinstance(kind, glue.MapType) else kind
