"""Functions of a query that run in Python, where DuckDB has none that means what Trino's means.

They run in the server's process, a value at a time (about 4 million values a second), so they are for what a query does to some
of its rows, and never for what every scan does.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.interrupting import marked


@dataclass(frozen=True)
class PythonFunction:
    """``parameters`` and ``result`` are DuckDB types; without ``sees_nulls`` a NULL argument gives NULL, as in most of Trino's functions.

    ``body`` raises QueryFailure for what Trino refuses; TRY() turns that into NULL. It must be pure, and ``name`` must tell it from
    every other function and from itself for other types. A body that may answer None to arguments that are none needs ``gives_null``.
    """

    name: str
    body: Callable[..., Any]
    parameters: tuple[str, ...]
    result: str
    sees_nulls: bool = False
    gives_null: bool = False


def _null_to_null(one: PythonFunction) -> Callable[..., Any]:
    """DuckDB lets a function answer NULL only when it sees NULLs too; and it counts the parameters, so they are spelled out."""
    import inspect

    def wrapped(*values: Any) -> Any:
        return None if any(value is None for value in values) else one.body(*values)

    names = [inspect.Parameter(f"v{place}", inspect.Parameter.POSITIONAL_ONLY) for place in range(len(one.parameters))]
    wrapped.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    return wrapped


def register(connection: Any, functions: list[PythonFunction]) -> None:
    """Make the functions callable in one DuckDB session (about 0.1 ms each); works in a locked session too."""
    for one in functions:
        body = _null_to_null(one) if one.gives_null and not one.sees_nulls else one.body
        nulls = "special" if one.sees_nulls or one.gives_null else "default"
        connection.create_function(
            one.name, marked(connection, body), list(one.parameters), one.result, null_handling=nulls
        )


def _digits(body: Callable[..., Any]) -> Callable[..., Any]:
    """A number comes back as its digits: DuckDB takes a NaN of Python's for a NULL."""

    @functools.wraps(body)
    def written(*values: Any) -> str | None:
        value = body(*values)
        return None if value is None else repr(float(value))

    return written


def python(
    body: Callable[..., Any],
    parameters: tuple[str, ...],
    result: str,
    sees_nulls: bool = False,
    gives_null: bool = False,
) -> Callable[[Any], str]:
    """The translation of a function table's entry: a call of ``body`` with all arguments of the call."""
    real = result in ("DOUBLE", "FLOAT")
    name = f"py_{body.__module__.rsplit('.', 1)[-1]}_{body.__name__.strip('_')}"
    function = PythonFunction(
        name, _digits(body) if real else body, parameters, "VARCHAR" if real else result, sees_nulls, gives_null or real
    )

    def translate(call: Any) -> str:
        made = f"{call.ctx.define(function)}({', '.join(value.sql for value in call.values)})"
        return f"CAST({made} AS {result})" if real else made

    return translate
