"""Expressions that begin with a word of their own: CASE, CAST, EXTRACT, TRIM, ARRAY[…], ROW(…)."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.grammar.calls import parse_listagg
from labkit.cloud.athena.dialect.grammar.json import parse_json
from labkit.cloud.athena.dialect.grammar.literals import at_interval, parse_interval
from labkit.cloud.athena.dialect.grammar.stream import Mismatch, Stream, dotted
from labkit.cloud.athena.dialect.lexer import position
from labkit.cloud.athena.errors import MalformedQuery

EXTRACT_FIELDS = (
    "YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAY_OF_MONTH", "DAY_OF_WEEK", "DOW", "DAY_OF_YEAR", "DOY", "YEAR_OF_WEEK", "YOW",
    "HOUR", "MINUTE", "SECOND", "TIMEZONE_HOUR", "TIMEZONE_MINUTE",
)  # fmt: skip


def _null(s: Stream) -> Any:
    return s.node("Null", s.take().start)


def _boolean(s: Stream) -> Any:
    token = s.take()
    return s.node("Boolean", token.start, this=token.key == "TRUE")


def _interval(s: Stream) -> Any:
    return parse_interval(s) if at_interval(s) else None


def _position(s: Stream) -> Any:
    """``POSITION(a IN b)``; with a comma it is an ordinary call."""
    from labkit.cloud.athena.dialect.grammar.expressions import parse_value

    s.at += 1
    special = s.key == "(" and s.inside("IN") and not s.inside(",")
    s.at -= 1
    if not special:
        return None
    start = s.take().start
    s.expect("(")
    part = parse_value(s)
    s.expect("IN")
    text = parse_value(s)
    s.expect(")")
    return s.node("StrPosition", start, this=text, substr=part)


def _substring(s: Stream) -> Any:
    """``SUBSTRING(a FROM 2 FOR 3)`` or with commas."""
    from labkit.cloud.athena.dialect.grammar.expressions import parse_value

    s.at += 1
    special = s.key == "(" and s.inside("FROM")
    s.at -= 1
    if not special:
        return None
    start = s.take().start
    s.expect("(")
    parts = {"this": parse_value(s)}
    s.expect("FROM")
    parts["start"] = parse_value(s)
    if s.accept("FOR"):
        parts["length"] = parse_value(s)
    s.expect(")")
    return s.node("Substring", start, **parts)


def _trim(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_value

    start = s.take().start
    s.expect("(")
    parts: dict[str, Any] = {}
    s.want("'BOTH'", "'FROM'", "'LEADING'", "'TRAILING'")
    if s.key in ("LEADING", "TRAILING", "BOTH") and s.ahead().key not in (")", ",", "(", "."):
        parts["position"] = s.take().key
    if not s.accept("FROM"):
        parts["this"] = parse_value(s)
        if s.accept("FROM"):
            parts["expression"] = parts.pop("this")
            parts["this"] = parse_value(s)
        elif "position" in parts:
            raise Mismatch
        elif s.accept(","):
            parts["expression"] = parse_value(s)
    else:
        parts["this"] = parse_value(s)
    s.expect(")")
    return s.node("Trim", start, **parts)


def _extract(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_value

    start = s.take().start
    s.expect("(")
    field = s.name()
    s.expect("FROM")
    value = parse_value(s)
    s.expect(")")
    if field.name.upper() not in EXTRACT_FIELDS:
        raise MalformedQuery(f"Invalid EXTRACT field: {field.name}", position(s.sql, start))
    return s.node("Extract", start, this=s.node("Var", field.meta["start"], this=field.name.upper()), expression=value)


def _normalize(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_value

    start = s.take().start
    s.expect("(")
    items = [parse_value(s)]
    if s.accept(","):
        form = s.token
        s.expect_one("NFD", "NFC", "NFKD", "NFKC")
        items.append(s.node("Literal", form.start, this=form.key, is_string=True))
    s.expect(")")
    return s.node("Anonymous", start, this="normalize", expressions=items)


def _grouping(s: Stream) -> Any:
    start = s.take().start
    s.expect("(")
    items = []
    while s.at_name():
        column = s.node("Column", s.token.start, this=s.name())
        while s.accept("."):
            column = dotted(s, column)
        items.append(column)
        if not s.accept(","):
            break
    else:
        s.want("<identifier>")
    s.expect(")")
    return s.node("Anonymous", start, this="grouping", expressions=items)


def _exists(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.queries import parse_query

    start = s.take().start
    s.expect("(")
    query = parse_query(s)
    s.expect(")")
    return s.node("Exists", start, this=query)


def _case(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    start = s.take().start
    parts: dict[str, Any] = {}
    s.want("'WHEN'", "<expression>")
    if s.key != "WHEN":
        parts["this"] = parse_expression(s)
    branches: list[Any] = []
    while s.key == "WHEN" or not branches:
        place = s.token.start
        s.expect("WHEN")
        test = parse_expression(s)
        s.expect("THEN")
        branches.append(s.node("If", place, this=test, true=parse_expression(s)))
    s.want("'WHEN'")
    if s.accept("ELSE"):
        parts["default"] = parse_expression(s)
    s.expect("END")
    return s.node("Case", start, ifs=branches, **parts)


def _cast(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression
    from labkit.cloud.athena.dialect.grammar.types import parse_type_name

    if s.key == "TRY_CAST" and s.ahead().key != "(":
        return None
    token = s.take()
    s.expect("(")
    value = parse_expression(s)
    s.expect("AS")
    target = parse_type_name(s)
    s.expect(")")
    if token.key == "CAST":
        return s.node("Cast", token.start, this=value, to=target)
    return s.node("TryCast", token.start, this=value, to=target, safe=True)


def _array(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    if s.ahead().key != "[":
        return None
    start = s.take().start
    s.take()
    s.want("']'", "<expression>")
    items = [] if s.key == "]" else [parse_expression(s)]
    while items and s.accept(","):
        items.append(parse_expression(s))
    s.expect("]")
    return s.node("Array", start, expressions=items)


def _row(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    if s.ahead().key != "(":
        return None
    start = s.take().start
    s.take()
    items = [parse_expression(s)]
    while s.accept(","):
        items.append(parse_expression(s))
    s.expect(")")
    return s.node("Anonymous", start, this="row", expressions=items)


SPECIAL = {
    "NULL": _null, "TRUE": _boolean, "FALSE": _boolean, "INTERVAL": _interval, "POSITION": _position,
    "SUBSTRING": _substring, "TRIM": _trim, "EXTRACT": _extract, "NORMALIZE": _normalize, "GROUPING": _grouping,
    "EXISTS": _exists, "CASE": _case, "CAST": _cast, "TRY_CAST": _cast, "ARRAY": _array, "ROW": _row,
    "LISTAGG": parse_listagg, "JSON_EXISTS": parse_json, "JSON_VALUE": parse_json, "JSON_QUERY": parse_json,
    "JSON_OBJECT": parse_json, "JSON_ARRAY": parse_json,
}  # fmt: skip
