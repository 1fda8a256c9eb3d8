"""A missing key is not a null: how columns tell the two apart.

In the columns of self-describing records a null says "no such key". A field that has real nulls too is *marked*: its
column is a struct of one part, `value`. No struct: no key. A struct with a null in it: the key is there, and null.
Marked columns are made only when a Python function or `show()` is to see records (see `_exact`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import gluetypes as glue

if TYPE_CHECKING:
    from pyspark.sql import Column

VALUE = "value"
# The property of a field, in an inferred type, that says: some record has the key with a null.
HAS_NULLS = "nulls"


class Marked(glue.DataType):
    """The type of a marked field: `inner`, and whether the key is there."""

    def __init__(self, inner: glue.DataType) -> None:
        super().__init__()
        self.inner = inner

    def jsonValue(self) -> dict[str, Any]:
        return {**super().jsonValue(), "inner": self.inner.jsonValue()}


def inner_of(kind: glue.DataType) -> glue.DataType:
    """The type of the value itself."""
    return kind.inner if isinstance(kind, Marked) else kind


def value_of(column: Column, kind: glue.DataType) -> Column:
    """The value itself; null when it is null and when there is no key."""
    return column.getField(VALUE) if isinstance(kind, Marked) else column


def wrap(column: Column, present: Column) -> Column:
    """A marked column of a value, for the rows in which the key is there."""
    from pyspark.sql import functions as f

    return f.when(present, f.struct(column.alias(VALUE)))


def marked_type(kind: glue.DataType) -> glue.DataType:
    """An inferred type with the fields that have nulls marked, and the parts of each choice in order of name."""
    if isinstance(kind, glue.StructType):
        return glue.StructType([glue.Field(field.name, _marked_field(field)) for field in kind])
    if isinstance(kind, glue.ChoiceType):
        return glue.ChoiceType([marked_type(kind.choices[name]) for name in sorted(kind.choices)])
    if isinstance(kind, glue.ArrayType):
        return glue.ArrayType(marked_type(kind.elementType))
    return glue.MapType(marked_type(kind.valueType)) if isinstance(kind, glue.MapType) else kind


def _marked_field(field: glue.Field) -> glue.DataType:
    kind = marked_type(field.dataType)
    return Marked(kind) if field.properties.get(HAS_NULLS) else kind


def plain_type(kind: glue.DataType) -> glue.DataType:
    """The type without marks."""
    if isinstance(kind, Marked):
        return plain_type(kind.inner)
    if isinstance(kind, glue.StructType):
        return glue.StructType([glue.Field(field.name, plain_type(field.dataType)) for field in kind])
    if isinstance(kind, glue.ChoiceType):
        return glue.ChoiceType([plain_type(part) for part in kind.choices.values()])
    if isinstance(kind, glue.ArrayType):
        return glue.ArrayType(plain_type(kind.elementType))
    return glue.MapType(plain_type(kind.valueType)) if isinstance(kind, glue.MapType) else kind


def has_marks(kind: glue.DataType) -> bool:
    """True when a field anywhere in the type is marked."""
    if isinstance(kind, glue.StructType):
        return any(has_marks(field.dataType) for field in kind)
    if isinstance(kind, glue.ChoiceType):
        return any(has_marks(part) for part in kind.choices.values())
    if isinstance(kind, (glue.ArrayType, glue.SetType)):
        return has_marks(kind.elementType)
    return isinstance(kind, Marked) or (isinstance(kind, glue.MapType) and has_marks(kind.valueType))


def remark(kind: glue.DataType, sources: list[glue.DataType]) -> glue.DataType:
    """A merged type with a field marked where one of the types that it is merged of is."""
    marked = any(isinstance(source, Marked) for source in sources)
    inners = [inner_of(source) for source in sources]
    if isinstance(kind, glue.StructType):
        structs = [source for source in inners if isinstance(source, glue.StructType)]
        fields = [
            glue.Field(one.name, remark(one.dataType, [s.getField(one.name).dataType for s in structs if s.hasField(one.name)]))
            for one in kind
        ]  # fmt: skip
        kind = glue.StructType(fields)
    elif isinstance(kind, glue.ArrayType):
        kind = glue.ArrayType(
            remark(kind.elementType, [source.elementType for source in inners if isinstance(source, glue.ArrayType)])
        )
    elif isinstance(kind, glue.ChoiceType):
        kind = glue.ChoiceType([remark(part, _parts(inners, name)) for name, part in kind.choices.items()])
    return Marked(kind) if marked else kind


def _parts(sources: list[glue.DataType], name: str) -> list[glue.DataType]:
    found = [source.choices.get(name) if isinstance(source, glue.ChoiceType) else source for source in sources]
    return [one for one in found if one is not None and one.typeName() == name]
