"""Function calls with what may follow them: FILTER, OVER, window frames; LISTAGG."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.grammar.literals import parse_string
from labkit.cloud.athena.dialect.grammar.stream import Mismatch, Stream
from labkit.cloud.athena.dialect.lexer import position
from labkit.cloud.athena.errors import MalformedQuery, not_supported


def parse_call(s: Stream) -> Any:
    """``name(…)`` with FILTER, IGNORE NULLS and OVER."""
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    start = s.token.start
    name = s.name().name
    while s.accept("."):
        name += "." + s.name().name
    s.expect("(")
    arguments: list[Any] = []
    if s.key == "*":
        arguments = [s.node("Star", s.take().start)]
    elif s.at_name() and s.ahead().key == "." and s.ahead(2).key == "*":
        text = "label.* syntax is only supported as the only argument of row pattern count function"
        raise MalformedQuery(text, position(s.sql, start))
    else:
        s.want("'*'", "'ALL'", "'DISTINCT'", "'ORDER'", "<expression>", "')'")
        arguments = _arguments(s, parse_expression)
    s.expect(")")
    call = s.node("Anonymous", start, this=name, expressions=arguments)
    return _followed(s, call, start)


def _arguments(s: Stream, parse_expression: Any) -> list[Any]:
    if s.key == ")":
        return []
    # ALL and DISTINCT are also names: a quantifier is followed by an argument.
    distinct, start = False, s.token.start
    if s.key == "DISTINCT":
        s.take()
        distinct = True
    elif s.key == "ALL" and s.ahead().key not in (")", ",", "(", ".", "["):
        s.take()
    arguments = [] if s.key == "ORDER" else [parse_expression(s)]
    while arguments and s.accept(","):
        arguments.append(parse_expression(s))
    if distinct:
        arguments = [s.node("Distinct", start, expressions=arguments)]
    if s.key == "ORDER":
        place = s.token.start
        items = parse_order(s)
        last = arguments.pop() if arguments else None
        arguments.append(s.node("Order", place, this=last, expressions=items))
    return arguments


def _followed(s: Stream, call: Any, start: int) -> Any:
    if s.key == "FILTER" and s.ahead().key == "(":
        call = parse_filter(s, call)
    else:
        s.want("'FILTER'", "'IGNORE'", "'RESPECT'", "'OVER'")
    if s.key in ("IGNORE", "RESPECT") and s.ahead().key == "NULLS":
        kind = "IgnoreNulls" if s.key == "IGNORE" else "RespectNulls"
        s.at += 2
        call = s.node(kind, start, this=call)
        if s.key != "OVER":
            s.want("'OVER'")
            raise Mismatch
    if s.key == "OVER" and (s.ahead().key == "(" or s.at_name(1)):
        return _over(s, call, start)
    return call


def parse_filter(s: Stream, call: Any) -> Any:
    """``FILTER (WHERE …)``."""
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    s.expect("FILTER", "(")
    where = s.token.start
    s.expect("WHERE")
    condition = s.node("Where", where, this=parse_expression(s))
    s.expect(")")
    return s.node("Filter", call.meta["start"], this=call, expression=condition)


def _over(s: Stream, call: Any, start: int) -> Any:
    s.expect("OVER")
    if s.key != "(":
        return s.node("Window", start, this=call, alias=s.name(), over="OVER")
    s.take()
    parts = parse_window(s)
    s.expect(")")
    return s.node("Window", start, this=call, over="OVER", **parts)


def parse_window(s: Stream) -> dict[str, Any]:
    """What stands between the parentheses of OVER or of WINDOW w AS."""
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    parts: dict[str, Any] = {}
    clause = s.key == "PARTITION" and s.ahead().key == "BY"
    frame = s.key in ("ROWS", "RANGE", "GROUPS") and s.ahead().key not in (")", "PARTITION", "ORDER", "ROWS", "RANGE")
    if s.at_name() and not clause and not frame:
        parts["alias"] = s.name()
    if s.accept("PARTITION", "BY"):
        parts["partition_by"] = [parse_expression(s)]
        while s.accept(","):
            parts["partition_by"].append(parse_expression(s))
    if s.key == "ORDER":
        place = s.token.start
        parts["order"] = s.node("Order", place, expressions=parse_order(s))
    if s.key == "MEASURES":
        raise not_supported("row pattern recognition in a window", position(s.sql, s.token.start))
    place, kind = s.token.start, s.accept_one("RANGE", "ROWS", "GROUPS")
    if kind:
        parts["spec"] = _frame(s, kind, place)
    return parts


def _frame(s: Stream, kind: str, start: int) -> Any:
    if s.accept("BETWEEN"):
        first, first_side = _bound(s)
        s.expect("AND")
        last, last_side = _bound(s)
        return s.node("WindowSpec", start, kind=kind, start=first, start_side=first_side, end=last, end_side=last_side)
    first, side = _bound(s)
    return s.node("WindowSpec", start, kind=kind, start=first, start_side=side)


def _bound(s: Stream) -> tuple[Any, str]:
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    s.want("'CURRENT'", "'UNBOUNDED'", "<expression>")
    if s.key == "UNBOUNDED":
        s.take()
        return "UNBOUNDED", s.expect_one("PRECEDING", "FOLLOWING")
    if s.key == "CURRENT" and s.ahead().key == "ROW":
        s.at += 2
        return "CURRENT ROW", ""
    value = parse_expression(s)
    return value, s.expect_one("PRECEDING", "FOLLOWING")


def parse_order(s: Stream) -> list[Any]:
    """``ORDER BY a DESC NULLS FIRST, …``."""
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    s.expect("ORDER", "BY")
    found = []
    while True:
        start = s.token.start
        value = parse_expression(s)
        desc = s.accept_one("ASC", "DESC") == "DESC"
        first = s.accept("NULLS") and s.expect_one("FIRST", "LAST") == "FIRST"
        found.append(s.node("Ordered", start, this=value, desc=desc, nulls_first=first))
        if not s.accept(","):
            return found


def parse_listagg(s: Stream) -> Any:
    """``LISTAGG(x, ',' ON OVERFLOW …) WITHIN GROUP (ORDER BY …)``."""
    from labkit.cloud.athena.dialect.grammar.expressions import parse_expression

    start = s.take().start
    s.expect("(")
    quantifier = s.accept_one("DISTINCT") or (s.key == "ALL" and s.take().key) or ""
    value = parse_expression(s)
    if quantifier == "DISTINCT":
        value = s.node("Distinct", value.meta["start"], expressions=[value])
    parts: dict[str, Any] = {}
    if s.accept(","):
        parts["separator"] = parse_string(s)
    if s.accept("ON"):
        s.expect("OVERFLOW")
        parts["on_overflow"] = _overflow(s)
    s.expect(")")
    s.expect("WITHIN", "GROUP", "(")
    ordered = s.node("Order", start, this=value, expressions=parse_order(s))
    s.expect(")")
    call = s.node("GroupConcat", start, this=ordered, **parts)
    if s.key == "FILTER" and s.ahead().key == "(":
        return parse_filter(s, call)
    return call


def _overflow(s: Stream) -> Any:
    if s.expect_one("ERROR", "TRUNCATE") == "ERROR":
        return s.exp.Var(this="ERROR")
    filler = parse_string(s) if s.token.kind in ("string", "unicode") else None
    count = s.expect_one("WITH", "WITHOUT") == "WITH"
    s.expect("COUNT")
    return s.exp.OverflowTruncateBehavior(this=filler, with_count=count)
