"""ResolveChoice: what becomes of a field that holds values of several types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._cast import convert, is_bare
from ._contents import Columns
from ._fields import column_of, names_of, select
from ._paths import find_field
from ._presence import Marked, inner_of, value_of, wrap
from ._types import has_choice, parse_type, spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import Column

ACTIONS = ("cast:<type>", "make_cols", "make_struct", "project:<type>", "match_catalog")
Typed = tuple[Any, glue.Field]
# What becomes of a field: the columns that take its place.
Resolve = Callable[[Any, glue.Field], list[Typed]]


def check_action(action: str) -> tuple[str, glue.DataType | None]:
    """The action and its type; raises ValueError that lists the actions."""
    name, _, kind = str(action).partition(":")
    name = name.lower()  # the old console wrote choice = "MATCH_CATALOG" into its scripts
    if name in ("cast", "project") and kind:
        return name, parse_type(kind)
    if name in ("make_cols", "make_struct", "match_catalog") and not kind:
        return name, None
    raise ValueError(f"Invalid ResolveChoice action {action!r}; the actions are {', '.join(ACTIONS)}.")


def check_specs(specs: Any) -> list[tuple[str, str]]:
    """Specs as (path, action) pairs; takes one pair alone."""
    listed = [specs] if isinstance(specs, tuple) else list(specs)
    for spec in listed:
        if not isinstance(spec, (tuple, list)) or len(spec) != 2 or not all(isinstance(one, str) for one in spec):
            raise ValueError(
                f'specs: each one is a pair (path, action) such as ("price", "cast:double"); got {spec!r}.'
            )
    return [(spec[0], spec[1]) for spec in listed]


def _part_for(kind: glue.ChoiceType, target: glue.DataType) -> str | None:
    """The part of a choice that `project:<type>` means."""
    name = target.typeName()
    return name if name in kind.choices else None


def _project(column: Column, kind: glue.ChoiceType, target: glue.DataType) -> tuple[Column, glue.DataType]:
    from pyspark.sql import functions as f

    part = _part_for(kind, target)
    if part is None:
        return f.lit(None).cast(spark_from_glue(target)), target
    if is_bare(target) or kind.choices[part] == target:
        return column.getField(part), kind.choices[part]
    return convert(column.getField(part), kind.choices[part], target, exact=False)


def _struct_of(column: Column, kind: glue.ChoiceType, *, exact: bool) -> tuple[Column, glue.DataType]:
    """A choice as a struct. In exact columns a null stays a null, and does not become a struct of nothing."""
    from pyspark.sql import functions as f

    struct = glue.StructType([glue.Field(part, of) for part, of in kind.choices.items()])
    filled = reduce(or_, (column.getField(part).isNotNull() for part in kind.choices))
    return (f.when(filled, column) if exact else column), struct


def resolver(action: str, *, exact: bool) -> Resolve:
    """What an action does to the field that it is for."""
    name, target = check_action(action)

    def resolve(column: Column, field: glue.Field) -> list[Typed]:
        kind = inner_of(field.dataType)
        if name == "cast":
            assert target is not None
            done, found = convert(column, field.dataType, target, exact=exact)
            return [(done, glue.Field(field.name, found))]
        if not isinstance(kind, glue.ChoiceType):
            return [(column, field)]
        value = value_of(column, field.dataType)
        if name == "make_cols":
            return [(value.getField(part), glue.Field(f"{field.name}_{part}", of)) for part, of in kind.choices.items()]
        if name == "project":
            assert target is not None
            done, found = _project(value, kind, target)
            return [(done, glue.Field(field.name, found))]
        done, found = _struct_of(value, kind, exact=exact)
        if isinstance(field.dataType, Marked):
            done, found = wrap(done, column.isNotNull()), Marked(found)
        return [(done, glue.Field(field.name, found))]

    return resolve


def _inside(column: Column, field: glue.Field, change: Resolve) -> list[Typed]:
    """The field with `change` applied to each field of its struct, to its array's elements or to its map's values."""
    from pyspark.sql import functions as f

    outer, kind = field.dataType, inner_of(field.dataType)
    value = value_of(column, outer)
    if isinstance(kind, glue.StructType):
        parts = [one for part in kind for one in change(value.getField(part.name), part)]
        done: Any = f.when(value.isNotNull(), f.struct(*(one.alias(of.name) for one, of in parts)))
        found: glue.DataType = glue.StructType([of for _, of in parts])
    elif isinstance(kind, glue.ArrayType):
        inner = glue.Field("element", kind.elementType)
        found = glue.ArrayType(_only(change(_none(kind.elementType), inner), field).dataType)
        done = f.transform(value, lambda item: change(item, inner)[0][0])
    elif isinstance(kind, glue.MapType):
        part = glue.Field("value", kind.valueType)
        found = glue.MapType(_only(change(_none(kind.valueType), part), field).dataType)
        done = f.transform_values(value, lambda _, item: change(item, part)[0][0])
    else:
        return [(column, field)]
    if isinstance(outer, Marked):
        done, found = wrap(done, column.isNotNull()), Marked(found)
    return [(done, glue.Field(field.name, found))]


def _none(kind: glue.DataType) -> Column:
    from pyspark.sql import functions as f

    return f.lit(None).cast(spark_from_glue(kind))


def _only(fields: list[Typed], parent: glue.Field) -> glue.Field:
    if len(fields) != 1:
        raise ValueError(
            f"make_cols cannot make several columns of the elements of {parent.name!r}; use make_struct or cast:<type>."
        )
    return fields[0][1]


def _walk(column: Column, field: glue.Field, path: Sequence[str], change: Resolve) -> list[Typed]:
    """The columns that a field becomes when `change` is for what `path` names inside it."""
    kind = inner_of(field.dataType)
    if isinstance(kind, glue.ChoiceType) and path:
        # A path into a choice goes on in the parts that have such a field.
        return [_into_choice(column, field, path, change)]
    if not path:
        return change(column, field)
    if isinstance(kind, (glue.ArrayType, glue.MapType)):
        return _inside(column, field, lambda item, part: _walk(item, part, path, change))
    if not isinstance(kind, glue.StructType):
        return [(column, field)]
    return _inside(
        column,
        field,
        lambda item, part: _walk(item, part, path[1:], change) if part.name == path[0] else [(item, part)],
    )


def _into_choice(column: Column, field: glue.Field, path: Sequence[str], change: Resolve) -> Typed:
    from pyspark.sql import functions as f

    kind = inner_of(field.dataType)
    assert isinstance(kind, glue.ChoiceType)
    value = value_of(column, field.dataType)
    parts: list[Typed] = []
    for name, of in kind.choices.items():
        one, part = value.getField(name), glue.Field(name, of)
        deep = isinstance(of, (glue.StructType, glue.ArrayType, glue.MapType))
        parts.extend(_walk(one, part, path, change) if deep else [(one, part)])
    done = f.when(value.isNotNull(), f.struct(*(one.alias(of.name) for one, of in parts)))
    found: glue.DataType = glue.ChoiceType([of.dataType for _, of in parts])
    if isinstance(field.dataType, Marked):
        done, found = wrap(done, column.isNotNull()), Marked(found)
    return done, glue.Field(field.name, found)


def resolve_specs(columns: Columns, specs: Any) -> Columns:
    """Apply (path, action) pairs, one after the other. A path that does not exist changes nothing."""
    for path, action in check_specs(specs):
        if check_action(action)[0] == "match_catalog":
            raise ValueError(
                'match_catalog is for choice="match_catalog", with database and table_name; not for specs.'
            )
        names = names_of(columns.schema, path)
        change = resolver(action, exact=columns.exact)
        # `list[]` alone means the elements, `list` the field.
        if path.endswith("[]"):
            elements = change
            change = lambda column, field: _inside(column, field, elements)  # noqa: B023, E731
        fields: list[Typed] = []
        for field in columns.schema:
            column = column_of(field.name)
            fields.extend(_walk(column, field, names[1:], change) if field.name == names[0] else [(column, field)])
        columns = _select_new(columns, fields, action)
    return columns


def _select_new(columns: Columns, fields: list[Typed], action: str) -> Columns:
    names = [field.name for _, field in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"ResolveChoice {action!r} makes columns that exist already: {', '.join(twice)}; rename them.")
    return select(columns, fields)


def everywhere(change: Resolve) -> Resolve:
    """`change` of every choice in a field, the outermost first."""

    def apply(column: Column, field: glue.Field) -> list[Typed]:
        kind = inner_of(field.dataType)
        if isinstance(kind, glue.ChoiceType):
            return [one for part in change(column, field) for one in _again(part)]
        return _inside(column, field, apply) if _deep_choice(kind) else [(column, field)]

    def _again(part: Typed) -> list[Typed]:
        kind = inner_of(part[1].dataType)
        if isinstance(kind, glue.ChoiceType) or not _deep_choice(kind):
            return [part]
        return _inside(*part, apply)

    return apply


def _deep_choice(kind: glue.DataType) -> bool:
    from ._presence import plain_type

    return has_choice(plain_type(kind))


def resolve_all(columns: Columns, action: str) -> Columns:
    """Apply one action to every choice of the frame."""
    change = everywhere(resolver(action, exact=columns.exact))
    return _select_new(
        columns, [one for field in columns.schema for one in change(column_of(field.name), field)], action
    )


def match_schema(columns: Columns, wanted: glue.StructType) -> Columns:
    """Choices cast to the type that the catalog gives the field of that name; other choices become structs."""
    change = _matcher(wanted, exact=columns.exact)
    return select(columns, [one for field in columns.schema for one in change(column_of(field.name), field)])


def _matcher(wanted: glue.DataType, *, exact: bool) -> Resolve:
    others = everywhere(resolver("make_struct", exact=exact))

    def match(column: Column, field: glue.Field) -> list[Typed]:
        known = _wanted_for(wanted, field.name)
        kind = inner_of(field.dataType)
        if known is None or not _deep_choice(kind):
            return others(column, field)
        if isinstance(kind, glue.ChoiceType):
            done, found = convert(column, field.dataType, known, exact=exact)
            return [(done, glue.Field(field.name, found))]
        return _inside(column, field, _matcher(known, exact=exact))

    return match


def _wanted_for(wanted: glue.DataType, name: str) -> glue.DataType | None:
    """The type that the catalog's type of a parent gives to its part of that name."""
    if isinstance(wanted, glue.StructType):
        found = find_field(wanted, name, case_sensitive=False)
        return found.dataType if found else None
    if isinstance(wanted, (glue.ArrayType, glue.SetType)):
        return wanted.elementType
    return wanted.valueType if isinstance(wanted, glue.MapType) else None


def for_options(columns: Columns, options: Sequence[Any]) -> Columns:
    """Apply checked `toDF(options)`; paths may lead into structs and arrays. KeepAsStruct changes nothing."""
    for option in options:
        if option.action != "Project":
            continue

        def change(column: Column, field: glue.Field, target: glue.DataType = option.target) -> list[Typed]:
            kind = inner_of(field.dataType)
            if not isinstance(kind, glue.ChoiceType):
                return [(column, field)]
            done, found = _project(value_of(column, field.dataType), kind, target)
            return [(done, glue.Field(field.name, found))]

        names = names_of(columns.schema, option.path)
        fields: list[Typed] = []
        for field in columns.schema:
            column = column_of(field.name)
            fields.extend(_walk(column, field, names[1:], change) if field.name == names[0] else [(column, field)])
        columns = select(columns, fields)
    return columns
