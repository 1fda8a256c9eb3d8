"""Refusing a row's value from within an expression: DuckDB's own error() is volatile, and cannot stand inside TRY."""

from __future__ import annotations

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.python_functions import PythonFunction


def _refused(message: str) -> None:
    code, _, rest = message.partition("|")
    raise QueryFailure(code, rest)


# Every session has it; the macros call it. Its result is a NULL that fits any type.
REFUSED = PythonFunction("refused", _refused, ("VARCHAR",), '"NULL"')


def refuse(message: str, code: str = "INVALID_FUNCTION_ARGUMENT") -> str:
    """An expression that fails when it is evaluated; ``message`` is DuckDB text of a VARCHAR that is not NULL."""
    return f"refused({text(code + '|')} || {message})"
