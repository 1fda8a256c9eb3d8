"""Expressions: boolean operators, predicates, arithmetic, and what binds tighter."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.grammar.literals import parse_interval, parse_number, parse_string
from labkit.cloud.athena.dialect.grammar.primaries import parse_primary
from labkit.cloud.athena.dialect.grammar.stream import Mismatch, Stream

_COMPARISONS = {"=": "EQ", "<>": "NEQ", "!=": "NEQ", "<": "LT", "<=": "LTE", ">": "GT", ">=": "GTE"}
# Operators of two values by how tight they bind: * / % before + - before ||.
_BINARY = {"*": (3, "Mul"), "/": (3, "Div"), "%": (3, "Mod"), "+": (2, "Add"), "-": (2, "Sub"), "||": (1, "DPipe")}
_NUMBERS = ("integer", "decimal", "double")


def parse_expression(s: Stream) -> Any:
    """OR of ANDs of predicates."""
    s.want("<expression>")
    found = [_conjunction(s)]
    while s.accept("OR"):
        found.append(_conjunction(s))
    return _balanced(s, "Or", found)


def _conjunction(s: Stream) -> Any:
    found = [_negation(s)]
    while s.accept("AND"):
        found.append(_negation(s))
    return _balanced(s, "And", found)


def _balanced(s: Stream, kind: str, items: list[Any]) -> Any:
    """One tree of many conditions, as flat as it can be: thousands of ORs must not nest thousands deep."""
    while len(items) > 1:
        paired = [
            s.node(kind, items[i].meta["start"], this=items[i], expression=items[i + 1])
            for i in range(0, len(items) - 1, 2)
        ]
        items = [*paired, items[-1]] if len(items) % 2 else paired
    return items[0]


def _negation(s: Stream) -> Any:
    starts = []
    while s.key == "NOT":
        starts.append(s.take().start)
        s.want("<expression>")
    made = _predicated(s)
    for start in reversed(starts):
        made = s.node("Not", start, this=made)
    return made


def _predicated(s: Stream) -> Any:
    value = parse_value(s)
    s.want("<predicate>")
    key, start = s.key, s.token.start
    if key in _COMPARISONS:
        s.take()
        return _comparison(s, value, _COMPARISONS[key], start)
    if key == "IS":
        return _is(s, value)
    negated = key == "NOT"
    if negated:
        s.take()
        s.want("'BETWEEN'", "'IN'", "'LIKE'")
    made = _tested(s, value, start)
    if made is None and negated:
        raise Mismatch
    if made is None:
        return value
    return s.node("Not", start, this=made) if negated else made


def _tested(s: Stream, value: Any, start: int) -> Any:
    key = s.key
    if key == "BETWEEN":
        s.take()
        low = parse_value(s)
        s.expect("AND")
        return s.node("Between", start, this=value, low=low, high=parse_value(s))
    if key == "IN":
        s.take()
        return _in(s, value, start)
    if key == "LIKE":
        s.take()
        made = s.node("Like", start, this=value, expression=parse_value(s))
        return s.node("Escape", start, this=made, expression=parse_value(s)) if s.accept("ESCAPE") else made
    return None


def _comparison(s: Stream, value: Any, kind: str, start: int) -> Any:
    word = s.key
    if word in ("ALL", "SOME", "ANY") and s.ahead().key == "(":
        mark = s.at
        s.at += 2
        if s.query_follows():
            from labkit.cloud.athena.dialect.grammar.queries import parse_query

            query = parse_query(s)
            s.expect(")")
            inner = s.node("Subquery", query.meta["start"], this=query)
            side = s.node("All" if word == "ALL" else "Any", start, this=inner)
            return s.node(kind, start, this=value, expression=side)
        s.at = mark
    return s.node(kind, start, this=value, expression=parse_value(s))


def _is(s: Stream, value: Any) -> Any:
    start = s.take().start
    negated = s.accept("NOT")
    if s.accept("NULL"):
        made = s.node("Is", start, this=value, expression=s.exp.Null())
        return s.node("Not", start, this=made) if negated else made
    s.expect("DISTINCT", "FROM")
    return s.node("NullSafeEQ" if negated else "NullSafeNEQ", start, this=value, expression=parse_value(s))


def _in(s: Stream, value: Any, start: int) -> Any:
    s.expect("(")
    s.want("<expression>", "<query>")
    if s.query_follows():
        from labkit.cloud.athena.dialect.grammar.queries import try_query

        query = try_query(s)
        if query is not None:
            return s.node("In", start, this=value, query=s.node("Subquery", query.meta["start"], this=query))
    items = [parse_expression(s)]
    while s.accept(","):
        items.append(parse_expression(s))
    s.expect(")")
    return s.node("In", start, this=value, expressions=items)


def parse_value(s: Stream, tightest: int = 1) -> Any:
    """Arithmetic and ``||``; ``tightest`` is the loosest operator that may be taken here."""
    s.want("<expression>")
    left = _unary(s)
    while True:
        found = _BINARY.get(s.key)
        if found is None:
            s.want("'%'", "'*'", "'+'", "'-'", "'/'", "'||'")
            return left
        strength, kind = found
        if strength < tightest:
            return left
        start = s.take().start
        right = parse_value(s, strength + 1)
        extra = {"safe": False} if kind == "DPipe" else {}
        left = s.node(kind, start, this=left, expression=right, **extra)


def _unary(s: Stream) -> Any:
    signs = []
    while s.key in ("-", "+"):
        following = s.ahead()
        if s.key == "-" and following.kind in _NUMBERS:
            sign = s.take()
            made = _zoned(s, parse_primary(s, parse_number(s, sign)))
            break
        signs.append(s.take())
    else:
        made = _zoned(s, parse_primary(s))
    for sign in reversed(signs):
        made = s.node("Neg", sign.start, this=made) if sign.key == "-" else made
    return made


def _zoned(s: Stream, value: Any) -> Any:
    """``x AT TIME ZONE '…'``, as often as it stands there."""
    while s.key == "AT" and s.ahead().key == "TIME":
        start = s.take().start
        s.expect("TIME", "ZONE")
        zone = parse_interval(s) if s.key == "INTERVAL" else parse_string(s)
        value = s.node("AtTimeZone", start, this=value, zone=zone)
    s.want("'AT'")
    return value


__all__ = ["Mismatch", "parse_expression", "parse_value"]
