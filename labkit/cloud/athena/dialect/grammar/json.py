"""SQL/JSON functions: JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAY.

Each becomes a call whose arguments are the values it takes; what its clauses say stands in ``meta["json"]``:
``path_name``, ``passing`` (names of the arguments after the path), ``formats`` (FORMAT JSON, by argument), ``returning``,
``wrapper``, ``quotes``, ``on_empty``, ``on_error``, ``nulls``, ``unique``, and ``empty_value`` / ``error_value`` for DEFAULT.
"""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.grammar.literals import parse_string
from labkit.cloud.athena.dialect.grammar.stream import Stream
from labkit.cloud.athena.dialect.grammar.types import parse_type_name


def parse_json(s: Stream) -> Any:
    """One of the five, by its word."""
    token = s.take()
    s.expect("(")
    clauses: dict[str, Any] = {"formats": {}}
    name = token.key.lower()
    if name == "json_object":
        arguments = _object(s, clauses)
    elif name == "json_array":
        arguments = _array(s, clauses)
    else:
        arguments = _path(s, clauses)
    if name in ("json_value", "json_query", "json_object", "json_array") and s.accept("RETURNING"):
        clauses["returning"] = parse_type_name(s)
        if name != "json_value":
            _format(s, clauses, -1)
    if name == "json_query":
        _query_clauses(s, clauses)
    behaviors = {
        "json_exists": ("TRUE", "FALSE", "UNKNOWN", "ERROR"),
        "json_value": ("ERROR", "NULL", "DEFAULT"),
        "json_query": ("ERROR", "NULL", "EMPTY"),
    }
    if name in behaviors:
        _behaviors(s, clauses, behaviors[name], name)
    s.expect(")")
    made = s.node("Anonymous", token.start, this=name, expressions=arguments)
    made.meta["json"] = clauses
    return made


def _value(s: Stream, clauses: dict[str, Any], index: int) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    value = parse_expression(s)
    _format(s, clauses, index)
    return value


def _format(s: Stream, clauses: dict[str, Any], index: int) -> None:
    if not s.accept("FORMAT"):
        return
    s.expect("JSON")
    encoding = "JSON"
    if s.accept("ENCODING"):
        encoding = s.expect_one("UTF8", "UTF16", "UTF32")
    clauses["formats"][index] = encoding


def _path(s: Stream, clauses: dict[str, Any]) -> list[Any]:
    arguments = [_value(s, clauses, 0)]
    s.expect(",")
    arguments.append(parse_string(s))
    if s.accept("AS"):
        clauses["path_name"] = s.name()
    if s.accept("PASSING"):
        clauses["passing"] = []
        while True:
            arguments.append(_value(s, clauses, len(arguments)))
            s.expect("AS")
            clauses["passing"].append(s.name())
            if not s.accept(","):
                break
    return arguments


def _query_clauses(s: Stream, clauses: dict[str, Any]) -> None:
    if s.key in ("WITH", "WITHOUT"):
        word = s.take().key
        kind = s.accept_one("CONDITIONAL", "UNCONDITIONAL") if word == "WITH" else ""
        s.accept("ARRAY")
        s.expect("WRAPPER")
        clauses["wrapper"] = "WITHOUT" if word == "WITHOUT" else (kind or "UNCONDITIONAL")
    else:
        s.want("'WITH'", "'WITHOUT'")
    quotes = s.accept_one("KEEP", "OMIT")
    if quotes:
        s.expect("QUOTES")
        if s.key == "ON" and s.ahead().key == "SCALAR":
            s.at += 2
            s.expect("STRING")
        clauses["quotes"] = quotes


def _behaviors(s: Stream, clauses: dict[str, Any], words: tuple[str, ...], name: str) -> None:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    while True:
        word = s.accept_one(*words)
        if not word:
            return
        value = parse_expression(s) if word == "DEFAULT" else None
        if word == "EMPTY":
            word = f"EMPTY {s.expect_one('ARRAY', 'OBJECT')}"
        s.expect("ON")
        event = "ERROR" if name == "json_exists" or "on_empty" in clauses else s.key
        if event == "EMPTY":
            s.expect("EMPTY")
            clauses["on_empty"], clauses["empty_value"] = word, value
            continue
        s.expect("ERROR")
        clauses["on_error"], clauses["error_value"] = word, value
        return


def _nulls(s: Stream, clauses: dict[str, Any]) -> None:
    if s.key in ("NULL", "ABSENT") and s.ahead().key == "ON":
        clauses["nulls"] = s.take().key
        s.expect("ON", "NULL")
    else:
        s.want("'NULL'", "'ABSENT'")


def _object(s: Stream, clauses: dict[str, Any]) -> list[Any]:
    """Keys and values in turn."""
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    arguments: list[Any] = []
    if s.key in (")", "RETURNING"):
        return arguments
    while True:
        if s.key == "KEY" and s.ahead().key not in ("VALUE", ":", "(", ".", "["):
            s.take()
        arguments.append(parse_expression(s))
        s.expect_one("VALUE", ":")
        arguments.append(_value(s, clauses, len(arguments)))
        if not s.accept(","):
            break
    _nulls(s, clauses)
    if s.key in ("WITH", "WITHOUT"):
        clauses["unique"] = s.take().key == "WITH"
        s.expect("UNIQUE")
        s.accept("KEYS")
    return arguments


def _array(s: Stream, clauses: dict[str, Any]) -> list[Any]:
    arguments: list[Any] = []
    if s.key in (")", "RETURNING"):
        return arguments
    while True:
        arguments.append(_value(s, clauses, len(arguments)))
        if not s.accept(","):
            break
    _nulls(s, clauses)
    return arguments
