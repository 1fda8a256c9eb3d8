"""GROUP BY: expressions, ROLLUP, CUBE, GROUPING SETS."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.grammar.expressions import parse_expression
from labkit.cloud.athena.dialect.grammar.stream import Stream


def parse_group(s: Stream, start: int) -> Any:
    """What follows GROUP BY; ``distinct`` says that equal grouping sets count once."""
    distinct = False
    if s.key == "DISTINCT":
        s.take()
        distinct = True
    elif s.key == "ALL" and s.ahead().key not in (",", ".", "[", ")", "<EOF>", "HAVING", "ORDER", "LIMIT", ";"):
        s.take()
    else:
        s.want("'ALL'", "'DISTINCT'")
    items = [_element(s)]
    while s.accept(","):
        items.append(_element(s))
    made = s.node("Group", start, expressions=items)
    made.meta["distinct"] = distinct
    return made


def _element(s: Stream) -> Any:
    s.want("'('", "'CUBE'", "'GROUPING'", "'ROLLUP'", "<expression>")
    place, key = s.token.start, s.key
    if key in ("ROLLUP", "CUBE"):
        s.take()
        return s.node("Rollup" if key == "ROLLUP" else "Cube", place, expressions=_sets(s, empty=True))
    if key == "GROUPING" and s.ahead().key == "SETS":
        s.at += 2
        return s.node("GroupingSets", place, expressions=_sets(s))
    return _set(s)


def _sets(s: Stream, empty: bool = False) -> list[Any]:
    s.expect("(")
    if empty and s.accept(")"):
        return []
    found = [_set(s)]
    while s.accept(","):
        found.append(_set(s))
    s.expect(")")
    return found


def _set(s: Stream) -> Any:
    """``a``, ``(a, b)`` or ``()``."""
    if s.key == "(" and s.ahead().key == ")":
        start = s.take().start
        s.take()
        return s.node("Tuple", start, expressions=[])
    return parse_expression(s)
