"""What goes wrong inside the SQL/JSON functions, before ON ERROR decides what becomes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from labkit.cloud.athena.errors import QueryFailure


class PathEvaluationError(QueryFailure):
    """A path that cannot be followed."""

    def __init__(self, text: str) -> None:
        super().__init__("PATH_EVALUATION_ERROR", f"path evaluation failed: {text}")


def node_type(value: Any) -> str:
    """An item's kind in the words of Trino's errors."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int | float | Decimal):
        return "NUMBER"
    if isinstance(value, list):
        return "ARRAY"
    return "OBJECT" if isinstance(value, dict) else "STRING"


def item_type_error(expected: str, value: Any) -> PathEvaluationError:
    """An operation met an item it is not for."""
    return PathEvaluationError(f"invalid item type. Expected: {expected}, actual: {node_type(value)}")


def input_error() -> QueryFailure:
    """Text that should be JSON and is not."""
    return QueryFailure("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: ")


def output_error(text: str) -> QueryFailure:
    """What json_query found cannot be written."""
    return QueryFailure("JSON_OUTPUT_CONVERSION_ERROR", f"conversion from JSON failed: {text}")


def value_error(text: str) -> QueryFailure:
    """What json_value found is no SQL value of the type asked for."""
    return QueryFailure("JSON_VALUE_RESULT_ERROR", f"cannot extract SQL scalar from JSON: {text}")
