"""The rows of a query: events with the fields that Logs Insights discovers in them, and groups of `stats`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labkit.cloud.logs.insights.aggregates import AGGREGATES
from labkit.cloud.logs.insights.values import Moment, sort_key, to_text

if TYPE_CHECKING:
    from labkit.cloud.logs.insights.expressions import Expression, Slot
    from labkit.cloud.logs.storage import LogEvent

# AWS finds at most this many fields in a JSON event.
_MOST_FIELDS = 200
_REQUEST_ID = re.compile(r"RequestId: ([0-9a-f-]{36})|\t([0-9a-f]{8}-[0-9a-f-]{27})\t")
_REPORT = {
    "@duration": re.compile(r"\tDuration: ([\d.]+) ms"),
    "@billedDuration": re.compile(r"Billed Duration: ([\d.]+) ms"),
    "@initDuration": re.compile(r"Init Duration: ([\d.]+) ms"),
    # AWS tells both in bytes, a megabyte as a million.
    "@memorySize": re.compile(r"Memory Size: (\d+) MB"),
    "@maxMemoryUsed": re.compile(r"Max Memory Used: (\d+) MB"),
}
_MEGABYTE = 1_000_000


class EventRow:
    """One event; fields are looked for when they are first asked for."""

    __slots__ = ("_computed", "_discovered", "_event", "_group")

    def __init__(self, event: LogEvent, group: str, account: str, computed: Mapping[str, Any] | None = None) -> None:
        self._event = event
        self._group = (group, account)
        self._computed: Mapping[str, Any] = computed or {}
        self._discovered: dict[str, Any] | None = None

    def get(self, name: str) -> Any:
        """The value of a field, None where the event has none of that name."""
        if name in self._computed:
            return self._computed[name]
        event = self._event
        if name == "@message":
            return event.message
        if name == "@timestamp":
            return Moment(event.at)
        if name == "@logStream":
            return event.stream
        if name == "@log":
            return f"{self._group[1]}:{self._group[0]}"
        if name == "@ingestionTime":
            return Moment(event.ingested)
        if name == "@ptr":
            return str(event.id)
        if self._discovered is None:
            self._discovered = discover(event.message, self._group[0])
        return self._discovered.get(name)

    def having(self, values: Mapping[str, Any]) -> EventRow:
        """The row with more fields."""
        made = EventRow(self._event, *self._group, {**self._computed, **values})
        made._discovered = self._discovered
        return made


class GroupRow(dict[str, Any]):
    """A group of `stats`."""

    def having(self, values: Mapping[str, Any]) -> GroupRow:
        """The row with more fields."""
        return GroupRow({**self, **values})


def discover(message: str, group: str) -> dict[str, Any]:
    """The fields of a JSON event (`a.b`, `list.0`), and those of Lambda's own lines."""
    found: dict[str, Any] = {}
    if (start := message.find("{")) >= 0:
        try:
            document, _ = json.JSONDecoder().raw_decode(message, start)
            _flatten(document, "", found)
        except (ValueError, RecursionError):
            pass
    if group.startswith("/aws/lambda/"):
        found.update(_lambda_fields(message))
    return found


def _flatten(value: Any, prefix: str, found: dict[str, Any]) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        name = f"{prefix}.{key}" if prefix else str(key)
        if len(found) >= _MOST_FIELDS:
            return
        if isinstance(item, dict | list):
            _flatten(item, name, found)
        elif item is not None:
            found[name] = item


def _lambda_fields(message: str) -> dict[str, Any]:
    kind = message.split(" ", 1)[0]
    found: dict[str, Any] = {"@type": kind if kind in ("START", "END", "REPORT") else None}
    if (match := _REQUEST_ID.search(message)) is not None:
        found["@requestId"] = match[1] or match[2]
    if kind == "REPORT":
        for name, pattern in _REPORT.items():
            if (match := pattern.search(message)) is not None:
                found[name] = int(match[1]) * _MEGABYTE if "emory" in name else match[1]
    return found


def sort_rows(rows: Iterable[Any], keys: Sequence[tuple[Callable[[Any], Any], bool]]) -> list[Any]:
    """The rows by their keys, the first key first."""
    found = list(rows)
    for evaluate, descending in reversed(keys):
        found.sort(key=lambda row: sort_key(evaluate(row)), reverse=descending)
    return found


def aggregate(
    rows: Iterable[Any],
    slots: Sequence[Slot],
    columns: Sequence[tuple[str, Expression]],
    groups: Sequence[tuple[str, Expression]],
    *,
    newest_first: bool,
) -> Iterator[GroupRow]:
    """One row a group, with the values of the groups and the columns."""
    gathered: dict[tuple[Any, ...], _Gathered] = {}
    for row in rows:
        values = [one.evaluate(row) for _, one in groups]
        key = tuple(None if value is None else to_text(value) for value in values)
        if key not in gathered:
            gathered[key] = _Gathered(values, slots, row)
        gathered[key].add(row)
    if not groups and not gathered:
        gathered[()] = _Gathered([], slots, None)
    found = list(gathered.values())
    if newest_first:
        found.sort(key=lambda one: sort_key(one.shown[0]), reverse=True)
    for one in found:
        row = GroupRow({name: value for (name, _), value in zip(groups, one.shown, strict=True)})
        inner = GroupRow({**row, **one.aggregates()})
        yield GroupRow({**row, **{name: column.evaluate(inner) for name, column in columns}})


class _Gathered:
    """What the aggregates of one group need of its rows; the rows themselves, millions perhaps, are not kept."""

    __slots__ = ("_rest", "_slots", "_times", "_values", "shown")

    def __init__(self, shown: list[Any], slots: Sequence[Slot], first: Any) -> None:
        self.shown = shown
        self._slots = slots
        self._times: list[int] = []
        self._values: list[list[Any]] = [[] for _ in slots]
        self._rest = [[None if first is None else inner(first) for inner in slot.inner[1:]] for slot in slots]

    def add(self, row: Any) -> None:
        self._times.append(int(row.get("@timestamp") or 0))
        for values, slot in zip(self._values, self._slots, strict=True):
            values.append(slot.inner[0](row))

    def aggregates(self) -> dict[str, Any]:
        held = zip(self._slots, self._values, self._rest, strict=True)
        return {slot.key: AGGREGATES[slot.aggregate][1](values, rest, self._times) for slot, values, rest in held}
