"""Queries: WITH, SELECT, VALUES, TABLE, set operations, ORDER BY, OFFSET, LIMIT."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.grammar.calls import parse_order, parse_window
from labkit.cloud.athena.dialect.grammar.expressions import parse_expression
from labkit.cloud.athena.dialect.grammar.grouping import parse_group
from labkit.cloud.athena.dialect.grammar.relations import parse_relation
from labkit.cloud.athena.dialect.grammar.stream import Mismatch, Stream
from labkit.cloud.athena.dialect.grammar.words import QUERY_WORDS


def try_query(s: Stream) -> Any:
    """``query )`` after a ``(``, or None when what stands here is an expression or relation that only begins like one."""
    if s.key in QUERY_WORDS:
        query = parse_query(s)
        s.expect(")")
        return query
    mark = s.at
    if mark in s.no_query:
        return None
    try:
        query = parse_query(s)
        s.expect(")")
    except Mismatch:
        s.no_query.add(mark)
        s.at = mark
        return None
    return query


def parse_query(s: Stream) -> Any:
    """A whole query with WITH, ORDER BY and LIMIT."""
    s.want("<query>")
    start = s.token.start
    if s.key not in (*QUERY_WORDS, "("):
        raise Mismatch
    with_ = _with(s) if s.key == "WITH" else None
    made = _term(s)
    parts = _tail(s)
    if with_ is not None:
        parts["with_"] = with_
    if not parts:
        return made
    if any(made.args.get(name) for name in parts) or type(made).__name__ in ("Subquery", "Values", "Table"):
        made = made if type(made).__name__ == "Subquery" else s.node("Subquery", start, this=made)
    if any(made.args.get(name) for name in parts):
        made = s.node("Subquery", start, this=made)
    for name, value in parts.items():
        made.set(name, value)
    return made


def _with(s: Stream) -> Any:
    start = s.take().start
    recursive = s.accept("RECURSIVE")
    found = []
    while True:
        place = s.token.start
        name = s.name()
        columns = s.names() if s.key == "(" else []
        s.want("'('")
        s.expect("AS", "(")
        query = parse_query(s)
        s.expect(")")
        found.append(s.node("CTE", place, this=query, alias=s.exp.TableAlias(this=name, columns=columns)))
        if not s.accept(","):
            break
    return s.node("With", start, expressions=found, recursive=recursive)


def _term(s: Stream) -> Any:
    """UNION and EXCEPT from the left; INTERSECT binds tighter."""
    made = _intersection(s)
    while True:
        start, word = s.token.start, s.accept_one("UNION", "EXCEPT")
        if not word:
            return made
        distinct = s.accept_one("ALL", "DISTINCT") != "ALL"
        right = _intersection(s)
        made = s.node("Union" if word == "UNION" else "Except", start, this=made, expression=right, distinct=distinct)


def _intersection(s: Stream) -> Any:
    made = _query_primary(s)
    while True:
        start = s.token.start
        if not s.accept("INTERSECT"):
            return made
        distinct = s.accept_one("ALL", "DISTINCT") != "ALL"
        made = s.node("Intersect", start, this=made, expression=_query_primary(s), distinct=distinct)


def _query_primary(s: Stream) -> Any:
    start = s.token.start
    if s.key == "SELECT":
        return _select(s)
    if s.key == "TABLE":
        s.take()
        table = qualified_table(s)
        source = s.node("From", start, this=table)
        return s.node("Select", start, expressions=[s.node("Star", start)], from_=source)
    if s.key == "VALUES":
        s.take()
        items = [parse_expression(s)]
        while s.accept(","):
            items.append(parse_expression(s))
        return s.node("Values", start, expressions=items)
    if s.key == "(":
        s.take()
        if s.key == "WITH":  # a query in parentheses has no WITH of its own
            s.want("'('", "'SELECT'", "'TABLE'", "'VALUES'")
            raise Mismatch
        made = parse_query(s)
        s.expect(")")
        return s.node("Subquery", start, this=made)
    s.want("'('", "'SELECT'", "'TABLE'", "'VALUES'")
    raise Mismatch


def qualified_table(s: Stream) -> Any:
    """``catalog.database.table``."""
    start = s.token.start
    parts = [s.name()]
    while s.accept("."):
        parts.append(s.name())
    table = s.node("Table", start, **dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))
    if len(parts) > 3:
        table.meta["dots"] = ".".join(part.name for part in parts)
    return table


def _tail(s: Stream) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if s.key == "ORDER":
        place = s.token.start
        parts["order"] = s.node("Order", place, expressions=parse_order(s))
    else:
        s.want("'ORDER'")
    place = s.token.start
    if s.accept("OFFSET"):
        parts["offset"] = s.node("Offset", place, expression=_count(s))
        s.accept_one("ROW", "ROWS")
    place = s.token.start
    word = s.accept_one("LIMIT", "FETCH")
    if word == "LIMIT":
        s.want("'ALL'")
        value = s.node("Var", s.take().start, this="ALL") if s.key == "ALL" else _count(s)
        parts["limit"] = s.node("Limit", place, expression=value)
    elif word == "FETCH":
        parts["limit"] = _fetch(s, place)
    return parts


def _fetch(s: Stream, start: int) -> Any:
    direction = s.expect_one("FIRST", "NEXT")
    count = None
    if s.key not in ("ROW", "ROWS"):
        s.want("'ROW'", "'ROWS'")
        count = _count(s)
    s.expect_one("ROW", "ROWS")
    ties = s.expect_one("ONLY", "WITH") == "WITH"
    if ties:
        s.expect("TIES")
    options = s.exp.LimitOptions(percent=False, rows=True, with_ties=ties)
    return s.node("Fetch", start, direction=direction, count=count, limit_options=options)


def _count(s: Stream) -> Any:
    token = s.token
    if token.key == "?":
        return s.node("Placeholder", s.take().start)
    if token.kind != "integer":
        s.want("'?'", "<integer>")
        raise Mismatch
    s.take()
    return s.node("Literal", token.start, this=token.text, is_string=False)


def _select(s: Stream) -> Any:
    start = s.take().start
    s.want("'*'", "'ALL'", "'DISTINCT'", "<expression>")
    parts: dict[str, Any] = {}
    if s.key == "DISTINCT":
        parts["distinct"] = s.node("Distinct", s.take().start)
    elif s.key == "ALL" and s.ahead().key not in (",", "FROM", ".", "(", "[", "=", "AS", "<EOF>", ")"):
        s.take()
    parts["expressions"] = [_item(s)]
    while s.accept(","):
        parts["expressions"].append(_item(s))
    place = s.token.start
    if s.accept("FROM"):
        parts["from_"] = s.node("From", place, this=_relations(s))
    place = s.token.start
    if s.accept("WHERE"):
        parts["where"] = s.node("Where", place, this=parse_expression(s))
    place = s.token.start
    if s.accept("GROUP"):
        s.expect("BY")
        parts["group"] = parse_group(s, place)
    place = s.token.start
    if s.accept("HAVING"):
        parts["having"] = s.node("Having", place, this=parse_expression(s))
    if s.accept("WINDOW"):
        parts["windows"] = [_window(s)]
        while s.accept(","):
            parts["windows"].append(_window(s))
    s.want("'EXCEPT'", "'FETCH'", "'INTERSECT'", "'LIMIT'", "'OFFSET'", "'ORDER'", "'UNION'")
    return s.node("Select", start, **parts)


def _window(s: Stream) -> Any:
    place = s.token.start
    name = s.name()
    s.expect("AS", "(")
    parts = parse_window(s)
    s.expect(")")
    return s.node("Window", place, this=name, **parts)


def _relations(s: Stream) -> Any:
    made = parse_relation(s)
    while True:
        place = s.token.start
        if not s.accept(","):
            return made
        made = s.node("Join", place, left=made, this=parse_relation(s), kind="COMMA")


def _item(s: Stream) -> Any:
    start = s.token.start
    s.want("'*'", "<expression>")
    if s.key == "*":
        return s.node("Star", s.take().start)
    s.item = start
    value = parse_expression(s)
    if s.key == "." and s.ahead().key == "*":
        s.at += 1
        return _all_fields(s, value, start)
    if s.accept("AS"):
        return s.node("Alias", start, this=value, alias=s.name())
    if s.at_name() and s.key not in _CLAUSES:
        return s.node("Alias", start, this=value, alias=s.name())
    s.want("<identifier>")
    return value


def _all_fields(s: Stream, value: Any, start: int) -> Any:
    star = s.node("Star", s.take().start)
    parts = [value.args.get(key) for key in ("this", "table", "db")]
    if type(value).__name__ == "Column" and value.args.get("catalog") is None:
        names = {"table": parts[0], "db": parts[1], "catalog": parts[2]}
        made = s.node("Column", start, this=star, **{key: part for key, part in names.items() if part is not None})
    else:
        made = s.node("Dot", start, this=value, expression=star)
    if not s.accept("AS"):
        return made
    return s.node("Aliases", start, this=made, expressions=s.names())


# Words that may be names, but after an expression begin the next clause.
_CLAUSES = frozenset(["WINDOW", "LIMIT", "OFFSET", "FETCH"])
