"""`GetLogEvents` and `FilterLogEvents`: events of a stream, and of a group."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import Call, Handler, Scope
from labkit.cloud.logs.checks import bounded, check_text, constraint, invalid, moment, stream_name
from labkit.cloud.logs.groups import named_group, oldest_kept
from labkit.cloud.logs.pages import bad_token, read_token, write_token
from labkit.cloud.logs.pattern.parse import parse_pattern
from labkit.cloud.logs.storage import EVENT_OVERHEAD_BYTES, LogEvent, LogStorage, Span, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_EVENTS = 10_000
_MAX_PAGE_BYTES = 1_048_576
_MAX_PATTERN = 1024
_MAX_STREAMS = 100
_FAR = 1 << 62  # SQLite's integers end at 2^63
# Direction, time and id of the last event that was given (AWS's tokens look like `f/3516…/s`).
_TOKEN = re.compile(r"(?P<way>[fb])/(?P<at>\d{18})(?P<id>\d{38})/s")
_LATEST_FIRST_FROM_MS = 1_704_067_200_000  # 2024-01-01, as the documentation of startFromHead says


class Reading:
    """The two calls that read events."""

    def __init__(
        self, storage: LogStorage, get_stream: Callable[[Scope, str, str], Stream], now_ms: Callable[[], int]
    ) -> None:
        self._storage = storage
        self._get_stream = get_stream
        self._now_ms = now_ms

    @property
    def routes(self) -> dict[str, Handler]:
        """The calls that read events."""
        return {"GetLogEvents": self.get_events, "FilterLogEvents": self.filter_events}

    def get_events(self, call: Call) -> dict[str, Any]:
        """GetLogEvents: one stream, forward or backward; at the end comes the token that was given."""
        params = call.params
        group = named_group(params, call.scope)
        name = stream_name(params.get("logStreamName"))
        limit, token = bounded(params, "limit", _MAX_EVENTS, _MAX_EVENTS), params.get("nextToken")
        begin, end = moment(params, "startTime"), moment(params, "endTime")
        stream = self._get_stream(call.scope, group, name)
        way, place = _read_place(token)
        backward = way == "b" if way else not params.get("startFromHead")
        begin = _later(begin, oldest_kept(call.scope, group, self._now_ms()))
        # The end is left out here, unlike in FilterLogEvents.
        span = Span(begin, end - 1 if end is not None else None, place, backward)
        events = _fit(self._storage.read_stream(stream, span, limit), backward=backward)
        if events:
            first, last = (events[0].at, events[0].id), (events[-1].at, events[-1].id)
        else:
            first = last = place or (begin or 0, 0)
        shown = [{"timestamp": e.at, "message": e.message, "ingestionTime": e.ingested} for e in events]
        return {
            "events": shown,
            "nextForwardToken": _write_place("f", last),
            "nextBackwardToken": _write_place("b", first),
        }

    def filter_events(self, call: Call) -> dict[str, Any]:
        """FilterLogEvents: a group or some of its streams, in order of time."""
        params = call.params
        group = named_group(params, call.scope)
        begin, end = moment(params, "startTime"), moment(params, "endTime")
        if begin is not None and end is not None and begin > end:
            raise invalid("End time should not be less than start time.")
        limit = bounded(params, "limit", _MAX_EVENTS, _MAX_EVENTS)
        text = params.get("filterPattern")
        matches = parse_pattern(check_text(text, "filterPattern", 0, _MAX_PATTERN) if text is not None else "").matches
        streams = self._streams(call.scope, group, params)
        place, backward = _filter_place(params, begin)
        kept = _later(begin, oldest_kept(call.scope, group, self._now_ms()))
        span = Span(kept, end, place, backward)
        found: list[LogEvent] = []
        size, more = 0, False
        for event in self._storage.search(call.scope, group, streams, span):
            if not matches(event.message):
                continue
            size += len(event.message.encode()) + EVENT_OVERHEAD_BYTES
            if len(found) == limit or (found and size > _MAX_PAGE_BYTES):
                more = True
                break
            found.append(event)
        reply: dict[str, Any] = {"events": [show_event(event) for event in found], "searchedLogStreams": []}
        if more:
            reply["nextToken"] = write_token([found[-1].at, found[-1].id, backward])
        return reply

    def _streams(self, scope: Scope, group: str, params: Mapping[str, Any]) -> list[Stream] | None:
        names, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix")
        if names and prefix:
            raise invalid("LogStreamNames and LogStreamNamePrefix are mutually exclusive parameters.")
        if prefix:
            return self._storage.list_streams(scope, group, stream_name(prefix, "logStreamNamePrefix"))
        if not names:
            return None
        if not isinstance(names, list) or len(names) > _MAX_STREAMS:
            raise constraint("[…]", "logStreamNames", f"Member must have length less than or equal to {_MAX_STREAMS}")
        return [self._get_stream(scope, group, stream_name(name)) for name in names]


def show_event(event: LogEvent) -> dict[str, Any]:
    """An event as FilterLogEvents gives it."""
    return {
        "logStreamName": event.stream,
        "timestamp": event.at,
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": f"{event.at:018d}{event.id:038d}",
    }


def _filter_place(params: Mapping[str, Any], begin: int | None) -> tuple[tuple[int, int] | None, bool]:
    token = params.get("nextToken")
    if token is None:
        backward = params.get("startFromHead") is False
        if backward and begin is not None and begin < _LATEST_FIRST_FROM_MS:
            raise invalid("startFromHead can be false only when startTime is on or after January 1, 2024 00:00:00 UTC.")
        return None, backward
    match read_token(token):
        case [int(at), int(event), bool(way)] if 0 <= at < _FAR and 0 <= event < _FAR:
            return (at, event), way
    raise bad_token()


def _fit(events: Sequence[LogEvent], *, backward: bool) -> Sequence[LogEvent]:
    """As many as one reply holds, but at least one."""
    size = 0
    for number, event in enumerate(reversed(events) if backward else events):
        size += len(event.message.encode()) + EVENT_OVERHEAD_BYTES
        if size > _MAX_PAGE_BYTES and number:
            return events[len(events) - number :] if backward else events[:number]
    return events


def _later(begin: int | None, kept_since: int | None) -> int | None:
    return max(begin or 0, kept_since) if kept_since is not None else begin


def _write_place(way: str, place: tuple[int, int]) -> str:
    return f"{way}/{place[0]:018d}{place[1]:038d}/s"


def _read_place(token: Any) -> tuple[str, tuple[int, int] | None]:
    if token is None:
        return "", None
    match = _TOKEN.fullmatch(str(token))
    if match is None:
        raise bad_token()
    if int(match["id"]) >= _FAR:
        raise bad_token()
    return match["way"], (int(match["at"]), int(match["id"]))
