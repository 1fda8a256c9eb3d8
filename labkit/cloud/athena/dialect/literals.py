"""Constants: numbers, texts, dates, intervals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import BIGINT, DAY_INTERVAL, DOUBLE, INTEGER, MONTH_INTERVAL, decimal, varchar

if TYPE_CHECKING:
    from sqlglot import exp

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def text(value: str) -> str:
    """A string as a DuckDB literal."""
    if "\0" in value:
        raise QueryFailure("NOT_SUPPORTED", "a NUL character inside a string")
    return "'" + value.replace("'", "''") + "'"


def string(value: str) -> Typed:
    """A string literal, VARCHAR of its length."""
    return Typed(text(value), varchar(len(value)))


def number(digits: str, place: tuple[int, int] | None = None) -> Typed:
    """A number as Trino types it: INTEGER, BIGINT, DECIMAL (``1.5``) or DOUBLE (``1e0``); with its minus, if it has one."""
    if "e" in digits.lower():
        return Typed(f"CAST({text(digits)} AS DOUBLE)", DOUBLE)
    if "." in digits:
        whole, fraction = digits.lstrip("-").split(".")
        precision = max(1, len(whole.lstrip("0")) + len(fraction))
        if precision > 38:
            raise QueryFailure("INVALID_LITERAL", f"'{digits}' is not a valid DECIMAL literal", place)
        return Typed(f"CAST({text(digits)} AS DECIMAL({precision}, {len(fraction)}))", decimal(precision, len(fraction)))
    value = int(digits)
    if -(2**31) <= value < 2**31:
        return Typed(f"CAST({value} AS INTEGER)", INTEGER)
    if -(2**63) <= value < 2**63:
        return Typed(f"CAST({value} AS BIGINT)", BIGINT)
    raise QueryFailure("SYNTAX_ERROR", f"Invalid numeric literal: {digits}", place)


def interval(node: exp.Expression) -> Typed:
    """``INTERVAL '2' DAY``, ``'1-2' YEAR TO MONTH``, ``'2 10:00' DAY TO MINUTE``."""
    unit = node.args.get("unit")
    value = node.this.name if node.this is not None else ""
    if unit is None:
        raise QueryFailure("INVALID_LITERAL", f"Invalid INTERVAL literal: {value}")
    names = re.sub(r"\s+TO\s+", " ", unit.sql().upper()).lower().replace("s ", " ").split()
    first = names[0].rstrip("s")
    if first in ("year", "month"):
        return _months(value, first, len(names) > 1)
    if first not in _UNITS:
        raise QueryFailure("INVALID_LITERAL", f"Invalid INTERVAL unit: {first}")
    return Typed(f"to_microseconds(CAST({round(_seconds(value, first) * 10**6)} AS BIGINT))", DAY_INTERVAL)


def _months(value: str, unit: str, spans: bool) -> Typed:
    found = re.fullmatch(r"([+-]?)(\d+)(?:-(\d+))?", value.strip())
    if not found or (found.group(3) and not spans):
        raise QueryFailure("INVALID_LITERAL", f"Invalid INTERVAL YEAR TO MONTH value: {value}")
    months = int(found.group(2)) * (12 if unit == "year" else 1) + int(found.group(3) or 0)
    return Typed(f"to_months({-months if found.group(1) == '-' else months})", MONTH_INTERVAL)


def _seconds(value: str, unit: str) -> float:
    found = re.fullmatch(r"([+-]?)(\d+(?:\.\d+)?)((?:[ :]\d+(?:\.\d+)?)*)", value.strip())
    if not found:
        raise QueryFailure("INVALID_LITERAL", f"Invalid INTERVAL DAY TO SECOND value: {value}")
    scales = [scale for scale in (86400, 3600, 60, 1) if scale <= _UNITS[unit]]
    parts = [found.group(2), *re.findall(r"\d+(?:\.\d+)?", found.group(3))]
    total = sum(float(part) * scale for part, scale in zip(parts, scales, strict=False))
    return -total if found.group(1) == "-" else total
