"""Conditions of rules: on a number in Python, on a column's values in Spark."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from awsgluedq._dqdl import Condition, DqdlError, Duration, Keyword, Moment

if TYPE_CHECKING:
    from pyspark.sql import Column

_SIGNS = {
    "=": "__eq__", "!=": "__ne__", ">": "__gt__", "<": "__lt__", ">=": "__ge__", "<=": "__le__",
}  # fmt: skip


def _plain(operand: Any) -> float:
    if isinstance(operand, Duration):
        return operand.seconds
    try:
        return float(operand)
    except (TypeError, ValueError):
        raise DqdlError(f"{operand!r} is not a number.") from None


def holds(value: float, condition: Condition) -> bool:
    """Whether a number meets a condition. `between` leaves its ends out ("exclusive"), `not between` those of its range ("inclusive")."""
    operands = [_plain(operand) for operand in condition.operands]
    if condition.operator == "between":
        low, high = operands
        return (value < low or value > high) if condition.negated else low < value < high
    if condition.operator == "in":
        return (value in operands) != condition.negated
    if condition.operator == "matches":
        raise DqdlError("`matches` is for the values of a column, not for a number.")
    return bool(getattr(value, _SIGNS[condition.operator])(operands[0]))


def _literal(operand: Any, numeric: bool, moment: bool) -> Column:
    from pyspark.sql import functions as f

    if isinstance(operand, Moment):
        return f.expr(f"now() + make_dt_interval(0, 0, 0, {operand.offset_s})")
    if moment:
        return f.lit(str(operand)).cast("timestamp")
    return f.lit(operand if not numeric else float(operand))


def _is(column: Column, operand: Any, numeric: bool, moment: bool) -> Column:
    from pyspark.sql import functions as f

    if isinstance(operand, Keyword):
        text = column.cast("string")
        return {
            "NULL": column.isNull(),
            "EMPTY": f.coalesce(text == "", f.lit(False)),
            "WHITESPACES_ONLY": f.coalesce(text.rlike(r"^\s+$"), f.lit(False)),
        }[operand.name]
    return f.coalesce(column == _literal(operand, numeric, moment), f.lit(False))


def row_holds(column: Column, kind: str, condition: Condition) -> Column:
    """A boolean column, never null: whether a row's value meets a condition. `kind` is Spark's name of its type.

    A null meets only what names NULL, and the negations `!=`, `not in`, `not matches` (glue dg, ColumnValues, "Null behavior").
    """
    from pyspark.sql import functions as f

    operator, operands = condition.operator, condition.operands
    plain = [one for one in operands if not isinstance(one, Keyword)]
    numeric = bool(plain) and all(isinstance(one, (int, float)) for one in plain)
    moment = kind in ("date", "timestamp") or any(isinstance(one, Moment) for one in operands)
    value = column.cast("timestamp") if moment else column.cast("double") if numeric else column.cast("string")
    if operator in ("=", "in"):
        found = reduce(or_, [_is(value, one, numeric, moment) for one in operands])
        names_null = any(isinstance(one, Keyword) and one.name == "NULL" for one in operands)
        if not condition.negated:
            return found
        return ~found if names_null else ~found | column.isNull()
    if operator == "!=":
        return ~_is(value, operands[0], numeric, moment)
    if operator == "matches":
        whole = f.coalesce(column.cast("string").rlike(f"^(?:{_pattern(operands[0])})$"), f.lit(False))
        return ~whole if condition.negated else whole
    if operator == "between":
        low, high = (_literal(one, numeric, moment) for one in operands)
        inside = (value < low) | (value > high) if condition.negated else (value > low) & (value < high)
        return f.coalesce(inside, f.lit(False))
    compared: Column = getattr(value, _SIGNS[operator])(_literal(operands[0], numeric, moment))
    return f.coalesce(compared, f.lit(False))


def _pattern(written: str) -> str:
    found = re.fullmatch(r"/(.*)/(i?)", written)
    return (f"(?{found[2]})" if found and found[2] else "") + (found[1] if found else written)
