"""SplitRows: rows for which all comparisons hold, and the rest."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._fields import column_of
from ._paths import resolve

if TYPE_CHECKING:
    from pyspark.sql import Column

_OPERATORS = {
    "!=": "__ne__", "=": "__eq__", "==": "__eq__", "<=": "__le__", "<": "__lt__", ">=": "__ge__", ">": "__gt__",
}  # fmt: skip


def _comparison(columns: Columns, path: str, operator: str, value: Any) -> Column:
    fields = resolve(columns.schema, path)
    if fields is None:
        raise ValueError(f"SplitRows: the frame has no field {path!r}.")
    if operator not in _OPERATORS:
        raise ValueError(f"SplitRows: unknown operator {operator!r}; the operators are {' '.join(_OPERATORS)}.")
    if isinstance(fields[-1].dataType, glue.ChoiceType):
        raise ValueError(f"SplitRows: field {path!r} is a choice; apply ResolveChoice first.")
    column = column_of(fields[0].name)
    for field in fields[1:]:
        column = column.getField(field.name)
    compared: Column = getattr(column, _OPERATORS[operator])(value)
    return compared


def split_rows(columns: Columns, comparisons: dict[str, dict[str, Any]]) -> tuple[Columns, Columns]:
    """(rows for which every comparison is true, all other rows)."""
    from pyspark.sql import functions as f

    tests = [
        _comparison(columns, path, operator, value)
        for path, one in comparisons.items()
        for operator, value in one.items()
    ]
    if not tests:
        raise ValueError('SplitRows needs comparisons such as {"age": {">": 10, "<": 20}}.')
    holds = f.coalesce(reduce(and_, tests), f.lit(False))
    return Columns(columns.df.where(holds), columns.schema), Columns(columns.df.where(~holds), columns.schema)
