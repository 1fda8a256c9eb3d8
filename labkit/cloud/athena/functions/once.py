"""An expression that a translation needs more than once is computed once: nested calls must not double in size with each level."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

# A column, a lambda's parameter, a number or a short text: repeating it costs nothing.
_PLAIN = re.compile(r"[\w.\"]{1,60}|'[^']{0,20}'|CAST\(-?\d+ AS \w+\)|\(-CAST\(\d+ AS \w+\)\)")


def is_plain(sql: str) -> bool:
    """True for text that may be written twice."""
    return _PLAIN.fullmatch(sql) is not None


def once(ctx: Any, values: list[str], build: Callable[..., str]) -> str:
    """``build(*values)``, with every value that is more than a name bound to a name first."""
    names: list[str] = []
    bound: list[tuple[str, str]] = []
    for value in values:
        if is_plain(value):
            names.append(value)
            continue
        names.append(f"{ctx.alias()}")
        bound.append((names[-1], value))
    made = build(*names)
    for name, value in reversed(bound):
        made = f"list_transform([{value}], lambda {name}: {made})[1]"
    return made


def number_of(sql: str) -> int | None:
    """The value of an integer literal (possibly negated or cast), or None for anything else."""
    text = sql.replace("(", "").replace(")", "").replace("CAST", "")
    found = re.fullmatch(r"\s*(-?)\s*(\d+)((?: AS (?:TINYINT|SMALLINT|INTEGER|BIGINT))*)", text)
    return int(found.group(1) + found.group(2)) if found else None


def text_of(sql: str) -> str | None:
    """The value of a text literal, or None for anything else."""
    found = re.fullmatch(r"'((?:[^']|'')*)'", sql, re.DOTALL)
    return found.group(1).replace("''", "'") if found else None
