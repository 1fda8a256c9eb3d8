"""CloudWatch Logs: the newest lines of many groups, and then each new line once, by the plain API."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labkit.aws.logs import LogLine
from labkit.aws.session import error_code

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

# Lines may arrive late: each look goes back this far, and what was given before is dropped.
_LOOK_BACK_MS = 30_000
# The API orders the newest lines first only for times from 2024 on.
_NEWEST_FIRST_FROM_MS = 1_704_067_200_000


@dataclass(frozen=True)
class Wanted:
    """Which lines: from `since_ms` on, of `groups` (none: those that `takes_group` accepts), that match a filter pattern.

    `prefixes` gives the beginnings of the names of the streams that are wanted; it is asked again while following.
    """

    since_ms: int
    takes_group: Callable[[str], bool]
    groups: tuple[str, ...] = ()
    prefixes: Callable[[], Sequence[str]] | None = None
    pattern: str = ""


@dataclass
class _Place:
    """How far a group was read: no line before `floor_ms` is wanted, `seen` are the ids of the lines that were given."""

    floor_ms: int
    newest_ms: int = 0
    seen: dict[str, int] = field(default_factory=dict)


class GroupsTail:
    """`newest` reads the last lines once; `read` gives what came since, however often it is asked."""

    def __init__(
        self,
        logs: CloudWatchLogsClient,
        wanted: Wanted,
        relist_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._logs = logs
        self._wanted = wanted
        self._relist_s = relist_s
        self._clock = clock
        self._listed_at: float | None = None
        self._sources: list[tuple[str, str]] = []
        self._places: dict[tuple[str, str], _Place] = {}
        self.missing: set[str] = set()
        """Groups that were named and are not there."""

    def newest(self, most: int) -> list[LogLine]:
        """The last `most` lines of all groups together, oldest first."""
        found: list[LogLine] = []
        for source in self._list_sources():
            lines = self._ask(source, self._wanted.since_ms, most)
            place = self._places[source] = _Place(self._wanted.since_ms)
            if len(lines) >= most:
                place.floor_ms = min(line.at_ms for line in lines)
            self._remember(place, lines)
            found += lines
        return sorted(found, key=_order)[-most:]

    def read(self) -> list[LogLine]:
        """The lines that were not given yet, in order of time."""
        found: list[LogLine] = []
        for source in self._list_sources():
            place = self._places.setdefault(source, _Place(self._wanted.since_ms))
            since = max(place.floor_ms, place.newest_ms - _LOOK_BACK_MS)
            lines = [line for line in self._ask(source, since, None) if line.id not in place.seen]
            self._remember(place, lines)
            found += lines
        return sorted(found, key=_order)

    def _remember(self, place: _Place, lines: Sequence[LogLine]) -> None:
        place.seen.update((line.id, line.at_ms) for line in lines)
        place.newest_ms = max([place.newest_ms, *(line.at_ms for line in lines)])
        oldest = place.newest_ms - _LOOK_BACK_MS
        if lines:
            place.seen = {name: at for name, at in place.seen.items() if at >= oldest}

    def _list_sources(self) -> list[tuple[str, str]]:
        """Pairs of a group and a beginning of stream names."""
        now = self._clock()
        if self._listed_at is None or now - self._listed_at >= self._relist_s:
            self._listed_at = now
            prefixes = self._wanted.prefixes() if self._wanted.prefixes is not None else ("",)
            self._sources = [(group, prefix) for group in self._list_groups() for prefix in prefixes]
        return self._sources

    def _list_groups(self) -> Sequence[str]:
        if self._wanted.groups:
            return self._wanted.groups
        pages = self._logs.get_paginator("describe_log_groups").paginate()
        names = sorted(group["logGroupName"] for page in pages for group in page["logGroups"])
        return [name for name in names if self._wanted.takes_group(name)]

    def _ask(self, source: tuple[str, str], since_ms: int, most: int | None) -> list[LogLine]:
        """Lines of a group from a time on: all, or the newest `most`; none when there is no such group."""
        from botocore.exceptions import ClientError

        group, prefix = source
        asked: dict[str, Any] = {"logGroupName": group, "startTime": since_ms}
        if self._wanted.pattern:
            asked["filterPattern"] = self._wanted.pattern
        if prefix:
            asked["logStreamNamePrefix"] = prefix
        if most is not None and since_ms >= _NEWEST_FIRST_FROM_MS:
            asked |= {"startFromHead": False, "limit": min(most, 10_000)}
        lines: list[LogLine] = []
        try:
            for page in self._logs.get_paginator("filter_log_events").paginate(**asked):
                lines += [_line(group, event) for event in page["events"]]
                if most is not None and "limit" in asked and len(lines) >= most:
                    break
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                self.missing.add(group)
                return lines
            raise
        self.missing.discard(group)
        lines.sort(key=_order)
        return lines[-most:] if most is not None else lines


def _line(group: str, event: Any) -> LogLine:
    message = event["message"].rstrip("\r\n")
    return LogLine(event["eventId"], event["timestamp"], group, event["logStreamName"], message)


def _order(line: LogLine) -> tuple[int, str]:
    return line.at_ms, line.id
