"""Equality joins, and the merge of a stage into a source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._fields import column_of, select
from ._paths import resolve

if TYPE_CHECKING:
    from pyspark.sql import Column


def _key(columns: Columns, path: str, argument: str) -> tuple[Column, glue.DataType]:
    fields = resolve(columns.schema, path)
    if fields is None:
        names = ", ".join(field.name for field in columns.schema) or "none"
        raise ValueError(f"{argument}: the frame has no field {path!r}; its fields are: {names}.")
    column = column_of(fields[0].name)
    for field in fields[1:]:
        column = column.getField(field.name)
    kind = fields[-1].dataType
    if isinstance(kind, glue.ChoiceType):
        raise ValueError(
            f"{argument}: field {path!r} is a choice of {', '.join(kind.choices)}; apply ResolveChoice before the join."
        )
    return column, kind


def _with_keys(columns: Columns, keys: Sequence[str], side: str, argument: str) -> Any:
    """Positional columns plus the join keys as `<side>key<n>`."""
    values = [_key(columns, key, argument)[0].alias(f"{side}key{place}") for place, key in enumerate(keys)]
    named = [column_of(field.name).alias(f"{side}{place}") for place, field in enumerate(columns.schema)]
    return columns.df.select(*named, *values)


def join(left: Columns, right: Columns, keys1: Sequence[str], keys2: Sequence[str]) -> Columns:
    """Inner equality join with all fields of both; a name that both have gets a leading dot on the left side's field."""
    if len(keys1) != len(keys2) or not keys1:
        raise ValueError(
            f"Join needs as many keys of one frame as of the other, at least one; got {list(keys1)} and {list(keys2)}."
        )
    one, two = _with_keys(left, keys1, "l", "keys1"), _with_keys(right, keys2, "r", "keys2")
    condition = None
    for place in range(len(keys1)):
        equal = one[f"lkey{place}"] == two[f"rkey{place}"]
        condition = equal if condition is None else condition & equal
    joined = one.join(two, condition, "inner")
    taken = {field.name for field in right.schema}
    fields: list[tuple[Any, glue.Field]] = []
    for place, field in enumerate(left.schema):
        name = f".{field.name}" if field.name in taken else field.name
        fields.append((joined[f"l{place}"], glue.Field(name, field.dataType)))
    fields.extend((joined[f"r{place}"], field) for place, field in enumerate(right.schema))
    return select(Columns(joined, glue.StructType()), fields)


def without_staged(source: Columns, stage: Columns, keys: Sequence[str]) -> Columns:
    """The source rows whose key is not in the stage."""
    one, two = _with_keys(source, keys, "l", "primary_keys"), _with_keys(stage, keys, "r", "primary_keys")
    condition = None
    for place in range(len(keys)):
        equal = one[f"lkey{place}"].eqNullSafe(two[f"rkey{place}"])
        condition = equal if condition is None else condition & equal
    kept = one.join(two, condition, "left_anti")
    fields = [(kept[f"l{place}"], field) for place, field in enumerate(source.schema)]
    return select(Columns(kept, glue.StructType()), fields)
