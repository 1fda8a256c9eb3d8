"""What operators work on: constants, names, calls, CASE, CAST, subqueries, fields and elements."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.grammar.calls import parse_call
from labkit.cloud.athena.dialect.grammar.literals import parse_hex, parse_number, parse_string, parse_typed
from labkit.cloud.athena.dialect.grammar.special import SPECIAL
from labkit.cloud.athena.dialect.grammar.stream import Mismatch, Stream, dotted
from labkit.cloud.athena.dialect.grammar.words import RESERVED

_MOMENTS = {
    "CURRENT_DATE": "CurrentDate", "CURRENT_TIME": "CurrentTime", "CURRENT_TIMESTAMP": "CurrentTimestamp",
    "LOCALTIME": "Localtime", "LOCALTIMESTAMP": "Localtimestamp", "CURRENT_USER": "CurrentUser",
    "CURRENT_CATALOG": "CurrentCatalog", "CURRENT_SCHEMA": "CurrentSchema",
}  # fmt: skip


def parse_primary(s: Stream, made: Any = None) -> Any:
    """A primary expression with its ``.field`` and ``[element]``."""
    made = _primary(s) if made is None else made
    while True:
        if s.key == "." and s.ahead().key != "*":
            s.take()
            made = dotted(s, made)
        elif s.key == "[":
            from labkit.cloud.athena.dialect.grammar.expressions import parse_value

            s.take()
            index = parse_value(s)
            s.expect("]")
            made = s.node("Bracket", made.meta["start"], this=made, expressions=[index])
        else:
            if s.key == ".":
                s.want("<identifier>", at=s.at + 1)
            s.want("'.'", "'['")
            return made


def _primary(s: Stream) -> Any:
    s.want("<expression>")
    token = s.token
    if token.kind in ("word", "quoted", "backtick", "digits"):
        return _word(s)
    if token.kind in ("integer", "decimal", "double"):
        return parse_number(s)
    if token.kind in ("string", "unicode"):
        return parse_string(s)
    if token.kind == "hex":
        return parse_hex(s)
    if token.key == "?":
        return s.node("Placeholder", s.take().start)
    if token.key == "(":
        return _parenthesis(s)
    raise Mismatch


def _word(s: Stream) -> Any:
    key, following = s.key, s.ahead()
    if key in _MOMENTS:
        return _moment(s)
    special = SPECIAL.get(key)
    if special is not None:
        made = special(s)
        if made is not None:
            return made
    if key in RESERVED:
        raise Mismatch
    if following.key == "->":
        return _lambda(s, [s.name()])
    if following.kind in ("string", "unicode") and s.token.kind in ("word", "quoted"):
        return parse_typed(s)
    if key == "DOUBLE" and following.key == "PRECISION" and s.ahead(2).kind in ("string", "unicode"):
        return parse_typed(s)
    if _calls(s):
        return parse_call(s)
    start = s.token.start
    made = s.node("Column", start, this=s.name())
    if s.token.kind not in ("word", "end") and s.key not in (")", ",", ";", "]"):
        s.want("'('", "'->'", "<string>")
    return made


def _calls(s: Stream) -> bool:
    """Does ``name(`` or ``a.name(`` come next?"""
    ahead = 1
    while s.ahead(ahead).key == "." and s.at_name(ahead + 1):
        ahead += 2
    return s.ahead(ahead).key == "("


def _moment(s: Stream) -> Any:
    token = s.take()
    parts: dict[str, Any] = {}
    if token.key in ("CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP") and s.accept("("):
        if s.token.kind != "integer":
            s.want("<integer>")
            raise Mismatch
        parts["this"] = parse_number(s)
        s.expect(")")
    return s.node(_MOMENTS[token.key], token.start, **parts)


def _lambda(s: Stream, names: list[Any]) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    start = names[0].meta["start"] if names else s.token.start
    s.expect("->")
    return s.node("Lambda", start, this=parse_expression(s), expressions=names)


def _parenthesis(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression
    from labkit.cloud.athena.dialect.grammar.queries import try_query

    start = s.token.start
    if _opens_lambda(s):
        s.take()
        names = [] if s.key == ")" else [s.name()]
        while s.accept(","):
            names.append(s.name())
        s.expect(")")
        return _lambda(s, names)
    s.take()
    s.want("<expression>", "<query>")
    if s.key == ")":
        s.want("'->'", at=s.at + 1)
    if s.query_follows():
        query = try_query(s)
        if query is not None:
            return s.node("Subquery", start, this=query)
    items = [parse_expression(s)]
    while s.accept(","):
        items.append(parse_expression(s))
    s.expect(")")
    if len(items) == 1:
        return s.node("Paren", start, this=items[0])
    return s.node("Tuple", start, expressions=items)


def _opens_lambda(s: Stream) -> bool:
    """``() ->`` or ``(a, b) ->``."""
    ahead = 1
    if s.ahead(ahead).key != ")":
        while True:
            if not s.at_name(ahead):
                return False
            ahead += 1
            if s.ahead(ahead).key != ",":
                break
            ahead += 1
    return s.ahead(ahead).key == ")" and s.ahead(ahead + 1).key == "->"
