"""Lines of functions, jobs and crawlers in CloudWatch Logs, each with its time, where it comes from and how serious it is."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labkit.aws.glue_jobs import find_job, list_newest_runs
from labkit.aws.log_tail import GroupsTail, Wanted
from labkit.aws.logs import LogLine
from labkit.aws.session import Clients, aws_errors
from labkit.errors import UsageError
from labkit.i18n import build_lesson, text
from labkit.ui.figures import format_time, from_ms
from labkit.ui.glue_log import UsefulLines
from labkit.ui.log_label import PROGRESS_STREAM, label, service_of_group
from labkit.ui.nodes import Card, Chip, Node, Quiet, Table, line
from labkit.ui.shown import Shown

_MOST_RUNS = 20
_READ = 1_000
_GLUE_GROUPS = tuple(f"/aws-glue/jobs/{kind}" for kind in ("output", "error", "logs-v2"))
_CRAWLERS = "/aws-glue/crawlers"
_LEVELS = (
    ("bad", re.compile(r"\b(ERROR|CRITICAL|FATAL)\b|Traceback|Task timed out|\b\w+(Error|Exception)\b")),
    ("warn", re.compile(r"\bWARN(ING)?\b")),
    ("idle", re.compile(r"^(INIT_START|START|END|REPORT) |\bDEBUG\b")),
)
_WORDS = {"bad": "log.error", "warn": "log.warning", "idle": "log.platform", "note": "log.info"}


@dataclass(frozen=True)
class Asked:
    """What to look for; with nothing named, everything of Lambda and Glue. `pattern` is a filter pattern of CloudWatch Logs."""

    function: str | None = None
    job: str | None = None
    run: str | None = None
    crawler: str | None = None
    pattern: str = ""
    minutes: float | None = None
    most: int = 100

    @property
    def where(self) -> str:
        named = (
            ("log.of_function", self.function),
            ("log.of_job", self.job),
            ("log.of_run", self.run),
            ("log.of_crawler", self.crawler),
        )
        return ", ".join(text(key, name=value) for key, value in named if value) or "Lambda, Glue"


@dataclass(frozen=True, repr=False)
class LogView(Shown):
    """What `lab.logs` gives back, oldest line first; `hidden` counts Spark's own lines that were left out."""

    asked: Asked
    lines: tuple[LogLine, ...]
    hidden: int

    @property
    def text(self) -> str:
        """The messages, one after the other."""
        return "\n".join(one.message for one in self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def view(self) -> Node:
        chip = Chip(text("log.count", count=len(self.lines)), "note")
        rows = tuple(
            (Quiet(format_time(from_ms(one.at_ms))), Quiet(label(one)), _level(one), one.message) for one in self.lines
        )
        heads = (text("log.time"), text("log.source"), text("log.level"), text("log.message"))
        title = text("log.title", where=self.asked.where)
        inside: list[Node] = [Table(title, heads, rows)] if rows else [line(text("log.nothing"))]
        if self.hidden:
            inside.append(line(Quiet(text("log.hidden", count=self.hidden))))
        return Card(title, tuple(inside), chip)


def read_logs(clients: Clients, asked: Asked) -> LogView:
    """The newest lines. UsageError for a job that does not exist, AwsCallError for a filter pattern that is none."""
    with aws_errors("logs.filter_log_events"):
        groups, prefixes = _find_places(clients, asked)
        since_ms = 1_704_067_200_000 if asked.minutes is None else int((time.time() - asked.minutes * 60) * 1000)
        wanted = Wanted(since_ms, _is_ours, groups, prefixes, asked.pattern)
        found = GroupsTail(clients.logs, wanted).newest(_READ)
    kept, hidden = _leave_noise(found)
    return LogView(asked, tuple(kept[-asked.most :]), hidden)


def _is_ours(group: str) -> bool:
    return service_of_group(group) != "other"


def _find_places(clients: Clients, asked: Asked) -> tuple[tuple[str, ...], Any]:
    """Groups, and the beginnings of their streams' names."""
    if asked.function:
        return (f"/aws/lambda/{asked.function.rpartition(':')[2]}",), None
    if asked.run:
        run = asked.run
        return _GLUE_GROUPS, lambda: [run]
    if asked.job:
        if find_job(clients.glue, asked.job) is None:
            raise build_lesson(UsageError, "error.log_job", job=asked.job)
        runs, _more = list_newest_runs(clients.glue, asked.job, _MOST_RUNS)
        # A job that never ran has no lines; no prefix at all would give those of every job.
        return _GLUE_GROUPS if runs else (), (lambda: [run.id for run in runs])
    if asked.crawler:
        name = asked.crawler
        return (_CRAWLERS,), lambda: [name]
    return (), None


def _leave_noise(found: Sequence[LogLine]) -> tuple[list[LogLine], int]:
    useful: dict[tuple[str, str], UsefulLines] = {}
    kept = []
    for one in found:
        if one.stream.endswith(PROGRESS_STREAM):
            continue
        if one.group.endswith("/error"):
            sieve = useful.setdefault((one.group, one.stream), UsefulLines())
            if not sieve.take(one.message.split("\n")):
                continue
        kept.append(one)
    return kept, sum(sieve.hidden for sieve in useful.values())


def _level(one: LogLine) -> Chip:
    tone = next((tone for tone, pattern in _LEVELS if pattern.search(one.message)), None)
    # Of a traceback in a job's error stream only some lines say so themselves.
    tone = tone or ("bad" if one.group.endswith("/error") else "note")
    return Chip(text(_WORDS[tone]), tone)
