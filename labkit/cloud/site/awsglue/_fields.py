"""Fields dropped, selected, renamed and unnested: no Python runs per row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._paths import quote, split_path
from ._presence import Marked, inner_of, value_of, wrap
from ._types import spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import Column

# What an edit does to the field at a path's end: the new name, or None to drop it.
Edit = dict[str, Any]


def column_of(name: str) -> Column:
    """A top-level column by its literal name."""
    from pyspark.sql import functions as f

    return f.col(quote(name))


def select(columns: Columns, fields: Sequence[tuple[Column, glue.Field]]) -> Columns:
    """A frame of these columns, with these fields' names and types."""
    if not fields:
        return Columns(columns.df.select(), glue.StructType(), columns.exact)
    df = columns.df.select(*(column.alias(field.name) for column, field in fields))
    return Columns(df, glue.StructType([field for _, field in fields]), columns.exact)


def value_at(fields: Sequence[glue.Field]) -> Column:
    """The column at the end of a path that `resolve` found; marked when the last field is."""
    column = column_of(fields[0].name)
    for parent, field in pairwise(fields):
        column = value_of(column, parent.dataType).getField(field.name)
    return column


def names_of(schema: glue.StructType, path: str) -> list[str]:
    """The names of a path; a field whose name is the whole path, dots included, comes first."""
    return [path] if schema.hasField(path) else split_path(path)


def edits(paths: Sequence[Sequence[str]], ends: Sequence[str | None]) -> Edit:
    """Edits as a tree of names; a leaf is the new name or None."""
    tree: Edit = {}
    for names, end in zip(paths, ends, strict=True):
        node = tree
        for name in names[:-1]:
            node = node.setdefault(name, {})
            if not isinstance(node, dict):
                break
        else:
            node[names[-1]] = end
    return tree


def edit_fields(kind: glue.StructType, get: Callable[[str], Column], tree: Edit) -> list[tuple[Column, glue.Field]]:
    """The fields of a struct after the edits of a tree."""
    kept = []
    for field in kind:
        column = get(field.name)
        if field.name not in tree:
            kept.append((column, field))
        elif isinstance(tree[field.name], dict):
            edited = _edit(column, field.dataType, tree[field.name])
            kept.extend([(edited[0], glue.Field(field.name, edited[1]))] if edited else [])
        elif tree[field.name] is not None:
            kept.append((column, glue.Field(tree[field.name], field.dataType)))
    return kept


def _edit(column: Column, kind: glue.DataType, tree: Edit) -> tuple[Column, glue.DataType] | None:
    """The column with its inside edited; None when nothing is left of it."""
    from pyspark.sql import functions as f

    if isinstance(kind, Marked):
        inside = _edit(value_of(column, kind), kind.inner, tree)
        return (wrap(inside[0], column.isNotNull()), Marked(inside[1])) if inside else None
    if isinstance(kind, glue.StructType):
        kept = edit_fields(kind, column.getField, tree)
        if not kept:
            return None
        struct = f.struct(*(part.alias(field.name) for part, field in kept))
        return f.when(column.isNotNull(), struct), glue.StructType([field for _, field in kept])
    if isinstance(kind, glue.ArrayType):
        inner = kind.elementType
        probe = _edit(f.lit(None).cast(spark_from_glue(inner)), inner, tree)
        if probe is None:
            return None
        return f.transform(column, lambda item: _require(_edit(item, inner, tree))), glue.ArrayType(probe[1])
    if isinstance(kind, glue.ChoiceType):
        return _edit_choice(column, kind, tree)
    return column, kind


def _require(edited: tuple[Column, glue.DataType] | None) -> Column:
    assert edited is not None
    return edited[0]


def _edit_choice(column: Column, kind: glue.ChoiceType, tree: Edit) -> tuple[Column, glue.DataType]:
    from pyspark.sql import functions as f

    parts, kinds = [], []
    for name, part in kind.choices.items():
        edited = _edit(column.getField(name), part, tree)
        if edited is not None:
            parts.append(edited[0].alias(name))
            kinds.append(edited[1])
    return f.when(column.isNotNull(), f.struct(*parts)), glue.ChoiceType(kinds)


def drop_fields(columns: Columns, paths: Sequence[str]) -> Columns:
    """Without the fields; nested ones and those in arrays too. A path that does not exist changes nothing."""
    tree = edits([names_of(columns.schema, path) for path in paths], [None] * len(paths))
    return select(columns, edit_fields(columns.schema, column_of, tree))


def _select_tree(schema: glue.StructType, paths: Sequence[str]) -> Edit:
    tree: Edit = {}
    for path in paths:
        names = names_of(schema, path)
        node = tree
        for name in names[:-1]:
            node = node.setdefault(name, {})
            if node is True:
                break
        else:
            node[names[-1]] = True
    return tree


def _select_fields(kind: glue.StructType, get: Callable[[str], Column], tree: Edit) -> list[tuple[Column, glue.Field]]:
    from pyspark.sql import functions as f

    kept = []
    for field in kind:
        wanted = tree.get(field.name)
        column = get(field.name)
        kind_inside = inner_of(field.dataType)
        if wanted is True or (wanted and not isinstance(kind_inside, glue.StructType)):
            kept.append((column, field))
        elif wanted and isinstance(kind_inside, glue.StructType):
            value = value_of(column, field.dataType)
            inside = _select_fields(kind_inside, value.getField, wanted)
            if inside:
                struct = f.when(value.isNotNull(), f.struct(*(part.alias(one.name) for part, one in inside)))
                kept.append(_as_before(struct, glue.StructType([one for _, one in inside]), column, field))
    return kept


def _as_before(value: Column, kind: glue.DataType, column: Column, field: glue.Field) -> tuple[Column, glue.Field]:
    """A new value of a field; marked when the field was, with the same keys there."""
    if not isinstance(field.dataType, Marked):
        return value, glue.Field(field.name, kind)
    return wrap(value, column.isNotNull()), glue.Field(field.name, Marked(kind))


def select_fields(columns: Columns, paths: Sequence[str]) -> Columns:
    """Only these fields, in the frame's order. A path that does not exist gives nothing."""
    return select(columns, _select_fields(columns.schema, column_of, _select_tree(columns.schema, paths)))


def unnest(columns: Columns) -> Columns:
    """Structs flattened to columns named with dots; arrays stay arrays."""

    def flatten(column: Column, name: str, kind: glue.DataType) -> list[tuple[Column, glue.Field]]:
        inner = inner_of(kind)
        if isinstance(inner, glue.StructType):
            value = value_of(column, kind)
            return [
                leaf
                for part in inner
                for leaf in flatten(value.getField(part.name), f"{name}.{part.name}", part.dataType)
            ]
        return [(column, glue.Field(name, kind))]

    leaves = [leaf for field in columns.schema for leaf in flatten(column_of(field.name), field.name, field.dataType)]
    return select(columns, leaves)


def null_paths(kind: glue.StructType, prefix: str = "") -> list[str]:
    """Paths of the fields that are null in the whole data set: in structs, and in structs in arrays."""
    paths = []
    for field in kind:
        path = prefix + (quote(field.name) if "." in field.name else field.name)
        inner = field.dataType.elementType if isinstance(field.dataType, glue.ArrayType) else field.dataType
        if isinstance(field.dataType, glue.NullType):
            paths.append(path)
        elif isinstance(inner, glue.StructType):
            paths.extend(null_paths(inner, f"{path}."))
    return paths
