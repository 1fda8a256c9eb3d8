"""Running a parsed query over the events of log groups."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import Scope
from labkit.cloud.logs.insights.commands import DEFAULT_LIMIT, MAX_LIMIT, Query
from labkit.cloud.logs.insights.rows import EventRow
from labkit.cloud.logs.insights.values import to_text
from labkit.cloud.logs.storage import Span

if TYPE_CHECKING:
    from labkit.cloud.logs.storage import LogEvent, LogStorage

_DEFAULT_COLUMNS = ("@timestamp", "@message")


class Cancelled(Exception):
    """The query was stopped."""


@dataclass(frozen=True)
class Answer:
    """`rows` as the API shows them, and what it took."""

    rows: list[list[dict[str, str]]]
    scanned: int
    scanned_bytes: int
    matched: int

    @property
    def cells(self) -> int:
        """How much there is to keep."""
        return sum(map(len, self.rows))


def run_query(
    storage: LogStorage,
    scope: Scope,
    groups: Sequence[str],
    spans: Sequence[Span],
    query: Query,
    limit: int | None,
    cancelled: Callable[[], bool],
) -> Answer:
    """The answer of a query over groups, the newest events first where the query does not sort; Cancelled."""
    counts = [0, 0]
    rows: Iterable[Any] = _events(storage, scope, groups, spans, counts, cancelled)
    for step in query.steps:
        rows = step(rows)
    wanted = min(query.limit or limit or DEFAULT_LIMIT, MAX_LIMIT)
    found: list[Any] = []
    matched = 0
    for row in rows:
        matched += 1
        if len(found) < wanted:
            found.append(row)
    shown = [_show(row, query) for row in found]
    return Answer(shown, counts[0], counts[1], counts[0] if query.is_stats else matched)


def _events(
    storage: LogStorage,
    scope: Scope,
    groups: Sequence[str],
    spans: Sequence[Span],
    counts: list[int],
    cancelled: Callable[[], bool],
) -> Iterator[EventRow]:
    sources = [_of_group(storage, scope, group, span) for group, span in zip(groups, spans, strict=True)]
    for group, event in heapq.merge(*sources, key=lambda item: (-item[1].at, -item[1].id)):
        if not counts[0] % 1000 and cancelled():
            raise Cancelled
        counts[0] += 1
        counts[1] += len(event.message)
        yield EventRow(event, group, scope.account)


def _of_group(storage: LogStorage, scope: Scope, group: str, span: Span) -> Iterator[tuple[str, LogEvent]]:
    for event in storage.search(scope, group, None, span):
        yield group, event


def _show(row: Any, query: Query) -> list[dict[str, str]]:
    names = query.shown or _DEFAULT_COLUMNS
    cells = [(name, row.get(name)) for name in names if name != "@ptr"]
    shown = [{"field": name, "value": to_text(value)} for name, value in cells if value is not None]
    if not query.is_stats:
        shown.append({"field": "@ptr", "value": str(row.get("@ptr"))})
    return shown
