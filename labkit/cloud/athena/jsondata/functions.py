"""json_exists, json_value, json_query, json_object and json_array on one row's values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.jsondata.errors import input_error, output_error, value_error
from labkit.cloud.athena.jsondata.path import evaluate
from labkit.cloud.athena.jsondata.path_syntax import Path
from labkit.cloud.athena.jsondata.text import InvalidJson, plain_at, quoted, skip_space, write
from labkit.cloud.athena.jsondata.to_sql import sql_value
from labkit.cloud.athena.types import Type, show

# Which of a json_value's three answers holds: its own value, DEFAULT … ON EMPTY, DEFAULT … ON ERROR.
VALUE, ON_EMPTY, ON_ERROR = 0, 1, 2
ENCODINGS = {"JSON": "utf-8", "UTF8": "utf-8", "UTF16": "utf-16-le", "UTF32": "utf-32-le"}


@dataclass(frozen=True)
class Search:
    """A path with its variables: ``passing`` has their names, ``formats`` the encoding of those that are JSON texts."""

    path: Path
    passing: tuple[str, ...] = ()
    formats: tuple[str | None, ...] = ()
    encoding: str = "JSON"

    def items(self, document: Any, given: Sequence[Any]) -> list[Any]:
        """The items found; QueryFailure for bad JSON and paths that cannot be followed."""
        variables: dict[str, list[Any]] = {}
        for name, encoding, value in zip(self.passing, self.formats, given, strict=True):
            if encoding is None:
                variables[name] = [value]
            else:
                variables[name] = [] if value is None else [read_input(value, encoding)]
        return evaluate(self.path, read_input(document, self.encoding), variables)


def read_input(value: str | bytes, encoding: str) -> Any:
    """JSON text (or its bytes) as a value; what follows the first value is not looked at, as in Trino."""
    try:
        text = value if isinstance(value, str) else value.decode(ENCODINGS[encoding])
        return plain_at(text, skip_space(text, 0))
    except (InvalidJson, UnicodeDecodeError):
        raise input_error() from None


def exists(search: Search, on_error: str) -> Callable[..., bool | None]:
    """json_exists; ``on_error`` is TRUE, FALSE, UNKNOWN or ERROR."""

    def run(document: Any, *given: Any) -> bool | None:
        if document is None:
            return None
        try:
            return bool(search.items(document, given))
        except QueryFailure as failure:
            if on_error == "ERROR":
                raise _bare(failure) from None
            return {"TRUE": True, "FALSE": False}.get(on_error)

    return run


def value(search: Search, kind: Type, on_empty: str, on_error: str) -> Callable[..., dict[str, Any] | None]:
    """json_value, as which answer holds (VALUE, ON_EMPTY, ON_ERROR) and the value itself."""
    convert = sql_value(kind)

    def failed(failure: QueryFailure) -> dict[str, Any]:
        if on_error == "ERROR":
            raise _bare(failure)
        return {"which": ON_ERROR if on_error == "DEFAULT" else VALUE, "value": None}

    def run(document: Any, *given: Any) -> dict[str, Any] | None:
        if document is None:
            return None
        try:
            found = search.items(document, given)
        except QueryFailure as failure:
            return failed(failure)
        if not found:
            if on_empty == "ERROR":
                raise value_error("JSON path found no items")
            return {"which": ON_EMPTY if on_empty == "DEFAULT" else VALUE, "value": None}
        try:
            return {"which": VALUE, "value": _single(found, kind, convert)}
        except QueryFailure as failure:
            return failed(failure)

    return run


def _bare(failure: QueryFailure) -> QueryFailure:
    """The failure as the one class whose name the engine knows."""
    return QueryFailure(failure.name, failure.text)


def _single(found: list[Any], kind: Type, convert: Callable[[Any], Any]) -> Any:
    if len(found) > 1:
        raise value_error("JSON path found multiple items")
    item = found[0]
    if item is None:
        return None
    if isinstance(item, list | dict) or (isinstance(item, int) and not -(2**63) <= item < 2**63):
        raise value_error("JSON path found an item that cannot be converted to an SQL value")
    try:
        return convert(item)
    except (QueryFailure, ValueError):
        text = f"Cannot cast value of type {_type_name(item)} to declared return type of function JSON_VALUE: "
        raise value_error(text + show(kind)) from None


def _type_name(item: Any) -> str:
    if isinstance(item, bool):
        return "boolean"
    if isinstance(item, int):
        return "integer" if -(2**31) <= item < 2**31 else "bigint"
    return "double" if isinstance(item, float) else "varchar" if isinstance(item, str) else "decimal"


def query(search: Search, wrapper: str, quotes: str, on_empty: str, on_error: str) -> Callable[..., str | None]:
    """json_query as text; ``wrapper`` is WITHOUT, CONDITIONAL or UNCONDITIONAL, ``quotes`` KEEP or OMIT."""

    def otherwise(behavior: str, failure: QueryFailure) -> str | None:
        if behavior == "ERROR":
            raise _bare(failure)
        return {"EMPTY ARRAY": "[]", "EMPTY OBJECT": "{}"}.get(behavior)

    def run(document: Any, *given: Any) -> str | None:
        if document is None:
            return None
        try:
            found = search.items(document, given)
        except QueryFailure as failure:
            return otherwise(on_error, failure)
        if not found:
            return otherwise(on_empty, output_error("JSON path found no items"))
        if any(isinstance(one, date | time) for one in found):
            text = "JSON path found an item that cannot be converted to JSON"
            return otherwise(on_error, output_error(text))
        if wrapper == "UNCONDITIONAL" or (
            wrapper == "CONDITIONAL" and (len(found) > 1 or not isinstance(found[0], list | dict))
        ):
            found = [found]
        if len(found) > 1:
            return otherwise(on_error, output_error("JSON path found multiple items"))
        if quotes == "OMIT" and isinstance(found[0], str):
            return found[0]
        return write(found[0], fraction=fraction)

    return run


def fraction(value: Any) -> str:
    """A DECIMAL keeps its digits, a DOUBLE is written as Java writes it."""
    from labkit.cloud.athena.jsondata.text import number_text

    return str(value) if isinstance(value, Decimal) else number_text(value)


Put = Callable[[Any], str]


def build_object(puts: Sequence[Put], absent: bool, unique: bool) -> Callable[..., str]:
    """json_object of keys and values in turn; ``absent`` leaves NULLs out."""

    def run(*given: Any) -> str:
        members: dict[str, str] = {}
        for key, item, put in zip(given[::2], given[1::2], puts, strict=True):
            if key is None:
                text = "null value passed for JSON object key to JSON_OBJECT function"
                raise QueryFailure("INVALID_FUNCTION_ARGUMENT", text)
            if item is None and absent:
                continue
            if key in members:
                raise _duplicate(unique)
            members[key] = "null" if item is None else put(item)
        return "{" + ",".join(f"{quoted(key)}:{members[key]}" for key in java_order(list(members))) + "}"

    return run


def _duplicate(unique: bool) -> QueryFailure:
    if unique:
        return QueryFailure("INVALID_FUNCTION_ARGUMENT", "duplicate key passed to JSON_OBJECT function")
    return QueryFailure("NOT_SUPPORTED", "cannot construct a JSON object with duplicate key")


def build_array(puts: Sequence[Put], absent: bool) -> Callable[..., str]:
    """json_array; ``absent`` leaves NULLs out."""

    def run(*given: Any) -> str:
        pairs = zip(given, puts, strict=True)
        parts = ["null" if item is None else put(item) for item, put in pairs if not (item is None and absent)]
        return "[" + ",".join(parts) + "]"

    return run


def java_order(keys: list[str]) -> list[str]:
    """The order in which Java's HashMap hands out these keys, which is the order json_object writes its members in."""
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    return sorted(keys, key=lambda key: _spread(key) & (size - 1))


def _spread(key: str) -> int:
    made = 0
    units = key.encode("utf-16-be", "surrogatepass")
    for index in range(0, len(units), 2):
        made = (31 * made + (units[index] << 8) + units[index + 1]) & 0xFFFFFFFF
    return made ^ (made >> 16)
