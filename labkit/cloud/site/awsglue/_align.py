"""Columns of one Glue type as columns of a wider one, so that frames with different schemas can be put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._paths import quote
from ._presence import Marked, inner_of, plain_type, remark, value_of, wrap
from ._types import spark_cast, spark_from_glue
from ._values import sorted_choices

if TYPE_CHECKING:
    from pyspark.sql import Column


def _empty(kind: glue.DataType) -> Column:
    from pyspark.sql import functions as f

    return f.lit(None).cast(spark_from_glue(kind))


def _as_struct(column: Column, source: glue.StructType, target: glue.StructType) -> Column:
    from pyspark.sql import functions as f

    parts = [
        (align(column.getField(field.name), source.getField(field.name).dataType, field.dataType)
         if source.hasField(field.name) else _empty(field.dataType)).alias(field.name)
        for field in target
    ]  # fmt: skip
    return f.when(column.isNotNull(), f.struct(*parts) if parts else column)


def _as_choice(column: Column, source: glue.DataType, target: glue.ChoiceType) -> Column:
    from pyspark.sql import functions as f

    parts = []
    for name, kind in target.choices.items():
        if isinstance(source, glue.ChoiceType):
            value = align(column.getField(name), source.choices[name], kind) if name in source.choices else _empty(kind)
        else:
            value = align(column, source, kind) if source.typeName() == name else _empty(kind)
        parts.append(value.alias(name))
    return f.when(column.isNotNull(), f.struct(*parts))


def align(column: Column, source: glue.DataType, target: glue.DataType) -> Column:
    """The column, of Glue type `source`, as `target`, a merge of `source` with other types."""
    from pyspark.sql import functions as f

    if source == target:
        return column
    if isinstance(target, Marked):
        return wrap(align(value_of(column, source), inner_of(source), target.inner), column.isNotNull())
    if isinstance(source, Marked):
        return align(value_of(column, source), source.inner, target)
    if isinstance(source, (glue.NullType, glue.UnknownType)):
        return _empty(target)
    if isinstance(target, glue.ChoiceType):
        return _as_choice(column, source, target)
    if isinstance(source, glue.StructType) and isinstance(target, glue.StructType):
        return _as_struct(column, source, target)
    if isinstance(source, glue.ArrayType) and isinstance(target, glue.ArrayType):
        inner, outer = source.elementType, target.elementType
        return f.transform(column, lambda item: align(item, inner, outer))
    if isinstance(source, glue.MapType) and isinstance(target, glue.MapType):
        value, wider = source.valueType, target.valueType
        return f.transform_values(column, lambda _, item: align(item, value, wider))
    done: Column = spark_cast(column, target)
    return done


def _select_as(columns: Columns, schema: glue.StructType, exact: bool) -> Columns:
    from pyspark.sql import functions as f

    selected: list[Any] = []
    for field in schema:
        if columns.schema.hasField(field.name):
            source = columns.schema.getField(field.name).dataType
            value = align(f.col(quote(field.name)), source, field.dataType)
        else:
            value = _empty(field.dataType)
        selected.append(value.alias(field.name))
    return Columns(columns.df.select(*selected), schema, exact)


def aligned(columns: Columns, schema: glue.StructType) -> Columns:
    """The frame with exactly the fields of `schema`; missing ones are null."""
    wanted = _struct(remark(schema, [columns.schema]))
    return _select_as(columns, wanted, columns.exact)


def _struct(kind: glue.DataType) -> glue.StructType:
    assert isinstance(kind, glue.StructType)
    return kind


def union(parts: Sequence[Columns]) -> Columns:
    """All rows of all frames; a field of different types becomes a choice."""
    merged: glue.DataType = glue.StructType()
    for part in parts:
        merged = glue.mergeDataTypes(merged, plain_type(part.schema))
    schema = _struct(remark(sorted_choices(merged), [part.schema for part in parts]))
    exact = any(part.exact for part in parts)
    same = [part if part.schema == schema else _select_as(part, schema, exact) for part in parts]
    df = same[0].df
    for part in same[1:]:
        df = df.unionByName(part.df)
    return Columns(df, schema, exact)


def _all_marked(kind: glue.DataType) -> glue.DataType:
    if isinstance(kind, glue.StructType):
        return glue.StructType([glue.Field(field.name, Marked(_all_marked(field.dataType))) for field in kind])
    return kind


def _explicit(column: Column, kind: glue.DataType) -> Column:
    """The value with every field of its structs marked, and there."""
    from pyspark.sql import functions as f

    if not isinstance(kind, glue.StructType) or not kind.fields:
        return column
    parts = [
        wrap(_explicit(column.getField(field.name), field.dataType), f.lit(True)).alias(field.name) for field in kind
    ]
    return f.when(column.isNotNull(), f.struct(*parts))


def explicit(columns: Columns) -> Columns:
    """The columns of a frame whose nulls are nulls, to stand with those of records that lack keys."""
    from pyspark.sql import functions as f

    selected = [
        wrap(_explicit(f.col(quote(field.name)), field.dataType), f.lit(True)).alias(field.name)
        for field in columns.schema
    ]
    return Columns(columns.df.select(*selected), _struct(_all_marked(columns.schema)), exact=True)
