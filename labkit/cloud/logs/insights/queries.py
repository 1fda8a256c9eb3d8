"""`StartQuery`, `GetQueryResults` and their like."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.logs.checks import bounded, check_text, constraint, invalid
from labkit.cloud.logs.groups import get_group, name_of, oldest_kept
from labkit.cloud.logs.insights.commands import DEFAULT_LIMIT, MAX_LIMIT, Query, parse_query
from labkit.cloud.logs.insights.definitions import Definitions
from labkit.cloud.logs.insights.rows import discover
from labkit.cloud.logs.insights.run import Answer, Cancelled, run_query
from labkit.cloud.logs.insights.values import Moment, to_text
from labkit.cloud.logs.pages import read_number, write_token
from labkit.cloud.logs.storage import Span

if TYPE_CHECKING:
    from labkit.cloud.documents import Documents
    from labkit.cloud.logs.storage import LogStorage

log = logging.getLogger(__name__)
_MOST_GROUPS = 50
_MOST_RUNNING = 100
_KEPT = 1_000
# What all kept answers may hold together; the oldest go first.
_KEPT_CELLS = 500_000
# No lab's log is of before 1973: such a number is meant as milliseconds.
_SECONDS_END = 100_000_000_000
_FAR = 1 << 62


@dataclass
class _Running:
    id: str
    text: str
    scope: Scope
    groups: list[str]
    created: int
    status: str = "Running"
    answer: Answer = field(default_factory=lambda: Answer([], 0, 0, 0))


class Queries:
    """Queries of this server's life; the latest thousand are kept."""

    def __init__(self, storage: LogStorage, documents: Documents, now_ms: Callable[[], int]) -> None:
        self._storage = storage
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._queries: dict[str, _Running] = {}
        self._definitions = Definitions(documents, now_ms)
        self._stopping = False

    @property
    def routes(self) -> dict[str, Handler]:
        """The calls about queries."""
        return {
            "StartQuery": self.start_query,
            "GetQueryResults": self.results,
            "StopQuery": self.stop_query,
            "DescribeQueries": self.describe,
            "GetLogRecord": self.record,
            **self._definitions.routes,
        }

    def stop(self) -> None:
        """Let what runs end soon."""
        self._stopping = True

    def start_query(self, call: Call) -> dict[str, Any]:
        """StartQuery: parsed at once, run by a thread of its own."""
        params, scope = call.params, call.scope
        if params.get("queryLanguage") not in (None, "CWLI"):
            message = f"labkit's local cloud runs Logs Insights QL, not {params['queryLanguage']}."
            raise AwsError("NotImplemented", message, 501)
        text = check_text(params.get("queryString"), "queryString", 0, 10_000)
        groups = _groups(params, scope)
        begin, end = _seconds(params, "startTime"), _seconds(params, "endTime")
        if begin > end:
            raise invalid("Query's end date and time is either before the start date and time or is equal to it")
        limit = bounded(params, "limit", MAX_LIMIT, DEFAULT_LIMIT)
        query = parse_query(text)
        running = _Running(str(uuid.uuid4()), text, scope, groups, self._now_ms())
        with self._lock:
            if sum(one.status == "Running" for one in self._queries.values()) >= _MOST_RUNNING:
                raise AwsError("LimitExceededException", "Account maximum query concurrency limit of [100] reached.")
            self._queries[running.id] = running
            while len(self._queries) > _KEPT:
                del self._queries[next(iter(self._queries))]
        spans = [self._span(scope, group, begin, end) for group in groups]
        work = (running, query, spans, limit)
        threading.Thread(target=self._run, args=work, name="logs-query", daemon=True).start()
        return {"queryId": running.id}

    def _span(self, scope: Scope, group: str, begin: int, end: int) -> Span:
        kept = oldest_kept(scope, group, self._now_ms()) or 0
        return Span(max(begin, kept), end, backward=True)

    def _run(self, running: _Running, query: Query, spans: list[Span], limit: int) -> None:
        def cancelled() -> bool:
            return running.status == "Cancelled" or self._stopping

        try:
            running.answer = run_query(self._storage, running.scope, running.groups, spans, query, limit, cancelled)
            if running.status == "Running":
                running.status = "Complete"
            self._forget_oldest()
        except Cancelled:
            running.status = "Cancelled"
        except Exception:
            log.exception("query %s failed", running.text)
            running.status = "Failed"

    def _forget_oldest(self) -> None:
        with self._lock:
            ended = [one for one in self._queries.values() if one.status != "Running"]
            cells = sum(one.answer.cells for one in ended)
            for one in ended[:-1]:  # whoever has just asked gets an answer, however large
                if cells <= _KEPT_CELLS:
                    return
                if one.answer.cells:
                    cells -= one.answer.cells
                    del self._queries[one.id]

    def results(self, call: Call) -> dict[str, Any]:
        """GetQueryResults."""
        running = self._get(call)
        status = running.status  # first: what is Complete has its answer
        answer = running.answer
        statistics = {
            "recordsMatched": float(answer.matched),
            "recordsScanned": float(answer.scanned),
            "bytesScanned": float(answer.scanned_bytes),
            "estimatedRecordsSkipped": 0.0,
            "estimatedBytesSkipped": 0.0,
            "logGroupsScanned": float(len(running.groups)),
            "resultCount": float(len(answer.rows)),
        }
        most, token = bounded(call.params, "maxItems", DEFAULT_LIMIT, DEFAULT_LIMIT), call.params.get("nextToken")
        first = read_number(token) if token is not None else 0
        reply: dict[str, Any] = {"queryLanguage": "CWLI", "results": answer.rows[first : first + most]}
        if len(answer.rows) > first + most:
            reply["nextToken"] = write_token(first + most)
        return {**reply, "statistics": statistics, "status": status}

    def stop_query(self, call: Call) -> dict[str, Any]:
        """StopQuery; one that has ended cannot be stopped."""
        running = self._get(call)
        if running.status != "Running":
            raise invalid(f"Query {running.id} is not running (status {running.status})")
        running.status = "Cancelled"
        return {"success": True}

    def describe(self, call: Call) -> dict[str, Any]:
        """DescribeQueries, the newest first."""
        group, status = call.params.get("logGroupName"), call.params.get("status")
        limit = bounded(call.params, "maxResults", 1000, 1000)
        found = [
            {
                "queryLanguage": "CWLI",
                "queryId": one.id,
                "queryString": one.text,
                "status": one.status,
                "createTime": one.created,
                "logGroupName": one.groups[0],
            }
            for one in reversed(list(self._queries.values()))
            if one.scope == call.scope and (group is None or group in one.groups) and status in (None, one.status)
        ]
        return {"queries": found[:limit]}

    def record(self, call: Call) -> dict[str, Any]:
        """GetLogRecord: the fields of the event that a `@ptr` points to."""
        pointer = check_text(call.params.get("logRecordPointer"), "logRecordPointer", 1, 1024)
        found = self._storage.find_event(int(pointer)) if pointer.isdigit() and len(pointer) < 19 else None
        if found is None or found[1] != call.scope:
            raise AwsError("ResourceNotFoundException", "The specified log record does not exist.")
        event, scope, group = found
        fields = {name: to_text(value) for name, value in discover(event.message, group).items() if value is not None}
        own = {
            "@message": event.message,
            "@timestamp": str(event.at),
            "@ingestionTime": str(int(Moment(event.ingested))),
            "@logStream": event.stream,
            "@log": f"{scope.account}:{group}",
            "@ptr": pointer,
        }
        return {"logRecord": fields | own}

    def _get(self, call: Call) -> _Running:
        name = check_text(call.params.get("queryId"), "queryId", 0, 256)
        found = self._queries.get(name)
        if found is None or found.scope != call.scope:
            raise AwsError("ResourceNotFoundException", "Query does not exist")
        return found


def _groups(params: Mapping[str, Any], scope: Scope) -> list[str]:
    asked = [name for name in ("logGroupName", "logGroupNames", "logGroupIdentifiers") if params.get(name)]
    if len(asked) != 1:
        raise invalid("Exactly one of logGroupName, logGroupNames or logGroupIdentifiers is required.")
    value = params[asked[0]]
    names = [name_of(str(one)) for one in (value if isinstance(value, list) else [value])]
    if len(names) > _MOST_GROUPS:
        raise constraint("[…]", asked[0], f"Member must have length less than or equal to {_MOST_GROUPS}")
    for name in names:
        get_group(scope, name)
    return list(dict.fromkeys(names))


def _seconds(params: Mapping[str, Any], name: str) -> int:
    """Epoch milliseconds of a time that is given in seconds (AWS takes milliseconds too); an end holds its whole second."""
    value = params.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise constraint(value, name, "Member must not be null" if value is None else "Member must be a time")
    if value >= _SECONDS_END:
        return min(value, _FAR)
    return value * 1000 + (999 if name == "endTime" else 0)
