"""RenameField: a field under another name, in its place or under another parent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._fields import column_of, edit_fields, edits, select, value_at
from ._paths import resolve, split_path
from ._presence import Marked, inner_of, value_of, wrap

if TYPE_CHECKING:
    from pyspark.sql import Column

Typed = tuple[Any, glue.Field]


def _siblings(schema: glue.StructType, names: Sequence[str]) -> glue.StructType | None:
    """The struct that holds the field at a path, through arrays too; None when there is no such field."""
    current: glue.DataType = schema
    for place, name in enumerate(names):
        current = inner_of(current)
        while isinstance(current, glue.ArrayType):
            current = inner_of(current.elementType)
        if not isinstance(current, glue.StructType) or not current.hasField(name):
            return None
        if place == len(names) - 1:
            return current
        current = current.getField(name).dataType
    return None


def _taken(new: str, names: Sequence[str]) -> ValueError:
    return ValueError(f"RenameField: new_name {new!r} is a field already; its neighbours are: {', '.join(names)}.")


def _expand(column: Column, kind: glue.StructType) -> list[Typed]:
    return [(column.getField(part.name), part) for part in kind]


def _insert(fields: list[Typed], target: Sequence[str], value: Column, kind: glue.DataType, new: str) -> list[Typed]:
    """The fields with a value at a path, whose parents are made where they do not exist."""
    from pyspark.sql import functions as f

    names = [field.name for _, field in fields]
    if len(target) == 1:
        if target[0] in names:
            raise _taken(new, names)
        return [*fields, (value, glue.Field(target[0], kind))]
    if target[0] not in names:
        inside = _insert([], target[1:], value, kind, new)
        struct = f.when(value.isNotNull(), f.struct(*(one.alias(of.name) for one, of in inside)))
        return [*fields, (struct, glue.Field(target[0], glue.StructType([of for _, of in inside])))]
    place = names.index(target[0])
    column, parent = fields[place]
    struct_kind = inner_of(parent.dataType)
    if not isinstance(struct_kind, glue.StructType):
        raise ValueError(f"RenameField: new_name {new!r} leads into {target[0]!r}, which is no struct.")
    inside = _insert(_expand(value_of(column, parent.dataType), struct_kind), target[1:], value, kind, new)
    there = column.isNotNull() | value.isNotNull()
    struct = f.when(there, f.struct(*(one.alias(of.name) for one, of in inside)))
    found: glue.DataType = glue.StructType([of for _, of in inside])
    if isinstance(parent.dataType, Marked):
        struct, found = wrap(struct, there), Marked(found)
    return [*fields[:place], (struct, glue.Field(parent.name, found)), *fields[place + 1 :]]


def rename_field(columns: Columns, old: str, new: str) -> Columns:
    """The field at path `old` at path `new`. A path that does not exist changes nothing."""
    schema = columns.schema
    source = [old] if schema.hasField(old) else split_path(old)
    target = split_path(new)
    siblings = _siblings(schema, source)
    if siblings is None or source == target:
        return columns
    if source[:-1] == target[:-1]:
        if siblings.hasField(target[-1]):
            raise _taken(new, [field.name for field in siblings])
        return select(columns, edit_fields(schema, column_of, edits([source], [target[-1]])))
    fields = resolve(schema, old)
    if fields is None:
        raise ValueError(f"RenameField: {old!r} is inside an array; its new_name must have the same parent.")
    rest = edit_fields(schema, column_of, edits([source], [None]))
    return select(columns, _insert(rest, target, value_at(fields), fields[-1].dataType, new))
