"""format(), format_number, human_readable_seconds, parse_data_size: numbers and texts for people."""

from __future__ import annotations

import functools
import inspect
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.java_format import IllegalFormat, Real, write_format
from labkit.cloud.athena.functions.java_moments import Moment
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid
from labkit.cloud.athena.python_functions import PythonFunction, python
from labkit.cloud.athena.rendering import java_double
from labkit.cloud.athena.types import INTEGERS, VARCHAR, Type, duckdb, show

_MOMENTS = ("date", "time", "timestamp", "timestamp with time zone")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")


def _format(call: Any) -> Typed:
    if len(call.values) < 2:
        raise QueryFailure("SYNTAX_ERROR", "The 'format' function must have at least two arguments", call.place)
    first = call.values[0]
    if first.type.name not in ("varchar", "unknown"):
        text = f"Type of first argument to format() must be VARCHAR (actual: {show(first.type)})"
        raise QueryFailure("TYPE_MISMATCH", text, call.place)
    passed = [_passed(call, value) for value in call.values[1:]]
    kinds = tuple(kind for kind, _, _ in passed)
    name = "py_format_" + "_".join(kinds).replace(" ", "")
    types = ("VARCHAR", *(given for _, given, _ in passed))
    name += "_" + "".join(re.sub(r"\W+", "x", given) for given in types)
    function = call.ctx.define(PythonFunction(name, _formatter(kinds), types, "VARCHAR", sees_nulls=True))
    template = f"CAST({first.sql} AS VARCHAR)" if first.type.name == "unknown" else first.sql
    return Typed(f"{function}({', '.join([template, *(sql for _, _, sql in passed)])})", VARCHAR)


def _passed(call: Any, value: Typed) -> tuple[str, str, str]:
    """What a value becomes in Java, its DuckDB type on the way there, and its text."""
    kind = value.type
    if kind.name in INTEGERS:
        return "long", "BIGINT", f"CAST({value.sql} AS BIGINT)"
    if kind.name in ("boolean", "real", "double", "decimal"):
        return kind.name, duckdb(kind), value.sql
    if kind.name == "unknown":
        return "text", "VARCHAR", "CAST(NULL AS VARCHAR)"
    if kind.name in ("varchar", "char"):
        return "text", "VARCHAR", value.sql
    if kind.items or kind.name == "varbinary":
        raise QueryFailure("NOT_SUPPORTED", f"Type not supported for formatting: {show(kind)}", call.place)
    if kind.name == "json":
        return "text", "VARCHAR", f"CAST({value.sql} AS VARCHAR)"
    return ("moment" if kind.name in _MOMENTS else "text"), "VARCHAR", call.as_text(value)


@functools.lru_cache(maxsize=256)
def _formatter(kinds: tuple[str, ...]) -> Callable[..., str | None]:
    """One function for each combination of types, so that a query that uses it twice defines it once."""

    def body(template: str | None, *values: Any) -> str | None:
        if template is None:
            return None
        given = tuple(_java(kind, value) for kind, value in zip(kinds, values, strict=True))
        try:
            return write_format(template, given)
        except IllegalFormat as failure:
            raise invalid(f"Invalid format string: {template} ({failure})") from None

    names = [inspect.Parameter(f"v{place}", inspect.Parameter.POSITIONAL_ONLY) for place in range(len(kinds) + 1)]
    body.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]  # DuckDB counts the parameters
    return body


def _java(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "real":
        return Real(value)
    if kind == "moment":
        return Moment.of_text(value)
    return value


def _format_number(value: int) -> str:
    number, unit = float(value), ""
    for unit_of_step in "KMBTQ":
        if abs(number) < 1000:
            break
        number, unit = number / 1000, unit_of_step
    digits = 2 if number < 10 else 1 if number < 100 else 0
    exact = Decimal(number)
    scale = Decimal(1).scaleb(-digits)
    rounded = (abs(exact) / scale + Decimal("0.5")).to_integral_value("ROUND_FLOOR") * scale
    text = format(rounded, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return ("-" if number < 0 else "") + text + unit


def _format_double(value: float) -> str:
    return _format_number(0 if math.isnan(value) else int(max(-(2.0**63), min(value, 2.0**63 - 1024))))


def _seconds(value: float) -> str:
    if not math.isfinite(value):
        raise invalid(f"Invalid argument found: {java_double(value)}")
    rest = math.floor(abs(value) + 0.5)
    parts: list[str] = []
    for size, name in ((604800, "week"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, rest = divmod(rest, size)
        if count or (name == "second" and not parts):
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return ", ".join(parts)


def _data_size(text: str) -> Decimal:
    found = re.match(r"[0-9.]+", text)
    number, unit = (found[0], text[found.end() :]) if found else ("", "")
    if not re.fullmatch(r"[0-9]+\.?[0-9]*|\.[0-9]+", number) or unit not in _UNITS:
        raise invalid(f"Invalid data size: '{text}'")
    size = _exact(number, unit)
    if size >= 10**38:
        raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", f"Value out of range: '{text}' ('{size}B')")
    return Decimal(size)


def _exact(number: str, unit: str) -> int:
    whole, _, rest = number.partition(".")
    factor: int = 1024 ** _UNITS.index(unit)
    return int((whole or "0") + rest) * factor // int(10 ** len(rest))


_DATA_SIZE = python(_data_size, ("VARCHAR",), "DECIMAL(38, 0)")
_WIDE = Type("decimal", (38, 0))

ENTRIES: list[Entry] = [
    ("format(X...) -> varchar", _format),
    ("format_number(bigint) -> varchar", python(_format_number, ("BIGINT",), "VARCHAR")),
    ("format_number(double) -> varchar", python(_format_double, ("DOUBLE",), "VARCHAR")),
    ("human_readable_seconds(double) -> varchar", python(_seconds, ("DOUBLE",), "VARCHAR")),
    ("parse_presto_data_size(varchar(x)) -> decimal", lambda call: Typed(_DATA_SIZE(call), _WIDE)),
    ("parse_data_size(varchar(x)) -> decimal", lambda call: Typed(_DATA_SIZE(call), _WIDE)),
]
