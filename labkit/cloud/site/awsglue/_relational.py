"""Relationalize: nested records as tables joined by generated keys. Linear: one select a table, no join, no collect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns, Contents, Errors
from ._fields import column_of, select

if TYPE_CHECKING:
    from pyspark.sql import Column

_ID = glue.LongType()


def _leaves(column: Column, name: str, kind: glue.DataType) -> Iterator[tuple[Column, str, glue.DataType]]:
    if isinstance(kind, glue.StructType):
        for part in kind:
            yield from _leaves(column.getField(part.name), f"{name}.{part.name}", part.dataType)
    elif isinstance(kind, glue.ChoiceType) and not all(
        isinstance(part, glue.AtomicType) for part in kind.choices.values()
    ):
        # As toDF() has it: a struct with one field a type, so that what is nested in one of them is flattened too.
        for part_name, part_kind in kind.choices.items():
            yield from _leaves(column.getField(part_name), f"{name}.{part_name}", part_kind)
    else:
        yield column, name, kind


def _split(columns: Columns, table: str, root: str, found: dict[str, Columns]) -> None:
    """Flatten one table; arrays in it become keys, and tables of their own, named by the path from the root."""
    from pyspark import StorageLevel
    from pyspark.sql import functions as f

    leaves = [leaf for field in columns.schema for leaf in _leaves(column_of(field.name), field.name, field.dataType)]
    arrays = [(name, kind) for _, name, kind in leaves if isinstance(kind, glue.ArrayType)]
    flat = select(columns, [(column, glue.Field(name, kind)) for column, name, kind in leaves])
    if not arrays:
        found[table] = flat
        return
    # One key a row, kept by Spark: the parent and the children must see the same ones.
    keyed = flat.df.withColumn("__key", f.monotonically_increasing_id() + 1).persist(StorageLevel.MEMORY_AND_DISK)
    names = {name for name, _ in arrays}
    key = f.col("__key")
    fields: list[tuple[Any, glue.Field]] = [
        (f.when(column_of(field.name).isNotNull(), key), glue.Field(field.name, _ID))
        if field.name in names
        else (column_of(field.name), field)
        for field in flat.schema
    ]
    found[table] = select(Columns(keyed, flat.schema), fields)
    for name, kind in arrays:
        assert isinstance(kind, glue.ArrayType)
        exploded = keyed.select(key.alias("id"), f.posexplode(column_of(name)).alias("index", f"{name}.val"))
        schema = [
            glue.Field("id", _ID),
            glue.Field("index", glue.IntegerType()),
            glue.Field(f"{name}.val", kind.elementType),
        ]
        _split(Columns(exploded, glue.StructType(schema)), f"{root}_{name}", root, found)


def relationalize(columns: Columns, root: str) -> dict[str, Columns]:
    """The tables by name, the root first.

    A struct's fields are named with dots. An array becomes a long key, and a table `<root>_<column>` with `id` (that
    key), `index` (from 0) and `<column>.val`, or `<column>.val.<field>` for elements that are structs.
    """
    if not isinstance(root, str) or not root:
        raise ValueError(f"root_table_name: the name of the root table, a non-empty string; got {root!r}.")
    found: dict[str, Columns] = {}
    _split(columns, root, root, found)
    return found


def contents(columns: Columns, errors: tuple[Errors, ...]) -> Contents:
    """The contents of one table: rows of one shape, so a null is a null and not a missing key."""
    return Contents(lambda: columns, earlier_errors=errors)
