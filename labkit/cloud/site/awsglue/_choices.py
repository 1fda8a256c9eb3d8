"""ResolveChoice: what becomes of a field that holds values of several types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._fields import column_of, select
from ._mapping import cast
from ._paths import split_path
from ._types import has_choice, parse_type, spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import Column

ACTIONS = ("cast:<type>", "make_cols", "make_struct", "project:<type>", "match_catalog")
Typed = tuple[Any, glue.Field]


def check_action(action: str) -> tuple[str, glue.DataType | None]:
    """The action and its type; raises ValueError that lists the actions."""
    name, _, kind = str(action).partition(":")
    if name in ("cast", "project") and kind:
        return name, parse_type(kind)
    if action in ("make_cols", "make_struct", "match_catalog"):
        return name, None
    raise ValueError(f"Invalid ResolveChoice action {action!r}; the actions are {', '.join(ACTIONS)}.")


def _project(column: Column, kind: glue.DataType, target: glue.DataType) -> Column:
    from pyspark.sql import functions as f

    name = target.typeName()
    if isinstance(kind, glue.ChoiceType):
        return column.getField(name) if name in kind.choices else f.lit(None).cast(spark_from_glue(target))
    return column


def _resolve_field(column: Column, field: glue.Field, action: str, target: glue.DataType | None) -> list[Typed]:
    """The columns that a field becomes."""
    name, kind = field.name, field.dataType
    if action == "cast":
        assert target is not None
        return [(cast(column, kind, target), glue.Field(name, target))]
    if not isinstance(kind, glue.ChoiceType):
        return [(column, field)]
    if action == "project":
        assert target is not None
        return [(_project(column, kind, target), glue.Field(name, kind.choices.get(target.typeName(), target)))]
    if action == "make_cols":
        return [(column.getField(part), glue.Field(f"{name}_{part}", of)) for part, of in kind.choices.items()]
    struct = glue.StructType([glue.Field(part, of) for part, of in kind.choices.items()])
    return [(column, glue.Field(name, struct))]


def _walk(
    column: Column, field: glue.Field, path: Sequence[str], action: str, target: glue.DataType | None
) -> list[Typed]:
    """The columns that a field becomes when the action applies to what `path` names inside it."""
    from pyspark.sql import functions as f

    kind = field.dataType
    if not path:
        return _resolve_field(column, field, action, target)
    if isinstance(kind, glue.ArrayType):
        inner = glue.Field("element", kind.elementType)
        if len(_walk(f.lit(None).cast(spark_from_glue(kind.elementType)), inner, path, action, target)) != 1:
            raise ValueError(f"{action} cannot make several columns of the elements of array {field.name!r}.")
        done = f.transform(column, lambda item: _walk(item, inner, path, action, target)[0][0])
        new = _walk(f.lit(None).cast(spark_from_glue(kind.elementType)), inner, path, action, target)[0][1].dataType
        return [(done, glue.Field(field.name, glue.ArrayType(new)))]
    if not isinstance(kind, glue.StructType):
        return [(column, field)]
    parts: list[Typed] = []
    for part in kind:
        inside = column.getField(part.name)
        parts.extend(_walk(inside, part, path[1:], action, target) if part.name == path[0] else [(inside, part)])
    struct = f.struct(*(one.alias(of.name) for one, of in parts))
    return [(f.when(column.isNotNull(), struct), glue.Field(field.name, glue.StructType([of for _, of in parts])))]


def resolve_specs(columns: Columns, specs: Sequence[tuple[str, str]]) -> Columns:
    """Apply (path, action) pairs, one after the other."""
    for path, action in specs:
        name, target = check_action(action)
        if name == "match_catalog":
            raise ValueError(
                'match_catalog is for choice="match_catalog", with database and table_name; not for specs.'
            )
        names = [path] if columns.schema.hasField(path) else split_path(path)
        fields: list[Typed] = []
        for field in columns.schema:
            column = column_of(field.name)
            fields.extend(
                _walk(column, field, names[1:], name, target) if field.name == names[0] else [(column, field)]
            )
        columns = select(columns, fields)
    return columns


def _everywhere(column: Column, field: glue.Field, action: str, target: glue.DataType | None) -> list[Typed]:
    from pyspark.sql import functions as f

    kind = field.dataType
    if isinstance(kind, glue.ChoiceType):
        return _resolve_field(column, field, action, target)
    if not has_choice(kind):
        return [(column, field)]
    if isinstance(kind, glue.StructType):
        parts = [one for part in kind for one in _everywhere(column.getField(part.name), part, action, target)]
        struct = f.struct(*(one.alias(of.name) for one, of in parts))
        return [(f.when(column.isNotNull(), struct), glue.Field(field.name, glue.StructType([of for _, of in parts])))]
    if isinstance(kind, glue.ArrayType):
        inner = glue.Field("element", kind.elementType)
        probe = _everywhere(f.lit(None).cast(spark_from_glue(kind.elementType)), inner, action, target)
        if len(probe) == 1:
            done = f.transform(column, lambda item: _everywhere(item, inner, action, target)[0][0])
            return [(done, glue.Field(field.name, glue.ArrayType(probe[0][1].dataType)))]
    return [(column, field)]


def resolve_all(columns: Columns, action: str) -> Columns:
    """Apply one action to every choice of the frame."""
    name, target = check_action(action)
    return select(
        columns, [one for field in columns.schema for one in _everywhere(column_of(field.name), field, name, target)]
    )


def match_schema(columns: Columns, wanted: glue.StructType) -> Columns:
    """Choices cast to the type that the catalog gives the field of that name; other choices become structs."""

    def match(field: glue.Field) -> list[Typed]:
        target = next((one.dataType for one in wanted if one.name.lower() == field.name.lower()), None)
        column = column_of(field.name)
        if isinstance(field.dataType, glue.ChoiceType) and target is not None:
            return _resolve_field(column, field, "cast", target)
        return _everywhere(column, field, "make_struct", None)

    return select(columns, [one for field in columns.schema for one in match(field)])


def for_options(columns: Columns, choose: Callable[[str], Any]) -> Columns:
    """Apply `toDF(options)`: `choose` gives a path's option or None."""
    fields: list[Typed] = []
    for field in columns.schema:
        option, column = choose(field.name), column_of(field.name)
        if option is not None and option.action == "Project":
            fields.extend(_resolve_field(column, field, "project", option.target))
        else:
            fields.append((column, field))
    return select(columns, fields)
