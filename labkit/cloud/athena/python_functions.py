"""Functions of a query that run in Python, where DuckDB has none that means what Trino's means.

They run in the server's process, a value at a time (about 4 million values a second), so they are for what a query does to some
of its rows, and never for what every scan does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PythonFunction:
    """``parameters`` and ``result`` are DuckDB types; without ``sees_nulls`` a NULL argument gives NULL, as in most of Trino's functions.

    ``body`` raises QueryFailure for what Trino refuses; TRY() turns that into NULL. It must be pure, and ``name`` must tell it from
    every other function and from itself for other types.
    """

    name: str
    body: Callable[..., Any]
    parameters: tuple[str, ...]
    result: str
    sees_nulls: bool = False


def register(connection: Any, functions: list[PythonFunction]) -> None:
    """Make the functions callable in one DuckDB session (about 0.1 ms each); works in a locked session too."""
    for one in functions:
        nulls = "special" if one.sees_nulls else "default"
        connection.create_function(one.name, one.body, list(one.parameters), one.result, null_handling=nulls)


def python(
    body: Callable[..., Any], parameters: tuple[str, ...], result: str, sees_nulls: bool = False
) -> Callable[[Any], str]:
    """The translation of a function table's entry: a call of ``body`` with all arguments of the call."""
    function = PythonFunction(f"py_{body.__name__.strip('_')}", body, parameters, result, sees_nulls)

    def translate(call: Any) -> str:
        return f"{call.ctx.define(function)}({', '.join(value.sql for value in call.values)})"

    return translate
