"""DuckDB's errors in Trino's words."""

from __future__ import annotations

import re

from labkit.cloud.athena.conversion_failures import as_conversion
from labkit.cloud.athena.errors import SYSTEM, QueryFailure

# DuckDB adds where in its text the failure was; DuckDB 1.5 where in our Python, too.
_BEHIND = re.compile(r"\n\n(?:LINE |At:\n)")
_WIDTHS = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}
_LOWEST = {"-128": "tinyint", "-32768": "smallint", "-2147483648": "integer"}


def as_failure(failure: Exception) -> QueryFailure:
    """What Athena would say; the engine's own text when it has no counterpart."""
    text = str(failure).strip()
    raised = re.search(r"executing the UDF: QueryFailure: ([A-Z_]+): (.*)", text, re.DOTALL)
    if raised:
        return QueryFailure(raised.group(1), _BEHIND.split(raised.group(2))[0])
    marked = re.search(r"(?:^|: )([A-Z_]{8,})\|(.*)", text.splitlines()[0]) if text else None
    if marked:
        return QueryFailure(marked.group(1), _BEHIND.split(marked.group(2))[0])
    first = text.splitlines()[0] if text else type(failure).__name__
    if "Division by zero" in text or "division by zero" in text:
        return QueryFailure("DIVISION_BY_ZERO", "Division by zero")
    converted = as_conversion(text)
    if converted:
        return converted
    moment = re.search(r'invalid (date|timestamp) field format: "!?(.*?)"', text)
    if moment:
        return QueryFailure("INVALID_CAST_ARGUMENT", f"Value cannot be cast to {moment.group(1)}: {moment.group(2)}")
    impossible = re.search(r'(date|timestamp) field value out of range: "(.*?)"', text)
    if impossible:
        return QueryFailure(
            "INVALID_CAST_ARGUMENT", f"Value cannot be cast to {impossible.group(1)}: {impossible.group(2)}"
        )
    return _other(text, first)


def _overflow(text: str) -> str | None:
    if re.search(r"Overflow in \w+ of DECIMAL", text) or re.search(r"Overflow in HUGEINT", text):
        return "Decimal overflow"
    found = re.search(r"Overflow in (\w+) of (INT\d+) \((.*?)\)", text)
    if found:
        negated = re.fullmatch(r"0 - (-\d+)", found.group(3))
        if negated and found.group(1).startswith("subtract"):  # how a unary minus is written (dialect/operators.py)
            return f"{_WIDTHS.get(found.group(2), 'integer')} negation overflow: {negated.group(1)}"
        word = {"subtract": "subtraction"}.get(found.group(1), found.group(1))
        return f"{_WIDTHS.get(found.group(2), 'integer')} {word} overflow: {found.group(3)}"
    found = re.search(r"Overflow in division of (-?\d+) / -1", text)
    return f"{_LOWEST.get(found.group(1), 'bigint')} division overflow: {found.group(1)} / -1" if found else None


# The one number of each width that has no positive counterpart.
_LEAST = {"-128": "tinyint", "-32768": "smallint", "-2147483648": "integer", "-9223372036854775808": "bigint"}


# Part of DuckDB's text, Trino's code, Trino's text.
_FIXED = (
    ("Max expression depth limit", "STACK_OVERFLOW", "statement is too large (stack overflow during analysis)"),
    ("Argument for ntile must be greater than zero", "INVALID_FUNCTION_ARGUMENT", "Buckets must be greater than 0"),
    ("QUANTILE can only take parameters", "INVALID_FUNCTION_ARGUMENT", "Percentile must be between 0 and 1"),
    (
        "More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    ("Map keys must be unique", "INVALID_FUNCTION_ARGUMENT", "Duplicate map keys are not allowed"),
)


def _other(text: str, first: str) -> QueryFailure:
    for part, name, words in _FIXED:
        if part in text:
            return QueryFailure(name, words)
    spread = re.search(r"Out of Range Error: (\w+)(?: for [XY])? is out of range!", first)
    if spread:
        text = f"{spread.group(1)} of values this far apart, infinite or NaN (not available in the local Athena)"
        return QueryFailure("NOT_SUPPORTED", text)
    least = re.search(r"Overflow on abs\((-\d+)\)", first)
    if least and least.group(1) in _LEAST:
        said = f"Value {least.group(1)} is out of range for abs({_LEAST[least.group(1)]})"
        return QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", said)
    if "Overflow in" in text or "Out of Range" in first or "out of range" in first:
        overflow = _overflow(text)
        if overflow:
            return QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", overflow)
        return QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", first.split(": ", 1)[-1])
    if "not in timestamp range" in text or "Date out of range" in text:
        return QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", "Timestamp out of range")
    if "Could not parse string" in text:
        found = re.search(r'Could not parse string "(.*?)"', text)
        return QueryFailure("INVALID_FUNCTION_ARGUMENT", f'Invalid format: "{found.group(1) if found else first}"')
    if "No space left" in text or "Out of Memory" in first:
        return QueryFailure("EXCEEDED_LOCAL_MEMORY_LIMIT", first, category=SYSTEM)
    if "not supported" in first:
        return QueryFailure("NOT_SUPPORTED", f"{first.split(': ', 1)[-1]} (not available in the local Athena)")
    if "Malformed JSON" in text:
        return QueryFailure("INVALID_FUNCTION_ARGUMENT", "Cannot convert value to JSON: " + first.split(": ", 1)[-1])
    return QueryFailure("GENERIC_INTERNAL_ERROR", f"the local engine stopped with: {first}", category=SYSTEM)
