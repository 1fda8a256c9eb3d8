"""FROM: names, joins, queries in parentheses, UNNEST, LATERAL, samples."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.grammar.expressions import parse_expression
from labkit.cloud.athena.dialect.grammar.stream import Mismatch, Stream
from labkit.cloud.athena.dialect.lexer import position
from labkit.cloud.athena.errors import not_supported


def parse_relation(s: Stream) -> Any:
    """One relation with the joins that follow it, from the left."""
    made = _sampled(s)
    start = made.meta["start"]
    while True:
        if s.accept("CROSS"):
            s.expect("JOIN")
            made = s.node("Join", start, left=made, this=_sampled(s), kind="CROSS")
        elif s.accept("NATURAL"):
            side = _side(s)
            s.expect("JOIN")
            made = s.node("Join", start, left=made, this=_sampled(s), method="NATURAL", side=side)
        elif s.key in ("JOIN", "INNER", "LEFT", "RIGHT", "FULL"):
            made = _conditional(s, made, start)
        else:
            s.want("'FULL'", "'INNER'", "'JOIN'", "'LEFT'", "'RIGHT'")
            return made


def _side(s: Stream) -> str:
    side = s.accept_one("INNER", "LEFT", "RIGHT", "FULL")
    if side in ("LEFT", "RIGHT", "FULL"):
        s.accept("OUTER")
    return side


def _conditional(s: Stream, left: Any, start: int) -> Any:
    side = _side(s)
    s.expect("JOIN")
    right = parse_relation(s)
    if s.accept("ON"):
        return s.node("Join", start, left=left, this=right, side=side, on=parse_expression(s))
    s.want("'ON'", "'USING'")
    s.expect("USING")
    return s.node("Join", start, left=left, this=right, side=side, using=s.names())


def _sampled(s: Stream) -> Any:
    made = _aliased(s)
    place = s.token.start
    if s.key == "MATCH_RECOGNIZE" and s.ahead().key == "(":
        raise not_supported("MATCH_RECOGNIZE", position(s.sql, place))
    s.want("'MATCH_RECOGNIZE'")
    if s.accept("TABLESAMPLE"):
        method = s.expect_one("BERNOULLI", "SYSTEM")
        s.expect("(")
        percent = parse_expression(s)
        s.expect(")")
        sample = s.node("TableSample", place, method=s.exp.Var(this=method), percent=percent)
        made.set("sample", sample)
    return made


def _aliased(s: Stream) -> Any:
    made = _primary(s)
    explicit = s.accept("AS")
    if not explicit and not (s.at_name() and not _begins_clause(s)):
        s.want("<identifier>")
        return made
    name = s.name()
    s.want("'('")
    columns = s.names() if s.key == "(" else []
    alias = s.node("TableAlias", name.meta["start"], this=name, columns=columns)
    if made.args.get("alias") is not None or type(made).__name__ == "Join":
        made = s.node("Subquery", made.meta["start"], this=made)
    made.set("alias", alias)
    return made


def _begins_clause(s: Stream) -> bool:
    """WINDOW w AS, LIMIT 1, OFFSET 1 and FETCH FIRST begin a clause; alone the words are aliases."""
    following = s.ahead()
    if s.key == "WINDOW":
        return s.at_name(1) and s.ahead(2).key == "AS"
    if s.key in ("LIMIT", "OFFSET"):
        return following.kind == "integer" or following.key in ("?", "ALL")
    if s.key == "FETCH":
        return following.key in ("FIRST", "NEXT")
    if s.key == "TABLESAMPLE":
        return following.key in ("BERNOULLI", "SYSTEM")
    return s.key == "MATCH_RECOGNIZE" and following.key == "("


def _primary(s: Stream) -> Any:
    from labkit.cloud.athena.dialect.grammar.queries import parse_query, qualified_table, try_query

    s.want("'('", "'JSON_TABLE'", "'LATERAL'", "'TABLE'", "'UNNEST'", "<identifier>")
    start, key = s.token.start, s.key
    if key == "(":
        s.take()
        s.want("<query>")
        if s.query_follows():
            query = try_query(s)
            if query is not None:
                return s.node("Subquery", start, this=query)
        made = parse_relation(s)
        s.expect(")")
        return made
    if key == "UNNEST":
        return _unnest(s)
    if key == "LATERAL" and s.ahead().key == "(":
        s.at += 2
        query = parse_query(s)
        s.expect(")")
        return s.node("Lateral", start, this=s.node("Subquery", start, this=query))
    if key == "TABLE" and s.ahead().key == "(":
        name = s.ahead(2).text
        raise not_supported(f"the table function {name.lower()}", position(s.sql, start))
    if key == "JSON_TABLE":
        raise not_supported("JSON_TABLE", position(s.sql, start))
    if not s.at_name():
        raise Mismatch
    table = qualified_table(s)
    if s.key == "FOR":
        s.take()
        kind = s.expect_one("TIMESTAMP", "VERSION")
        s.expect("AS", "OF")
        raise not_supported(f"time travel (FOR {kind} AS OF)", position(s.sql, start))
    s.want("'FOR'", "'.'")
    return table


def _unnest(s: Stream) -> Any:
    start = s.take().start
    s.expect("(")
    items = [parse_expression(s)]
    while s.accept(","):
        items.append(parse_expression(s))
    s.expect(")")
    parts: dict[str, Any] = {}
    if s.key == "WITH" and s.ahead().key == "ORDINALITY":
        s.at += 2
        parts["offset"] = True
    s.want("'WITH'")
    return s.node("Unnest", start, expressions=items, **parts)
