"""Field paths: `a.b`, `` `a.b`.c ``, `list[].price`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from . import gluetypes as glue
from ._presence import inner_of


def split_path(path: str) -> list[str]:
    """The names of a path: dots separate, backticks quote a literal dot, `[]` marks array elements and is dropped."""
    if not isinstance(path, str) or not path:
        raise ValueError(f"A field path is a non-empty string such as 'a.b'; got {path!r}.")
    parts, current, quoted, was_quoted = [], "", False, False
    for letter in path:
        if letter == "`":
            quoted, was_quoted = not quoted, True
        elif letter == "." and not quoted and (current or was_quoted):
            parts.append(current)
            current, was_quoted = "", False
        else:
            current += letter
    if quoted:
        raise ValueError(f"Field path {path!r} opens a backtick and never closes it.")
    return [part.removesuffix("[]") for part in [*parts, current] if part.removesuffix("[]")]


def as_list(paths: str | Iterable[str]) -> list[str]:
    """AWS takes one path where it takes a list."""
    if not isinstance(paths, Iterable):
        raise TypeError(f"Field paths are a string such as 'a.b', or a list of them; got {paths!r}.")
    return [paths] if isinstance(paths, str) else list(paths)


def literal(path: str) -> str:
    """A path for Spark's readers that means itself: `ventas[1].csv` is a file, not a pattern.

    (Spark's own `__globPaths__=false` reads a neighbour twice when a list of paths holds such a name.)
    """
    return re.sub(r"([\\\[\]{}*?])", r"\\\1", path)


def quote(name: str) -> str:
    """A column name as Spark SQL text."""
    return "`" + name.replace("`", "``") + "`"


def find_field(schema: glue.StructType, name: str, *, case_sensitive: bool = True) -> glue.Field | None:
    """The field of that name, or None; an exact match wins over one that differs by case."""
    if name in schema.field_map:
        return schema.field_map[name]
    if case_sensitive:
        return None
    return next((field for field in schema if field.name.lower() == name.lower()), None)


def resolve(schema: glue.StructType, path: str, *, case_sensitive: bool = True) -> list[glue.Field] | None:
    """The fields along a path through structs, or None when there is no such field.

    A top-level field whose name holds the literal path (with its dots) is found too, as a last resort.
    """
    fields: list[glue.Field] = []
    current: glue.DataType = schema
    for name in split_path(path):
        field = (
            find_field(current, name, case_sensitive=case_sensitive) if isinstance(current, glue.StructType) else None
        )
        if field is None:
            whole = find_field(schema, path, case_sensitive=case_sensitive)
            return [whole] if whole else None
        fields.append(field)
        current = inner_of(field.dataType)
    return fields
