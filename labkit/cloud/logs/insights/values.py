"""Values of a query: texts, numbers, times, nothing."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_CHUNKS = re.compile(r"[0-9]+|[^0-9]+")


class Moment(int):
    """Epoch milliseconds that are shown as a time."""


def to_number(value: Any) -> float | int | None:
    """The number that a value is or spells."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value)
        return int(number) if number.is_integer() and "." not in value and abs(number) < 1e15 else number
    return None


def to_text(value: Any) -> str:
    """A value as results show it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Moment):
        at = datetime.fromtimestamp(int(value) / 1000, timezone.utc)
        return at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1000:03d}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.4f}".rstrip("0").rstrip(".")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def is_true(value: Any) -> bool:
    """Whether a condition holds."""
    if value is None or value is False:
        return False
    number = to_number(value)
    return number != 0 if number is not None else value is True or (isinstance(value, str) and value.lower() == "true")


def compare(operator: str, left: Any, right: Any) -> bool:
    """Numbers are compared as numbers, everything else as text; nothing equals nothing."""
    if left is None or right is None:
        return operator == "!=" and (left is None) != (right is None)
    a, b = to_number(left), to_number(right)
    if a is not None and b is not None:
        return _order(operator, a, b)
    return _order(operator, to_text(left), to_text(right))


def _order(operator: str, a: Any, b: Any) -> bool:
    if operator == "=":
        return bool(a == b)
    if operator == "!=":
        return bool(a != b)
    if operator == "<":
        return bool(a < b)
    if operator == "<=":
        return bool(a <= b)
    return bool(a > b) if operator == ">" else bool(a >= b)


def sort_key(value: Any) -> tuple[int, float, list[tuple[str, int, str]]]:
    """Nothing first, then texts in natural order, then numbers (docs.aws.amazon.com/AmazonCloudWatch, "CWL_QuerySyntax-Sort").

    In a text runs of digits are compared by their length and then their value, what stands between them by Unicode.
    """
    if value is None:
        return (0, 0.0, [])
    number = to_number(value)
    if number is not None:
        return (2, float(number), [(to_text(value), 0, "")])
    chunks = _CHUNKS.findall(to_text(value))
    # "0" stands where a digit stands among the other letters.
    return (1, 0.0, [("0", len(chunk), chunk) if chunk[0].isdigit() else (chunk, 0, "") for chunk in chunks])
