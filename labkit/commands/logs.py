"""`labkit logs`: the lab's lines in CloudWatch Logs, in order of time, and the local cloud's own log."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from labkit.commands.cloud import find_state_dir, not_running
from labkit.commands.pause import pause
from labkit.errors import UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings, with_endpoint

if TYPE_CHECKING:
    from pathlib import Path

    from labkit.aws.log_tail import Wanted
    from labkit.aws.logs import LogLine
    from labkit.aws.session import Clients

SERVICES = ("lambda", "glue", "crawler", "athena", "server")
DEFAULT_LIMIT = 100
# How far back a look without --since goes; what is named (a run, a group) is shown whole.
_RECENT_S = 600.0
_FOLLOW_LOCAL_S, _FOLLOW_AWS_S = 0.5, 2.0
# On AWS new groups are looked for this often: the call is throttled.
_RELIST_AWS_S = 10.0
_MOST_RUNS = 20
_COLOURS = {"lambda": 36, "glue": 33, "crawler": 35, "other": 34}


def logs(options: argparse.Namespace, settings: Settings) -> int:
    """Print the newest lines, oldest first, and with --follow what comes, until Ctrl-C."""
    wanted_services = _services(options)
    if options.server or wanted_services == {"server"}:
        return _show_server(find_state_dir(options, settings), options)
    if "athena" in wanted_services:
        raise build_lesson(UsageError, "error.logs_athena")
    from labkit.aws.session import Clients, aws_errors

    reached, is_aws = _reach(options, settings), not settings.target.runs_cloud
    clients = Clients(reached.target)
    with aws_errors("logs.filter_log_events"):
        return _show_groups(clients, options, _wanted(clients, options, wanted_services), is_aws=is_aws)


def _reach(options: argparse.Namespace, settings: Settings) -> Settings:
    """The settings with an endpoint that answers; CloudError when the local cloud is down: it is not started for a look."""
    if not settings.target.runs_cloud:
        return settings
    from labkit.cloud import daemon

    state_dir = find_state_dir(options, settings)
    info = daemon.find_running(state_dir)
    if info is None:
        raise not_running(options, state_dir)
    return with_endpoint(settings, info.endpoint_url)


def _services(options: argparse.Namespace) -> set[str]:
    asked = {word.strip().lower() for word in (options.service or "").split(",") if word.strip()}
    unknown = asked - set(SERVICES)
    if unknown:
        raise build_lesson(
            UsageError, "error.logs_service", given=", ".join(sorted(unknown)), known=", ".join(SERVICES)
        )
    return asked


def _wanted(clients: Clients, options: argparse.Namespace, services: set[str]) -> Wanted:
    from labkit.aws.log_tail import Wanted
    from labkit.ui.log_label import service_of_group

    named = bool(options.group or options.run or options.job or options.function)
    groups: list[str] = list(options.group or [])
    if options.function:
        groups += [f"/aws/lambda/{name.rpartition(':')[2]}" for name in options.function]
    prefixes: Callable[[], Sequence[str]] | None = None
    if options.job or options.run:
        groups += [f"/aws-glue/jobs/{kind}" for kind in ("output", "error", "logs-v2")]
        prefixes = _runs(clients, options.job, options.run)
    recent = _RECENT_S if options.since is None and not named else options.since
    since_ms = int((time.time() - recent) * 1000) if recent is not None else 1_704_067_200_000
    takes: Callable[[str], bool] = lambda group: not services or service_of_group(group) in services  # noqa: E731
    return Wanted(since_ms, takes, tuple(groups), prefixes, options.filter or "")


def _runs(clients: Clients, job: str | None, run: str | None) -> Callable[[], Sequence[str]]:
    """The run that was named, or the latest of a job, whenever asked; UsageError when there is no such job."""
    from labkit.aws.glue_jobs import find_job, list_runs

    if run is not None or job is None:
        return lambda: [run or ""]
    if find_job(clients.glue, job) is None:
        raise build_lesson(UsageError, "error.logs_no_job", job=job)
    return lambda: [one.id for one in list_runs(clients.glue, job)[:_MOST_RUNS]]


def _show_groups(clients: Clients, options: argparse.Namespace, wanted: Wanted, *, is_aws: bool) -> int:
    from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

    from labkit.aws.log_tail import GroupsTail

    is_down = False
    tail = GroupsTail(clients.logs, wanted, _RELIST_AWS_S if is_aws else 0.0)
    show = _Screen(options, wanted)
    show(tail.newest(options.limit))
    try:
        while options.follow:
            pause(_FOLLOW_AWS_S if is_aws else _FOLLOW_LOCAL_S)
            try:
                show(tail.read())
            except (EndpointConnectionError, ConnectionClosedError):
                if is_aws:
                    raise
                if not is_down:
                    print(text("events.waiting"), file=sys.stderr)
                is_down = True
            else:
                is_down = False
    except KeyboardInterrupt:
        return 0  # that is how one stops following
    show.end(tail.missing)
    return 0


class _Screen:
    """Prints lines; Spark's own ones are left out of what nobody asked for by name."""

    def __init__(self, options: argparse.Namespace, wanted: Wanted) -> None:
        from labkit.ui.glue_log import UsefulLines

        self._json = options.json
        self._hides = not (options.all or options.json or wanted.pattern)
        self._useful: dict[tuple[str, str], UsefulLines] = {}
        self._new = UsefulLines
        self._shown = 0
        self._terminal = sys.stdout.isatty()

    def __call__(self, lines: Iterable[LogLine]) -> None:
        from labkit.ui.log_label import PROGRESS_STREAM

        for line in lines:
            if self._hides and (line.stream.endswith(PROGRESS_STREAM) or self._is_noise(line)):
                continue
            print(self._form(line))
            self._shown += 1
        sys.stdout.flush()

    def end(self, missing: set[str]) -> None:
        """Say how much was left out, or that there was nothing and why, on stderr."""
        hidden = sum(useful.hidden for useful in self._useful.values())
        if hidden:
            print(text("logs.hidden", count=hidden), file=sys.stderr)
        elif not self._shown and not self._json:
            groups = ", ".join(sorted(missing))
            print(text("logs.no_group", groups=groups) if groups else text("logs.nothing"), file=sys.stderr)

    def _is_noise(self, line: LogLine) -> bool:
        if not line.group.endswith("/error"):
            return False
        useful = self._useful.setdefault((line.group, line.stream), self._new())
        return not useful.take(line.message.split("\n"))

    def _form(self, line: LogLine) -> str:
        from labkit.ui.log_label import label, service_of_group, stamp, without_controls

        if self._json:
            shown = {
                "time": stamp(line.at_ms, local=False), "group": line.group, "stream": line.stream, "message": line.message,
            }  # fmt: skip
            return json.dumps(shown, ensure_ascii=False)
        head, name = stamp(line.at_ms, local=self._terminal), label(line)
        message = without_controls(line.message).replace("\n", "\n" + " " * (len(head) + len(name) + 2))
        if self._terminal and "NO_COLOR" not in os.environ:
            name = f"\x1b[{_COLOURS[service_of_group(line.group)]}m{name}\x1b[0m"
        return f"{head} {name} {message}"


def _show_server(state_dir: Path, options: argparse.Namespace) -> int:
    """The local cloud's own log, also when it does not run."""
    from labkit.cloud.info import LOG_FILE
    from labkit.commands.server_log import ServerLog

    log = ServerLog(state_dir / LOG_FILE)
    for line in log.read()[-options.limit :]:
        print(line)
    sys.stdout.flush()
    try:
        while options.follow:
            pause(_FOLLOW_LOCAL_S)
            for line in log.read():
                print(line)
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 0
    return 0
