"""Invocations of a Lambda function, as its log tells them: START, what it wrote, END, REPORT."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from labkit.aws.logs import LogLine

_START = re.compile(r"START RequestId: (\S+)")
_END = re.compile(r"END RequestId: (\S+)")
_REPORT = re.compile(
    r"REPORT RequestId: (?P<id>\S+)\s.*?Billed Duration: (?P<billed>\d+) ms\s+Memory Size: (?P<memory>\d+) MB",
    re.DOTALL,
)
_DURATION = re.compile(r"\bDuration: ([\d.]+) ms")
# What Lambda writes itself when a handler raises (a space after the mark; a handler's own log.error has a tab there), or is cut off.
_UNHANDLED = re.compile(
    r"\[ERROR\] (?P<what>[^\t\n]*)|(?P<cut>.*Task timed out after [\d.]+ seconds)|(?P<died>.*Runtime exited.*)"
)
_RUN = re.compile(r"\bjr_[0-9a-f]{16,}(?:_attempt_\d+)?\b")


@dataclass
class Invocation:
    """One invocation; `ended_ms` is None while it goes on (or as long as its end is not in the log), `error` is "" if all went well."""

    request: str
    function: str
    started_ms: int
    ended_ms: int | None = None
    duration_ms: float = 0.0
    billed_ms: int = 0
    memory_mb: int = 0
    error: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def runs(self) -> list[str]:
        """Ids of Glue runs that its lines mention."""
        return list(dict.fromkeys(run for line in self.lines for run in _RUN.findall(line)))

    def mentions(self, *words: str) -> bool:
        """Does one of its lines hold one of these words?"""
        return any(word in line for line in self.lines for word in words)


def group_invocations(lines: Iterable[LogLine]) -> list[Invocation]:
    """Invocations in the order in which they began, from lines in order of time."""
    found: dict[str, Invocation] = {}
    open_in: dict[tuple[str, str], Invocation] = {}
    for line in lines:
        place = (line.group, line.stream)
        if start := _START.match(line.message):
            function = line.group.rsplit("/", 1)[-1]
            one = found.setdefault(start[1], Invocation(start[1], function, line.at_ms))
            open_in[place] = one
        elif end := _END.match(line.message):
            if one_ended := found.get(end[1]):
                one_ended.ended_ms = line.at_ms
        elif report := _REPORT.match(line.message):
            if one_told := found.get(report["id"]):
                _report(one_told, report, line.message)
            open_in.pop(place, None)
        elif place in open_in:
            _write(open_in[place], line.message)
    return sorted(found.values(), key=lambda one: one.started_ms)


def _report(one: Invocation, report: re.Match[str], message: str) -> None:
    one.billed_ms, one.memory_mb = int(report["billed"]), int(report["memory"])
    duration = _DURATION.search(message)
    one.duration_ms = float(duration[1]) if duration else 0.0
    if not one.error and (status := re.search(r"Status: (error|timeout)", message)):
        one.error = status[1]


def _write(one: Invocation, message: str) -> None:
    one.lines.append(message)
    if unhandled := _UNHANDLED.match(message):
        one.error = unhandled["what"] or unhandled[0].strip()
