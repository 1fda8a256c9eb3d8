"""ApplyMapping: fields chosen, renamed, cast and nested."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._fields import column_of, select
from ._paths import resolve, split_path
from ._types import parse_type, spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import Column

Leaf = tuple[list[str], Any, glue.DataType]


def check_mappings(mappings: Any) -> list[tuple[str, str | None, str, str | None]]:
    """Mappings as (source, source type, target, target type); takes tuples of 2, 3 or 4, and one tuple alone."""
    listed = [mappings] if isinstance(mappings, tuple) else list(mappings)
    checked: list[tuple[str, str | None, str, str | None]] = []
    for mapping in listed:
        if not isinstance(mapping, tuple):
            raise TypeError(f"A mapping must be a tuple (source, source type, target, target type); got {mapping!r}.")
        if len(mapping) == 2:
            checked.append((mapping[0], None, mapping[1], None))
        elif len(mapping) == 3:
            checked.append((mapping[0], None, mapping[1], mapping[2]))
        elif len(mapping) == 4:
            checked.append(mapping)
        else:
            raise ValueError(f"A mapping must have 2, 3 or 4 parts; got {len(mapping)}: {mapping!r}.")
    return checked


def cast(column: Column, source: glue.DataType, target: glue.DataType) -> Column:
    """The value as another type, null where it does not convert; of a choice, whichever value is there."""
    from pyspark.sql import functions as f

    if isinstance(source, glue.ChoiceType):
        return f.coalesce(*(cast(column.getField(name), part, target) for name, part in source.choices.items()))
    if isinstance(target, glue.StringType) and isinstance(source, (glue.StructType, glue.ArrayType, glue.MapType)):
        return f.to_json(column)
    if type(source) is type(target) and not isinstance(source, glue.DecimalType):
        return column
    if not isinstance(target, glue.AtomicType) or not isinstance(source, glue.AtomicType):
        return f.lit(None).cast(spark_from_glue(target))
    return column.cast(spark_from_glue(target))


def nest(leaves: Sequence[Leaf]) -> list[tuple[Any, glue.Field]]:
    """Columns of leaves whose paths share parents: `a.b` and `a.c` become the struct `a`."""
    from pyspark.sql import functions as f

    by_first: dict[str, list[Leaf]] = {}
    for path, column, kind in leaves:
        by_first.setdefault(path[0], []).append((path[1:], column, kind))
    built: list[tuple[Any, glue.Field]] = []
    for name, group in by_first.items():
        whole = [(column, kind) for path, column, kind in group if not path]
        if whole:
            built.append((whole[-1][0], glue.Field(name, whole[-1][1])))
            continue
        parts = nest(group)
        struct = f.struct(*(column.alias(field.name) for column, field in parts))
        built.append((struct, glue.Field(name, glue.StructType([field for _, field in parts]))))
    return built


def apply_mapping(columns: Columns, mappings: Any, *, case_sensitive: bool) -> Columns:
    """The mapped fields in order of the mappings; a source that does not exist is skipped."""
    leaves: list[Leaf] = []
    for source, _, target, wanted in check_mappings(mappings):
        fields = resolve(columns.schema, source, case_sensitive=case_sensitive)
        if fields is None:
            continue
        column = column_of(fields[0].name)
        for field in fields[1:]:
            column = column.getField(field.name)
        actual = fields[-1].dataType
        kind = parse_type(wanted) if wanted else actual
        # "struct" or "array" without its parts says only that the value stays what it is.
        same = type(kind) is type(actual) and not isinstance(kind, glue.DecimalType)
        leaves.append((split_path(target), column if same else cast(column, actual, kind), actual if same else kind))
    return select(columns, nest(leaves))
