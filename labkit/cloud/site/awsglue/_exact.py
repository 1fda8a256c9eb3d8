"""Steps over a frame's columns that keep what is missing apart from what is null.

A step over columns is a function, and is applied to the frame's columns at once. For a frame of self-describing records
it is applied a second time, to the marked columns (see `_presence`), but only when a Python function or `show()` asks for
records. So a script without Python functions pays nothing, and one with them sees the keys that the records have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from . import gluetypes as glue
from ._align import explicit
from ._contents import Columns, Contents
from ._fields import column_of, select
from ._presence import has_marks, plain_type
from ._records import marked_columns

Change = Callable[[Columns], Columns]


def exact_source(contents: Contents) -> Callable[[], Columns] | None:
    """How to get the exact columns; None when the columns themselves say all (a null is a null)."""
    if contents.exact is not None:
        return contents.exact
    if contents.records is not None:
        return cache(lambda: marked_columns(contents))
    return None


def exact_columns(contents: Contents) -> Columns:
    """The columns from which records are made."""
    source = exact_source(contents)
    return source() if source else contents.columns


def transformed(contents: Contents, change: Change) -> Contents:
    """The contents after a step over columns that makes no errors of its own."""
    columns, source = change(contents.columns), exact_source(contents)
    return Contents(
        load=lambda: columns,
        sparse=contents.sparse,
        exact=cache(lambda: change(source())) if source else None,
        earlier_errors=contents.all_errors,
    )


def combined(parts: Sequence[Contents], change: Callable[[Sequence[Columns]], Columns], *, sparse: bool) -> Contents:
    """The contents of several frames put together. `sparse`: a field of one frame may be missing in another's records."""
    columns = change([part.columns for part in parts])

    def exact() -> Columns:
        found = [exact_columns(part) if part.sparse else explicit(part.columns) for part in parts]
        return change(found)

    errors = tuple(dict.fromkeys(one for part in parts for one in part.all_errors))
    return Contents(lambda: columns, sparse=sparse, exact=cache(exact) if sparse else None, earlier_errors=errors)


def without_marks(columns: Columns) -> Columns:
    """The columns as `toDF()` shows them."""
    if not has_marks(columns.schema):
        return Columns(columns.df, columns.schema)
    from ._align import align

    fields: list[tuple[Any, glue.Field]] = []
    for field in columns.schema:
        kind = plain_type(field.dataType)
        fields.append((align(column_of(field.name), field.dataType, kind), glue.Field(field.name, kind)))
    plain = select(columns, fields)
    return Columns(plain.df, plain.schema)
