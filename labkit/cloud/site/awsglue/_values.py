"""Python values against Glue types: records to Arrow columns and back, and the type of a value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from . import gluetypes as glue

_INT_MAX = 2**31
_LONG_MAX = 2**63
_ATOM_OF = {
    bool: glue.BooleanType(), float: glue.DoubleType(), str: glue.StringType(), bytes: glue.BinaryType(),
    bytearray: glue.BinaryType(), dt.datetime: glue.TimestampType(), dt.date: glue.DateType(),
}  # fmt: skip
_NULL, _INT, _LONG = glue.NullType(), glue.IntegerType(), glue.LongType()
_INTEGERS = ("byte", "short", "int", "long")


def _type_of_decimal(value: Decimal) -> glue.DecimalType:
    _, digits, exponent = value.as_tuple()
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    return glue.DecimalType(max(len(digits), scale, 1), scale)


def _type_of_integers(values: Sequence[int], hint: glue.DataType | None) -> glue.DataType:
    low, high = min(values), max(values)
    if low < -_LONG_MAX or high >= _LONG_MAX:
        return glue.DecimalType(38, 0)
    if hint is not None and hint.typeName() in _INTEGERS:
        wide = low < -_INT_MAX or high >= _INT_MAX
        return _LONG if wide else hint
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
        return hint if isinstance(hint, glue.DecimalType) else merge_types(map(_type_of_decimal, values))
    if issubclass(kind, float) and isinstance(hint, glue.FloatType):
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
    """The struct that holds all the records; fields in order of first appearance."""
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
            glue.Field(str(name), type_of_values(values, hints[name].dataType if name in hints else None))
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


# --- decoding: what Arrow gives for a column, to what a record holds -------------------------------------------------


def _naive(value: dt.datetime | None) -> dt.datetime | None:
    return value.replace(tzinfo=None) if value is not None else None


def _decode_struct(kind: glue.StructType, sparse: bool) -> Callable[[Any], Any]:
    parts = [(field.name, decoder(field.dataType, sparse)) for field in kind]

    def decode(value: Any) -> Any:
        if value is None:
            return None
        record = {name: part(value[name]) if part else value[name] for name, part in parts}
        return {name: item for name, item in record.items() if item is not None} if sparse else record

    return decode


def _decode_choice(kind: glue.ChoiceType, sparse: bool) -> Callable[[Any], Any]:
    parts = [(name, decoder(part, sparse)) for name, part in kind.choices.items()]

    def decode(value: Any) -> Any:
        for name, part in parts if value is not None else ():
            if value[name] is not None:
                return part(value[name]) if part else value[name]
        return None

    return decode


def decoder(kind: glue.DataType, sparse: bool) -> Callable[[Any], Any] | None:
    """How to turn one Arrow value into a record's value; None when it is already right."""
    if isinstance(kind, glue.StructType):
        return _decode_struct(kind, sparse) if sparse or any(decoder(f.dataType, sparse) for f in kind) else None
    if isinstance(kind, glue.ChoiceType):
        return _decode_choice(kind, sparse)
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        inner = decoder(kind.elementType, sparse)
        return (lambda value: None if value is None else [inner(item) for item in value]) if inner else None
    if isinstance(kind, glue.MapType):
        part = decoder(kind.valueType, sparse)
        return lambda value: None if value is None else {key: part(item) if part else item for key, item in value}
    return _naive if isinstance(kind, glue.TimestampType) else None


def decode_batch(batch: Any, schema: glue.StructType, sparse: bool) -> Iterator[dict[str, Any]]:
    """The records of an Arrow batch, as dicts; `sparse` leaves out the keys that are null."""
    columns = []
    for place, field in enumerate(schema):
        values = batch.column(place).to_pylist()
        decode = decoder(field.dataType, sparse)
        columns.append([decode(value) for value in values] if decode else values)
    names = [field.name for field in schema]
    rows: Iterable[Sequence[Any]] = zip(*columns, strict=True) if columns else ((),) * batch.num_rows
    for row in rows:
        record = dict(zip(names, row, strict=True))
        yield {name: value for name, value in record.items() if value is not None} if sparse else record


# --- encoding: a record's value, to what Arrow takes for a Glue type -------------------------------------------------


def _encode_choice(kind: glue.ChoiceType, value: Any, zone: dt.tzinfo) -> dict[str, Any]:
    name = type_of_values([value]).typeName()
    if name not in kind.choices:  # a hinted type: a long column keeps long for small integers
        numbers = [other for other in kind.choices if other in (*_INTEGERS, "float", "double", "decimal")]
        name = numbers[0] if numbers else next(iter(kind.choices))
    return {name: encode(kind.choices[name], value, zone)}


def encode(kind: glue.DataType, value: Any, zone: dt.tzinfo) -> Any:
    """The value as Arrow takes it for that type; a datetime without a zone is in `zone` (the Spark session's)."""
    if value is None or isinstance(kind, (glue.NullType, glue.UnknownType)):
        return None
    if isinstance(kind, glue.ChoiceType):
        return _encode_choice(kind, value, zone)
    if isinstance(kind, glue.StructType):
        return {field.name: encode(field.dataType, value.get(field.name), zone) for field in kind}
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return [encode(kind.elementType, item, zone) for item in value]
    if isinstance(kind, glue.MapType):
        return [(key, encode(kind.valueType, item, zone)) for key, item in value.items()]
    if isinstance(kind, glue.DecimalType):
        return Decimal(value)
    if isinstance(kind, glue.TimestampType):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    return value


def is_plain(kind: glue.DataType) -> bool:
    """True when Arrow takes the record's values as they are."""
    return isinstance(kind, glue.AtomicType) and not isinstance(
        kind, (glue.DecimalType, glue.TimestampType, glue.NullType, glue.UnknownType)
    )


def encode_batch(records: Sequence[dict[str, Any]], schema: glue.StructType, arrow_schema: Any, zone: dt.tzinfo) -> Any:
    """The records as an Arrow batch of that schema."""
    import pyarrow as pa

    columns = []
    for place, field in enumerate(schema):
        values = [record.get(field.name) for record in records]
        if not is_plain(field.dataType):
            values = [encode(field.dataType, value, zone) for value in values]
        columns.append(pa.array(values, type=arrow_schema.field(place).type))
    return pa.RecordBatch.from_arrays(columns, schema=arrow_schema)
