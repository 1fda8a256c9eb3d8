"""A value of one Glue type as another: null where it does not convert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import gluetypes as glue
from ._align import align
from ._presence import Marked, inner_of, plain_type, value_of, wrap
from ._types import spark_cast, spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import Column

_CONTAINERS = (glue.StructType, glue.ArrayType, glue.MapType, glue.SetType)
_TIMES = ("date", "timestamp", "timestamp_ntz")
_WHOLE = ("byte", "short", "int", "long")


def _spark_casts(source: str, target: str) -> bool:
    """Whether Spark has a cast of one atom to another; it refuses the query otherwise."""
    if target == "string" or source in ("null", "unknown"):
        return True
    if target in ("null", "unknown"):
        return False
    if target in ("date", "timestamp_ntz"):
        return source in ("string", *_TIMES)
    if target == "binary":
        return source in ("string", "binary", *_WHOLE)
    return source != "binary" and not (source == "timestamp_ntz" and target not in _TIMES)


def _nothing(kind: glue.DataType) -> Column:
    from pyspark.sql import functions as f

    return f.lit(None).cast(spark_from_glue(kind))


def _to_struct(column: Column, source: glue.StructType, target: glue.StructType) -> Column:
    from pyspark.sql import functions as f

    by_name = {field.name.lower(): field for field in source}
    parts = []
    for field in target:
        known = by_name.get(field.name.lower())
        value = cast(column.getField(known.name), known.dataType, field.dataType) if known else _nothing(field.dataType)
        parts.append(value.alias(field.name))
    return f.when(column.isNotNull(), f.struct(*parts)) if parts else _nothing(target)


def _struct_to_map(column: Column, source: glue.StructType, target: glue.MapType) -> Column:
    from pyspark.sql import functions as f

    pairs = [
        part
        for field in source
        for part in (f.lit(field.name), cast(column.getField(field.name), field.dataType, target.valueType))
    ]
    filled = f.map_filter(f.create_map(*pairs), lambda _, value: value.isNotNull())
    return f.when(column.isNotNull(), filled) if pairs else _nothing(target)


def _map_to_struct(column: Column, source: glue.MapType, target: glue.StructType) -> Column:
    from pyspark.sql import functions as f

    parts = [cast(column.getItem(one.name), source.valueType, one.dataType).alias(one.name) for one in target]
    return f.when(column.isNotNull(), f.struct(*parts)) if parts else _nothing(target)


def _container(column: Column, source: glue.DataType, target: glue.DataType) -> Column | None:
    """The cast between containers; None when there is none."""
    from pyspark.sql import functions as f

    if isinstance(source, glue.StructType) and isinstance(target, glue.StructType):
        return _to_struct(column, source, target)
    if isinstance(source, glue.StructType) and isinstance(target, glue.MapType):
        return _struct_to_map(column, source, target)
    if isinstance(source, glue.MapType) and isinstance(target, glue.StructType):
        return _map_to_struct(column, source, target)
    if isinstance(source, (glue.ArrayType, glue.SetType)) and isinstance(target, (glue.ArrayType, glue.SetType)):
        inner, wanted = source.elementType, target.elementType
        return f.transform(column, lambda item: cast(item, inner, wanted))
    if isinstance(source, glue.MapType) and isinstance(target, glue.MapType):
        part, other = source.valueType, target.valueType
        return f.transform_values(column, lambda _, item: cast(item, part, other))
    return None


def cast(column: Column, source: glue.DataType, target: glue.DataType) -> Column:
    """The value as another type, null where it does not convert; of a choice, whichever value is there."""
    from pyspark.sql import functions as f

    if isinstance(source, Marked):
        return cast(value_of(column, source), source.inner, target)
    if isinstance(source, glue.ChoiceType):
        return f.coalesce(*(cast(column.getField(name), part, target) for name, part in source.choices.items()))
    if isinstance(target, glue.StringType) and isinstance(source, _CONTAINERS):
        return f.to_json(align(column, source, plain_type(source)))
    if source == target:
        return column
    if isinstance(target, glue.AtomicType) and isinstance(source, glue.AtomicType):
        possible = _spark_casts(source.typeName(), target.typeName())
        return spark_cast(column, target) if possible else _nothing(target)
    found = _container(column, source, target)
    return _nothing(target) if found is None else found


def is_bare(kind: glue.DataType) -> bool:
    """A container named without its parts ("struct", "array"): it says only that the value stays what it is."""
    if isinstance(kind, glue.StructType):
        return not kind.fields
    if isinstance(kind, glue.ChoiceType):
        return not kind.choices
    inside = kind.elementType if isinstance(kind, (glue.ArrayType, glue.SetType)) else None
    inside = kind.valueType if isinstance(kind, glue.MapType) else inside
    return isinstance(inside, glue.UnknownType)


def convert(
    column: Column, source: glue.DataType, target: glue.DataType, *, exact: bool
) -> tuple[Column, glue.DataType]:
    """A field as another type, and the type it then has. In exact columns a value that does not convert is a null."""
    actual = inner_of(source)
    if plain_type(actual) == target:
        return column, source
    if is_bare(target) and (type(actual) is type(target) or isinstance(target, glue.ChoiceType)):
        return column, source
    done = cast(column, source, target)
    return (wrap(done, column.isNotNull()), Marked(target)) if exact else (done, target)
