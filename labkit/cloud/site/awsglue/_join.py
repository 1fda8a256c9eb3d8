"""Equality joins, and the merge of a stage into a source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._align import align
from ._contents import Columns
from ._fields import column_of, select, value_at
from ._paths import resolve
from ._presence import inner_of, plain_type, value_of

if TYPE_CHECKING:
    from pyspark.sql import Column


def _key(columns: Columns, path: str, argument: str) -> Column:
    fields = resolve(columns.schema, path)
    if fields is None:
        names = ", ".join(field.name for field in columns.schema) or "none"
        raise ValueError(f"{argument}: the frame has no field {path!r}; its fields are: {names}.")
    kind = inner_of(fields[-1].dataType)
    if isinstance(kind, glue.ChoiceType):
        raise ValueError(
            f"{argument}: field {path!r} is a choice of {', '.join(kind.choices)}; apply ResolveChoice before the join."
        )
    if isinstance(kind, glue.MapType):
        raise ValueError(f"{argument}: field {path!r} is a map, and maps are not compared; choose another key.")
    return align(value_of(value_at(fields), fields[-1].dataType), kind, plain_type(kind))


def _with_keys(columns: Columns, keys: Sequence[Column], side: str) -> Any:
    """Positional columns plus the join keys as `<side>key<n>`."""
    values = [key.alias(f"{side}key{place}") for place, key in enumerate(keys)]
    named = [column_of(field.name).alias(f"{side}{place}") for place, field in enumerate(columns.schema)]
    return columns.df.select(*named, *values)


def _pair(
    left: Columns, right: Columns, paths: tuple[Sequence[str], Sequence[str]], names: tuple[str, str]
) -> tuple[Any, Any]:
    """Both frames with their keys. Keys of different types compare as Spark compares them: "7" equals 7."""
    ones = [_key(left, path, names[0]) for path in paths[0]]
    twos = [_key(right, path, names[1]) for path in paths[1]]
    return _with_keys(left, ones, "l"), _with_keys(right, twos, "r")


def _condition(one: Any, two: Any, count: int, compare: Callable[[Column, Column], Column]) -> Column:
    return reduce(and_, (compare(one[f"lkey{place}"], two[f"rkey{place}"]) for place in range(count)))


def _dotted(name: str, taken: set[str]) -> str:
    """The name with as many leading dots as make it one that is not taken."""
    while name in taken:
        name = f".{name}"
    return name


def join(left: Columns, right: Columns, keys1: Sequence[str], keys2: Sequence[str]) -> Columns:
    """Inner equality join with all fields of both; a name that both have gets a leading dot on the left side's field."""
    if len(keys1) != len(keys2) or not keys1:
        raise ValueError(
            f"Join needs as many keys of one frame as of the other, at least one; got {list(keys1)} and {list(keys2)}."
        )
    if not left.schema.fields or not right.schema.fields:
        return Columns(left.df.limit(0).select(), glue.StructType())  # nothing was read, so nothing meets anything
    one, two = _pair(left, right, (keys1, keys2), ("keys1", "keys2"))
    joined = one.join(two, _condition(one, two, len(keys1), lambda a, b: a == b), "inner")
    taken = {field.name for field in right.schema}
    others = {field.name for field in left.schema} - taken
    fields: list[tuple[Any, glue.Field]] = []
    for place, field in enumerate(left.schema):
        name = _dotted(field.name, taken | others) if field.name in taken else field.name
        others.add(name)
        fields.append((joined[f"l{place}"], glue.Field(name, field.dataType)))
    fields.extend((joined[f"r{place}"], field) for place, field in enumerate(right.schema))
    return select(Columns(joined, glue.StructType(), left.exact or right.exact), fields)


def without_staged(source: Columns, stage: Columns, keys: Sequence[str]) -> Columns:
    """The source rows whose key is not in the stage."""
    if not keys:
        raise ValueError('primary_keys: give at least one field, such as ["id"].')
    if not source.schema.fields or not stage.schema.fields:
        return source
    one, two = _pair(source, stage, (keys, keys), ("primary_keys", "primary_keys of the stage"))
    kept = one.join(two, _condition(one, two, len(keys), lambda a, b: a.eqNullSafe(b)), "left_anti")
    fields = [(kept[f"l{place}"], field) for place, field in enumerate(source.schema)]
    return select(Columns(kept, glue.StructType(), source.exact), fields)
