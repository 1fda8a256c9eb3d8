"""ErrorType of a failed query: Athena's published error catalog, by Trino's error code."""

from __future__ import annotations

from labkit.cloud.athena.errors import SYSTEM, USER, QueryFailure

# https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
_RESOURCES, _ENGINE, _METASTORE, _RESULTS = 1, 200, 204, 401
_USER, _DATA, _DDL, _SCHEMA, _SYNTAX, _CANCELED = 1000, 1001, 1003, 1004, 1006, 1011
_ARGUMENT, _TABLE_PROPERTY, _FUNCTION_ARGUMENT, _VIEW = 1100, 1103, 1106, 1107
_NOT_SUPPORTED, _NOT_FOUND, _BUCKET_NOT_FOUND, _PERMISSION = 1200, 1301, 1306, 1500

_TYPES = {
    "SYNTAX_ERROR": _SYNTAX, "COLUMN_NOT_FOUND": _SYNTAX, "TABLE_NOT_FOUND": _SYNTAX, "FUNCTION_NOT_FOUND": _SYNTAX,
    "TYPE_MISMATCH": _SYNTAX, "SCHEMA_NOT_FOUND": _NOT_FOUND, "CATALOG_NOT_FOUND": _NOT_FOUND, "NOT_FOUND": _NOT_FOUND,
    "NOT_SUPPORTED": _NOT_SUPPORTED, "INVALID_VIEW": _VIEW, "VIEW_IS_STALE": _VIEW, "INVALID_TABLE_PROPERTY": _TABLE_PROPERTY,
    "INVALID_FUNCTION_ARGUMENT": _FUNCTION_ARGUMENT, "INVALID_PARAMETER_USAGE": _ARGUMENT, "PERMISSION_DENIED": _PERMISSION,
    "HIVE_METASTORE_ERROR": _METASTORE, "HIVE_PARTITION_SCHEMA_MISMATCH": _SCHEMA, "HIVE_INVALID_METADATA": _SCHEMA,
    "EXCEEDED_LOCAL_MEMORY_LIMIT": _RESOURCES, "EXCEEDED_MEMORY_LIMIT": _RESOURCES, "GENERIC_INTERNAL_ERROR": _ENGINE,
}  # fmt: skip


def error_type(failure: QueryFailure) -> int:
    """The number that the failure itself names, or that of its code; 1000 (user error) and 200 (engine) are the rest."""
    if failure.error_type != 1:
        return failure.error_type
    if failure.name in _TYPES:
        return _TYPES[failure.name]
    if failure.name.startswith("HIVE_"):
        return _DATA
    if not failure.name:
        return _unnamed(failure.text)
    return _ENGINE if failure.category == SYSTEM else _USER


def _unnamed(text: str) -> int:
    """Hive's own failures have no code."""
    if "output bucket" in text:
        return _BUCKET_NOT_FOUND
    if "write query results" in text:
        return _RESULTS
    return _DDL if text.startswith("FAILED:") else _USER


def failed(failure: QueryFailure) -> dict[str, object]:
    """The AthenaError of GetQueryExecution."""
    category = failure.category if failure.category in (SYSTEM, USER) else USER
    return {
        "ErrorCategory": category,
        "ErrorType": error_type(failure),
        "Retryable": False,
        "ErrorMessage": failure.reason,
    }
