"""Numbers inside a path: Trino's types by the value's kind (int is INTEGER or BIGINT, Decimal DECIMAL, float DOUBLE)."""

from __future__ import annotations

import math
import re
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Any

from labkit.cloud.athena.jsondata.errors import PathEvaluationError, item_type_error

_EXACT = Context(prec=76)
_ROUND = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "nearest": ROUND_HALF_UP}


def kind_of(value: Any) -> str:
    """``number``, ``text``, ``boolean`` …: what may be compared with what."""
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float | Decimal) else type(value).__name__


def calculate(operator: str, left: Any, right: Any) -> Any:
    """``+ - * / %`` as SQL does it; PathEvaluationError on overflow, division by zero and what is no number."""
    for side in (left, right):
        if isinstance(side, bool) or not isinstance(side, int | float | Decimal):
            raise item_type_error("NUMBER", side)
    if isinstance(left, float) or isinstance(right, float):
        return _floating(operator, float(left), float(right))
    if isinstance(left, int) and isinstance(right, int):
        return _integers(operator, left, right)
    return _decimals(operator, Decimal(left), Decimal(right))


def _floating(operator: str, left: float, right: float) -> float:
    if operator in "+-*":
        return {"+": left + right, "-": left - right, "*": left * right}[operator]
    if right == 0 or math.isnan(right) or math.isnan(left) or math.isinf(left):
        if operator == "%" or left == 0 or math.isnan(left) or math.isnan(right):
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    return left / right if operator == "/" else math.fmod(left, right)


def _integers(operator: str, left: int, right: int) -> int:
    if operator in "/%":
        if right == 0:
            raise PathEvaluationError("")
        whole = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        made = whole if operator == "/" else left - whole * right
    else:
        made = {"+": left + right, "-": left - right, "*": left * right}[operator]
    limit = 2**31 if max(abs(left), abs(right)) < 2**31 else 2**63
    if not -limit <= made < limit:
        raise PathEvaluationError("")
    return made


def _decimals(operator: str, left: Decimal, right: Decimal) -> Decimal:
    if operator in "+-*":
        made = {"+": _EXACT.add, "-": _EXACT.subtract, "*": _EXACT.multiply}[operator](left, right)
    elif right == 0:
        raise PathEvaluationError("")
    elif operator == "%":
        made = _EXACT.remainder(left, right)
    else:
        scale = max(-int(left.as_tuple().exponent), -int(right.as_tuple().exponent))
        made = _EXACT.divide(left, right).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _EXACT)
    if len(made.as_tuple().digits) > 38:
        raise PathEvaluationError("")
    return made


def round_to(value: Any, way: str) -> Any:
    """The whole number above, below or nearest; a DOUBLE stays one."""
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return value
        if way == "nearest":
            return math.copysign(math.floor(abs(value) + 0.5), value)
        return float(math.ceil(value) if way == "up" else math.floor(value))
    return value.quantize(Decimal(1), _ROUND.get(way, ROUND_DOWN))


def to_double(value: Any) -> float:
    """A number, or a text that is one, as DOUBLE."""
    if isinstance(value, str) and not re.fullmatch(
        r"\s*[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)\s*", value
    ):
        raise PathEvaluationError("")
    return float(value)
