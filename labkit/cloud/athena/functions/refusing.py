"""Refusing a row's value from within an expression: DuckDB's own error() cannot stand inside TRY."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import Type, duckdb


def _refuse(code: str, message: str) -> str:
    raise QueryFailure(code, message)


_REFUSE = PythonFunction("py_refuse", _refuse, ("VARCHAR", "VARCHAR"), "VARCHAR")


def refuse(ctx: Any, message: str, kind: Type, code: str = "INVALID_FUNCTION_ARGUMENT") -> str:
    """An expression of type ``kind`` that fails when it is evaluated; ``message`` is DuckDB text of a VARCHAR."""
    return f"CAST({ctx.define(_REFUSE)}({text(code)}, {message}) AS {duckdb(kind)})"
