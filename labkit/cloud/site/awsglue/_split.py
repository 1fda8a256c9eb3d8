"""SplitRows: rows for which all comparisons hold, and the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._cast import cast
from ._contents import Columns
from ._fields import value_at
from ._paths import resolve
from ._presence import inner_of, value_of
from ._types import spark_cast

if TYPE_CHECKING:
    from pyspark.sql import Column

_OPERATORS = {
    "!=": "__ne__", "=": "__eq__", "==": "__eq__", "<=": "__le__", "<": "__lt__", ">=": "__ge__", ">": "__gt__",
}  # fmt: skip
_EXAMPLE = 'such as {"age": {">": 10, "<": 20}}'
_WHOLE = ("byte", "short", "int", "long")


def _literal(path: str, kind: glue.DataType, value: Any) -> Column:
    """The value to compare with, as the field's type: a number may be given as text."""
    from pyspark.sql import functions as f

    literal = f.lit(value)
    if not isinstance(value, str) or isinstance(kind, glue.StringType):
        return literal
    # Text such as "1.5" compared with whole numbers stays a number and is not cut to 1.
    target = glue.DoubleType() if kind.typeName() in _WHOLE else kind
    if kind.typeName() in (*_WHOLE, "float", "double", "decimal") and not _is_number(value):
        raise ValueError(f"comparison_dict: {path!r} holds {kind.typeName()} values; {value!r} is no number.")
    return cast(literal, glue.StringType(), target)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _comparison(columns: Columns, path: str, operator: str, value: Any) -> Column:
    fields = resolve(columns.schema, path)
    if fields is None:
        names = ", ".join(field.name for field in columns.schema) or "none"
        raise ValueError(f"comparison_dict: the frame has no field {path!r}; its fields are: {names}.")
    if operator not in _OPERATORS:
        raise ValueError(f"comparison_dict: unknown operator {operator!r}; the operators are {' '.join(_OPERATORS)}.")
    kind = inner_of(fields[-1].dataType)
    if isinstance(kind, glue.ChoiceType):
        raise ValueError(f"comparison_dict: field {path!r} is a choice; apply ResolveChoice first.")
    if not isinstance(kind, glue.AtomicType):
        raise ValueError(f"comparison_dict: field {path!r} is a {kind.typeName()}; single values are compared.")
    column = value_of(value_at(fields), fields[-1].dataType)
    if isinstance(kind, glue.StringType) and isinstance(value, (int, float)) and not isinstance(value, bool):
        column = spark_cast(column, glue.DoubleType())
    compared: Column = getattr(column, _OPERATORS[operator])(_literal(path, kind, value))
    return compared


def _checked(comparisons: Any) -> list[tuple[str, str, Any]]:
    if not isinstance(comparisons, Mapping) or not all(isinstance(one, Mapping) for one in comparisons.values()):
        raise ValueError(f"comparison_dict: a dict of field paths to comparisons, {_EXAMPLE}; got {comparisons!r}.")
    tests = [(path, operator, value) for path, one in comparisons.items() for operator, value in one.items()]
    if not tests:
        raise ValueError(f"comparison_dict: give at least one comparison, {_EXAMPLE}.")
    return tests


def splitters(comparisons: Any) -> tuple[Callable[[Columns], Columns], Callable[[Columns], Columns]]:
    """(the rows for which every comparison is true, all other rows), as steps."""
    tests = _checked(comparisons)

    def rows(columns: Columns, *, wanted: bool) -> Columns:
        from pyspark.sql import functions as f

        if not columns.schema.fields:
            return columns  # nothing was read
        holds = f.coalesce(reduce(and_, (_comparison(columns, *test) for test in tests)), f.lit(False))
        return Columns(columns.df.where(holds if wanted else ~holds), columns.schema, columns.exact)

    return lambda columns: rows(columns, wanted=True), lambda columns: rows(columns, wanted=False)
