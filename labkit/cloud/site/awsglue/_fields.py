"""Fields dropped, selected, renamed and unnested: no Python runs per row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._paths import quote, resolve, split_path
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
        return Columns(columns.df.select(), glue.StructType())
    df = columns.df.select(*(column.alias(field.name) for column, field in fields))
    return Columns(df, glue.StructType([field for _, field in fields]))


def _tree(schema: glue.StructType, paths: Sequence[str], ends: Sequence[str | None]) -> Edit:
    """Edits as a tree of names; a leaf is the new name or None."""
    tree: Edit = {}
    for path, end in zip(paths, ends, strict=True):
        names = [path] if schema.hasField(path) else split_path(path)
        node = tree
        for name in names[:-1]:
            node = node.setdefault(name, {})
            if not isinstance(node, dict):
                break
        else:
            node[names[-1]] = end
    return tree


def _edit_fields(kind: glue.StructType, get: Callable[[str], Column], tree: Edit) -> list[tuple[Column, glue.Field]]:
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

    if isinstance(kind, glue.StructType):
        kept = _edit_fields(kind, column.getField, tree)
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
    tree = _tree(columns.schema, paths, [None] * len(paths))
    return select(columns, _edit_fields(columns.schema, column_of, tree))


def _select_tree(schema: glue.StructType, paths: Sequence[str]) -> Edit:
    tree: Edit = {}
    for path in paths:
        names = [path] if schema.hasField(path) else split_path(path)
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
        kind_inside = field.dataType
        if wanted is True or (wanted and not isinstance(kind_inside, glue.StructType)):
            kept.append((column, field))
        elif wanted and isinstance(kind_inside, glue.StructType):
            inside = _select_fields(kind_inside, column.getField, wanted)
            if inside:
                struct = f.struct(*(part.alias(one.name) for part, one in inside))
                nested = glue.Field(field.name, glue.StructType([one for _, one in inside]))
                kept.append((f.when(column.isNotNull(), struct), nested))
    return kept


def select_fields(columns: Columns, paths: Sequence[str]) -> Columns:
    """Only these fields, in the frame's order. A path that does not exist gives nothing."""
    return select(columns, _select_fields(columns.schema, column_of, _select_tree(columns.schema, paths)))


def rename_field(columns: Columns, old: str, new: str) -> Columns:
    """The field at path `old` under the name that `new` ends in; a nested field may move to another path."""
    fields = resolve(columns.schema, old)
    if fields is None:
        return columns
    target = split_path(new)
    source = [old] if len(fields) == 1 and fields[0].name == old else split_path(old)
    if source[:-1] == target[:-1]:
        return select(columns, _edit_fields(columns.schema, column_of, _tree(columns.schema, [old], [target[-1]])))
    return _move_field(columns, old, source, fields[-1].dataType, target)


def _move_field(
    columns: Columns, old: str, source: Sequence[str], kind: glue.DataType, target: Sequence[str]
) -> Columns:
    from ._mapping import nest

    value = column_of(source[0])
    for name in source[1:]:
        value = value.getField(name)
    rest = drop_fields(columns, [old]).schema
    leaves = [([field.name], column_of(field.name), field.dataType) for field in rest]
    if len(source) > 1:
        raise ValueError(
            f"RenameField moves {'.'.join(source)!r} to {'.'.join(target)!r}: a nested field keeps its parent."
        )
    return select(columns, nest([*leaves, (list(target), value, kind)]))


def unnest(columns: Columns) -> Columns:
    """Structs flattened to columns named with dots; arrays stay arrays."""

    def flatten(column: Column, name: str, kind: glue.DataType) -> list[tuple[Column, glue.Field]]:
        if isinstance(kind, glue.StructType):
            return [
                leaf
                for part in kind
                for leaf in flatten(column.getField(part.name), f"{name}.{part.name}", part.dataType)
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
