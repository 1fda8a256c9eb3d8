"""DuckDB's conversion errors in Trino's words."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from labkit.cloud.athena.dialect.number_casts import DOUBLE_MARK, MARK, REAL_MARK
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.rendering import java_double

_NAMES = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}
# In Trino's "Cannot cast 'x' to …".
_TEXT_NAMES = {
    "INT8": "TINYINT", "INT16": "SMALLINT", "INT32": "INT", "INT64": "BIGINT", "INTEGER": "INT", "FLOAT": "REAL", "BOOL": "BOOLEAN",
}  # fmt: skip


def as_conversion(text: str) -> QueryFailure | None:
    """The failure that Trino has for a CAST that DuckDB could not do, or None for an error of another kind."""
    text = re.split(r"\n\nLINE ", text)[0]
    found = re.search(r"Could not convert string ([\"'])(.*)\1 to ([A-Z0-9]+(?:\(\d+,\d+\))?)", text, re.DOTALL)
    if found:
        return _from_text(found.group(2), found.group(3))
    found = re.search(r"Type (\w+) with value (\S+) can't be cast .* destination type (\w+)", text)
    if found:
        return _out_of_range(found.group(1), found.group(2), found.group(3))
    found = re.search(r"Failed to cast decimal value (\S+) to type (\w+)", text)
    if found:
        name = _NAMES.get(found.group(2), found.group(2)).upper()
        return _invalid(f"Cannot cast '{found.group(1)}' to {name}")
    found = re.search(r"Casting value \"(\S+)\" to type DECIMAL\((\d+),(\d+)\) failed", text)
    if found:
        return _invalid(f"Cannot cast DECIMAL '{found.group(1)}' to DECIMAL({found.group(2)}, {found.group(3)})")
    found = re.search(r"Could not cast value (\S+) to DECIMAL\((\d+),(\d+)\)", text)
    return _to_decimal(found.group(1), found.group(2), found.group(3)) if found else None


def _invalid(text: str) -> QueryFailure:
    return QueryFailure("INVALID_CAST_ARGUMENT", text)


def _from_text(value: str, target: str) -> QueryFailure:
    """What could not be read: a text of the user's, or the digits of a DOUBLE or REAL on their way to DECIMAL."""
    kind = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", target)
    shown = value.removeprefix(MARK)
    if kind is None:
        if target == "UUID":
            return _invalid(f"Cannot cast value to UUID: {shown}")
        return _invalid(f"Cannot cast '{shown}' to {_TEXT_NAMES.get(target, target)}")
    name = f"DECIMAL({kind.group(1)}, {kind.group(2)})"
    for mark, source in ((REAL_MARK, "REAL"), (DOUBLE_MARK, "DOUBLE")):
        if value.startswith(mark):
            return _invalid(f"Cannot cast {source} '{java_double(float(value))}' to {name}")
    try:
        number = Decimal(shown) if shown == shown.strip() and "_" not in shown else None
    except InvalidOperation:
        number = None
    why = "Value too large." if number is not None and number.is_finite() else "Value is not a number."
    return _invalid(f"Cannot cast VARCHAR '{shown}' to {name}. {why}")


def _out_of_range(source: str, value: str, target: str) -> QueryFailure:
    name = _NAMES.get(target, target.lower())
    if source in ("HUGEINT", "INT128"):  # a sum of BIGINTs
        return QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"bigint addition overflow: {value}")
    if source not in ("DOUBLE", "FLOAT"):
        return QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {name}: {value}")
    shown = java_double(float(value))
    if name == "bigint" and source == "DOUBLE":
        return _invalid(f"Unable to cast {shown} to bigint")
    if shown == "NaN":
        return _invalid(f"Cannot cast {'real' if source == 'FLOAT' else 'double'} NaN to {name}")
    return QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {name}: {shown}")


def _to_decimal(value: str, precision: str, scale: str) -> QueryFailure:
    digits = len(value.lstrip("-"))
    if digits > 19:  # wider than any integer of Trino's: a product or quotient
        return QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow")
    source = "INTEGER" if -(2**31) <= float(value) < 2**31 else "BIGINT"
    return _invalid(f"Cannot cast {source} '{value}' to DECIMAL({precision}, {scale})")
