"""ApplyMapping: fields chosen, renamed, cast and nested."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from . import gluetypes as glue
from ._cast import cast, convert
from ._contents import Columns
from ._fields import select, value_at
from ._paths import resolve, split_path
from ._presence import inner_of
from ._types import parse_type

__all__ = ["apply_mapping", "cast", "check_mappings", "nest"]

Leaf = tuple[list[str], Any, glue.DataType]


def check_mappings(mappings: Any) -> list[tuple[str, str | None, str, str | None]]:
    """Mappings as (source, source type, target, target type); takes tuples of 2, 3 or 4, and one tuple alone."""
    listed = [mappings] if isinstance(mappings, tuple) else list(mappings or ())
    if not listed:
        raise ValueError("mappings: give at least one (source, source type, target, target type).")
    checked: list[tuple[str, str | None, str, str | None]] = []
    for mapping in listed:
        if not isinstance(mapping, tuple):
            raise TypeError(f"A mapping must be a tuple (source, source type, target, target type); got {mapping!r}.")
        if not all(isinstance(part, str) or part is None for part in mapping):
            raise TypeError(f"The parts of a mapping are strings; got {mapping!r}.")
        if len(mapping) == 2:
            checked.append((mapping[0], None, mapping[1], None))
        elif len(mapping) == 3:
            checked.append((mapping[0], None, mapping[1], mapping[2]))
        elif len(mapping) == 4:
            checked.append(mapping)
        else:
            raise ValueError(f"A mapping must have 2, 3 or 4 parts; got {len(mapping)}: {mapping!r}.")
    return checked


def nest(leaves: Sequence[Leaf], *, exact: bool = False) -> list[tuple[Any, glue.Field]]:
    """Columns of leaves whose paths share parents: `a.b` and `a.c` become the struct `a`.

    Of two leaves with one path the last one stays. `exact`: a struct of which no leaf is there is not there either.
    """
    from pyspark.sql import functions as f

    by_first: dict[str, list[Leaf]] = {}
    for path, column, kind in leaves:
        by_first.setdefault(path[0], []).append((path[1:], column, kind))
    built: list[tuple[Any, glue.Field]] = []
    for name, group in by_first.items():
        whole = [(column, kind) for path, column, kind in group if not path]
        if whole:
            _check_one_kind(name, group)
            built.append((whole[-1][0], glue.Field(name, whole[-1][1])))
            continue
        parts = nest(group, exact=exact)
        struct = f.struct(*(column.alias(field.name) for column, field in parts))
        if exact:
            struct = f.when(reduce(or_, (column.isNotNull() for column, _ in parts)), struct)
        built.append((struct, glue.Field(name, glue.StructType([field for _, field in parts]))))
    return built


def _check_one_kind(name: str, group: Sequence[Leaf]) -> None:
    nested = next((path for path, _, _ in group if path), None)
    if nested is not None:
        raise ValueError(
            f"mappings: the target {name!r} is a value in one mapping and a struct (with {'.'.join(nested)!r} in it) in another."
        )


def _target_type(wanted: str | None, field: glue.Field | None) -> glue.DataType | None:
    """The type to convert to; None where the value stays what it is."""
    if not wanted:
        return None
    # "decimal" alone names no precision: a decimal keeps its own.
    if str(wanted).strip().lower() == "decimal" and field and isinstance(inner_of(field.dataType), glue.DecimalType):
        return None
    return parse_type(wanted)


def apply_mapping(columns: Columns, mappings: Any, *, case_sensitive: bool) -> Columns:
    """The mapped fields in order of the mappings; a source that does not exist is skipped."""
    leaves: list[Leaf] = []
    for source, _, target, wanted in check_mappings(mappings):
        fields = resolve(columns.schema, source, case_sensitive=case_sensitive)
        kind = _target_type(wanted, fields[-1] if fields else None)
        path = split_path(target)
        if fields is None:
            continue
        column, actual = value_at(fields), fields[-1].dataType
        done = convert(column, actual, kind, exact=columns.exact) if kind else (column, actual)
        leaves.append((path, *done))
    return select(columns, nest(leaves, exact=columns.exact))
