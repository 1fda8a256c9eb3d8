"""New lines of the server's log and of CloudWatch Logs, each read once."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.aws.logs import LogLine, list_groups, list_lines
from labkit.aws.session import Clients, aws_errors

if TYPE_CHECKING:
    from labkit.settings import Target


class LogTail:
    """Remembers what it has given: each `read` returns only what is new, CloudWatch lines in order of time."""

    def __init__(self, server_log: Path, target: Target | None, group: str | None) -> None:
        self._server_log = server_log
        self._clients = Clients(target) if target is not None else None
        self._group = group
        self._offset = 0
        self._since_ms = 0
        self._given: set[tuple[str, str]] = set()

    def read(self) -> list[str]:
        server = [] if self._group else self._read_server()
        return server + [_format(line) for line in self._read_cloudwatch()]

    def _read_server(self) -> list[str]:
        if not self._server_log.is_file():
            return []
        with self._server_log.open(encoding="utf-8", errors="replace") as file:
            file.seek(self._offset)
            lines = file.read().splitlines()
            self._offset = file.tell()
        return lines

    def _read_cloudwatch(self) -> list[LogLine]:
        if self._clients is None:
            return []
        with aws_errors("logs.filter_log_events"):
            groups = [self._group] if self._group else list_groups(self._clients.logs)
            lines = [line for group in groups for line in list_lines(self._clients.logs, group, self._since_ms)]
        fresh = [line for line in lines if _identity(line) not in self._given]
        self._given.update(map(_identity, fresh))
        # Lines of a run may arrive a little late: look back ten seconds, and let `_given` drop the repeats.
        self._since_ms = max([self._since_ms, *(line.at_ms - 10_000 for line in fresh)])
        return sorted(fresh, key=lambda line: line.at_ms)


def _identity(line: LogLine) -> tuple[str, str]:
    return line.group, line.id


def _format(line: LogLine) -> str:
    at = datetime.fromtimestamp(line.at_ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return f"{at}Z {line.group} {line.message}"
