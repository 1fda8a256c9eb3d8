"""The commands of a query, parsed into steps that run one after another over rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.logs.insights.expressions import Expression, ExpressionParser, Row, Slot, compile_regex, unquote
from labkit.cloud.logs.insights.lexer import Token, malformed, read_tokens
from labkit.cloud.logs.insights.rows import aggregate, sort_rows
from labkit.cloud.logs.insights.values import is_true, to_text

DEFAULT_LIMIT = 10_000
MAX_LIMIT = 100_000
# Commands of AWS's language that nothing here carries out.
_REFUSED = frozenset(
    {"pattern", "diff", "unnest", "unmask", "anomaly", "source", "filterindex", "join", "lookup", "addtotals", "expand"}
    | {"fillnull", "relevantfields", "dedot", "rename", "timechart", "eval"}
)
Step = Callable[[Iterable[Row]], Iterable[Row]]


@dataclass
class Query:
    """A parsed query. `shown` are the columns of the result (None: what AWS shows by default), `is_stats` that rows are groups."""

    steps: list[Step] = field(default_factory=list)
    shown: list[str] | None = None
    is_stats: bool = False
    is_sorted: bool = False
    limit: int | None = None


def parse_query(text: str) -> Query:
    """The steps of a query; AwsError MalformedQueryException, or NotImplemented for a command that is refused."""
    query = Query()
    parts = _split(read_tokens(text), len(text))
    for tokens in parts:
        _command(query, text, tokens)
    return query


def _split(tokens: list[Token], length: int) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == "|" and token.kind == "operator":
            parts.append([])
        else:
            parts[-1].append(token)
    if not all(parts):
        raise malformed("unexpected end of query" if tokens else "the query is empty", length, length)
    return parts


def _command(query: Query, text: str, tokens: list[Token]) -> None:
    name = tokens[0].text.lower()
    if name in _REFUSED:
        raise AwsError(
            "NotImplemented", f"labkit's local cloud does not carry out the command {name} of Logs Insights.", 501
        )
    parser = ExpressionParser(text, tokens)
    handlers = {
        "fields": _fields, "display": _display, "filter": _filter, "stats": _stats, "sort": _sort, "limit": _limit,
        "head": _limit, "parse": _parse, "dedup": _dedup,
    }  # fmt: skip
    if name not in handlers:
        raise parser.unexpected(tokens[0])
    parser.at = 1
    handlers[name](query, parser)
    if parser.peek() is not None:
        raise parser.unexpected(parser.peek())
    if parser.slots and name != "stats":
        raise malformed(f"aggregations belong to stats, not to {name}", tokens[0].start, tokens[-1].end)


def _named(parser: ExpressionParser) -> tuple[str, Expression]:
    """`expression [as alias]`"""
    made = parser.expression()
    if parser.accept("as"):
        return parser.take("name", "quoted").text.strip("`"), made
    return made.name or made.text, made


def _list(parser: ExpressionParser) -> list[tuple[str, Expression]]:
    found = [_named(parser)]
    while parser.accept(","):
        found.append(_named(parser))
    return found


def _fields(query: Query, parser: ExpressionParser) -> None:
    named = _list(parser)
    known = query.shown or []
    query.shown = known + [name for name, _ in named if name not in known]
    computed = [(name, one.evaluate) for name, one in named if one.name != name]
    if computed:
        query.steps.append(lambda rows: (_computed(row, computed) for row in rows))


def _computed(row: Row, computed: list[tuple[str, Callable[[Row], Any]]]) -> Row:
    """A name may be used by the next one."""
    for name, value in computed:
        row = row.having({name: value(row)})
    return row


def _display(query: Query, parser: ExpressionParser) -> None:
    query.shown = None
    _fields(query, parser)


def _filter(query: Query, parser: ExpressionParser) -> None:
    test = parser.expression().evaluate
    query.steps.append(lambda rows: (row for row in rows if is_true(test(row))))


def _stats(query: Query, parser: ExpressionParser) -> None:
    start = len(parser.slots)
    columns = _list(parser)
    slots: list[Slot] = parser.slots[start:]
    if not slots:
        raise malformed("stats needs an aggregation such as count(*)", parser.tokens[0].start, parser.tokens[-1].end)
    groups = _list(parser) if parser.accept("by") else []
    by_time = bool(groups) and groups[0][1].text.lower().startswith(("bin(", "datefloor(", "dateceil("))
    query.steps.append(lambda rows: aggregate(rows, slots, columns, groups, newest_first=by_time))
    query.shown = [name for name, _ in (*groups, *columns)]
    query.is_stats, query.is_sorted = True, True


def _sort(query: Query, parser: ExpressionParser) -> None:
    keys: list[tuple[Callable[[Row], Any], bool]] = []
    while True:
        evaluate = _column_or_expression(query, parser)
        descending = parser.accept("desc")
        if not descending:
            parser.accept("asc")
        keys.append((evaluate, descending))
        if not parser.accept(","):
            break
    query.steps.append(lambda rows: sort_rows(rows, keys))
    query.is_sorted = True


def _column_or_expression(query: Query, parser: ExpressionParser) -> Callable[[Row], Any]:
    """After stats a sort may name a column by its text: `sort count(*) desc`."""
    slots = len(parser.slots)
    made = parser.expression()
    if len(parser.slots) > slots or made.text in (query.shown or ()):
        del parser.slots[slots:]
        if made.text not in (query.shown or ()):
            raise malformed(f"{made.text} is no column of the result", parser.tokens[0].start, parser.tokens[-1].end)
        return lambda row: row.get(made.text)
    return made.evaluate


def _limit(query: Query, parser: ExpressionParser) -> None:
    parser.accept("any")  # any events will do: the newest are as good as others
    token = parser.take("number")
    if not token.text.isdigit() or not 1 <= int(token.text) <= MAX_LIMIT:
        raise malformed(f"limit is a number from 1 to {MAX_LIMIT}", token.start, token.end)
    query.limit = int(token.text)


def _dedup(query: Query, parser: ExpressionParser) -> None:
    keys = [one.evaluate for _, one in _list(parser)]

    def step(rows: Iterable[Row]) -> Iterable[Row]:
        seen: set[tuple[str, ...]] = set()
        for row in rows:
            values = [key(row) for key in keys]
            if any(value is None for value in values):
                continue
            place = tuple(to_text(value) for value in values)
            if place not in seen:
                seen.add(place)
                yield row

    query.steps.append(step)


def _parse(query: Query, parser: ExpressionParser) -> None:
    source: Callable[[Row], Any] = lambda row: row.get("@message")  # noqa: E731
    token = parser.peek()
    if token is not None and token.kind in ("name", "quoted"):
        source = parser.expression().evaluate
    token = parser.take("string", "regex")
    if token.kind == "string":
        expression, names = _glob(unquote(token.text)), _aliases(parser)
        if expression.groups != len(names):
            raise malformed("parse needs as many names as its pattern has asterisks", token.start, token.end)
    else:
        expression, names = compile_regex(token), []
        named = sorted(expression.groupindex.items(), key=lambda pair: pair[1])
        names = [name for name, _ in named] or _aliases(parser)
        if not names or expression.groups < len(names):
            raise malformed("parse needs named groups such as (?<user>[a-z]+)", token.start, token.end)
    places = [expression.groupindex.get(name, n) for n, name in enumerate(names, 1)]

    def step(rows: Iterable[Row]) -> Iterable[Row]:
        for row in rows:
            value = source(row)
            match = expression.search(to_text(value)) if value is not None else None
            yield row.having({name: match[place] for name, place in zip(names, places, strict=True)}) if match else row

    query.steps.append(step)


def _glob(text: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in text.split("*")]
    return re.compile(
        "(.*?)".join(parts[:-1]) + ("(.*?)" + parts[-1] if parts[-1] else "(.*)") if len(parts) > 1 else parts[0],
        re.DOTALL,
    )


def _aliases(parser: ExpressionParser) -> list[str]:
    if not parser.accept("as"):
        return []
    names = [parser.take("name", "quoted").text.strip("`")]
    while parser.accept(","):
        names.append(parser.take("name", "quoted").text.strip("`"))
    return names
