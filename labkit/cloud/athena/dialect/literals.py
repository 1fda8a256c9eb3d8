"""Constants: numbers, texts, dates, intervals."""

from __future__ import annotations

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import BIGINT, DOUBLE, INTEGER, decimal, varchar


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
        return Typed(
            f"CAST({text(digits)} AS DECIMAL({precision}, {len(fraction)}))", decimal(precision, len(fraction))
        )
    value = int(digits)
    if -(2**31) <= value < 2**31:
        return Typed(f"CAST({value} AS INTEGER)", INTEGER)
    if -(2**63) <= value < 2**63:
        return Typed(f"CAST({value} AS BIGINT)", BIGINT)
    raise QueryFailure("SYNTAX_ERROR", f"Invalid numeric literal: {digits}", place)
