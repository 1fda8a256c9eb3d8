"""DynamoDB JSON, in which each value carries the tag of its type: `{"S": "x"}`, `{"M": {…}}`."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._fields import column_of, select
from ._fields import unnest as unnest_structs
from ._presence import Marked, inner_of, value_of, wrap

if TYPE_CHECKING:
    from pyspark.sql import Column

_TAGS = frozenset(("S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"))
Typed = tuple[Any, glue.DataType]


def _is_tagged(kind: glue.DataType) -> bool:
    return isinstance(kind, glue.StructType) and bool(kind.fields) and all(one.name in _TAGS for one in kind)


def _list(column: Column, kind: glue.DataType) -> Typed:
    """A list's elements without their tags; elements of several types, and maps, keep them."""
    from pyspark.sql import functions as f

    element = kind.elementType if isinstance(kind, glue.ArrayType) else kind
    if not (isinstance(element, glue.StructType) and _is_tagged(element)):
        return column, kind
    tags = [field.name for field in element if field.name != "NULL"]
    if len(tags) != 1 or tags[0] == "M":
        return column, kind
    tag = tags[0]
    field = element.getField(tag)
    inner = _tag_value(f.lit(None), field)[1]
    return f.transform(column, lambda item: _tag_value(item.getField(tag), field)[0]), glue.ArrayType(inner)


def _tag_value(column: Column, field: glue.Field) -> Typed:
    kind, value = inner_of(field.dataType), value_of(column, field.dataType)
    if field.name == "M":
        return _plain(value, kind)
    return _list(value, kind) if field.name == "L" else (value, kind)


def _untagged(column: Column, kind: glue.StructType) -> Typed:
    """The value under whichever tag is there; of several types, a choice. The tag NULL alone is a null."""
    from pyspark.sql import functions as f

    found: dict[str, list[Typed]] = {}
    for field in kind:
        if field.name != "NULL":
            value, of = _tag_value(column.getField(field.name), field)
            found.setdefault(of.typeName(), []).append((value, of))
    if not found:
        return f.lit(None), glue.NullType()
    # S and N are both text: one value, whichever of the two it is.
    merged = {
        name: (f.coalesce(*(value for value, _ in parts)) if len(parts) > 1 else parts[0][0], parts[0][1])
        for name, parts in found.items()
    }
    if len(merged) == 1:
        return next(iter(merged.values()))
    some = reduce(lambda one, other: one | other, (value.isNotNull() for value, _ in merged.values()))
    struct = f.struct(*(value.alias(name) for name, (value, _) in merged.items()))
    return f.when(some, struct), glue.ChoiceType([of for _, of in merged.values()])


def _plain(column: Column, kind: glue.DataType) -> Typed:
    """A struct without tags, anywhere in it."""
    from pyspark.sql import functions as f

    if isinstance(kind, Marked):
        value, found = _plain(value_of(column, kind), kind.inner)
        return wrap(value, column.isNotNull()), Marked(found)
    if not isinstance(kind, glue.StructType) or not kind.fields:
        return column, kind
    if _is_tagged(kind):
        return _untagged(column, kind)
    parts = [(field.name, *_plain(column.getField(field.name), field.dataType)) for field in kind]
    struct = f.struct(*(value.alias(name) for name, value, _ in parts))
    return f.when(column.isNotNull(), struct), glue.StructType([glue.Field(name, of) for name, _, of in parts])


def simplify(columns: Columns) -> Columns:
    """The fields without their type tags; `Item`, which an export puts around each record, is taken off."""
    fields = []
    for field in columns.schema:
        value, kind = _plain(column_of(field.name), field.dataType)
        fields.append((value, glue.Field(field.name, kind)))
    plain = select(columns, fields)
    only = plain.schema.fields
    item = inner_of(only[0].dataType) if len(only) == 1 and only[0].name == "Item" else None
    if not isinstance(item, glue.StructType):
        return plain
    value = value_of(column_of("Item"), only[0].dataType)
    return select(plain, [(value.getField(part.name), part) for part in item])


def unnest(columns: Columns) -> Columns:
    """As `simplify`, with maps flattened to names with dots."""
    return unnest_structs(simplify(columns))
