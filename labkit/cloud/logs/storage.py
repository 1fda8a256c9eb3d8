"""Log streams and their events in a SQLite file of their own; the groups themselves are moto's (tags, CloudFormation)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.cloud.call import Scope

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log_groups (id INTEGER PRIMARY KEY, account TEXT, region TEXT, name TEXT, bytes INTEGER,
    UNIQUE (account, region, name));
CREATE TABLE IF NOT EXISTS streams (id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER, name TEXT, created INTEGER, first INTEGER,
    last INTEGER, ingested INTEGER, UNIQUE (grp, name));
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER, stream INTEGER, at INTEGER, ingested INTEGER,
    message TEXT);
CREATE INDEX IF NOT EXISTS by_group ON events (grp, at, id);
CREATE INDEX IF NOT EXISTS by_stream ON events (stream, at, id);
"""
_STREAM = "SELECT id, name, created, first, last, ingested FROM streams WHERE grp = ?"
# CloudWatch counts this for each event besides its message.
EVENT_OVERHEAD_BYTES = 26
_CHUNK = 2_000


@dataclass(frozen=True)
class Stream:
    """A log stream; times are epoch milliseconds, None while it has no event."""

    id: int
    name: str
    created: int
    first: int | None
    last: int | None
    ingested: int | None


@dataclass(frozen=True)
class LogEvent:
    """One event; `at` and `ingested` are epoch milliseconds, `id` grows with time of writing."""

    id: int
    at: int
    ingested: int
    stream: str
    message: str


@dataclass(frozen=True)
class Span:
    """Which events to read: `begin` ≤ at ≤ `end` (epoch ms), those after (or, backward, before) the place (at, id)."""

    begin: int | None = None
    end: int | None = None
    place: tuple[int, int] | None = None
    backward: bool = False


class LogStorage:
    """One connection shared by the server's threads under a lock; what is written is durable against a killed process."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(_SCHEMA)
        self._group_ids: dict[tuple[Scope, str], int] = {}
        # Told of every batch that was written: account and region, group, stream, events.
        self.after_write: Callable[[Scope, str, str, Sequence[tuple[int, str]]], None] = _nobody

    def create_stream(self, scope: Scope, group: str, name: str, now: int) -> bool:
        """Make a stream; False when there is one of that name."""
        with self._lock:
            grp = self._group_id(scope, group)
            sql = "INSERT OR IGNORE INTO streams (grp, name, created) VALUES (?, ?, ?)"
            return self._connection.execute(sql, (grp, name, now)).rowcount > 0

    def find_stream(self, scope: Scope, group: str, name: str) -> Stream | None:
        """The stream, or None."""
        with self._lock:
            row = self._connection.execute(f"{_STREAM} AND name = ?", (self._group_id(scope, group), name)).fetchone()
        return Stream(*row) if row else None

    def list_streams(self, scope: Scope, group: str, prefix: str = "") -> list[Stream]:
        """Streams of a group whose name starts with the prefix, by name."""
        with self._lock:
            rows = self._connection.execute(f"{_STREAM} ORDER BY name", (self._group_id(scope, group),)).fetchall()
        return [Stream(*row) for row in rows if row[1].startswith(prefix)]

    def append(self, scope: Scope, group: str, stream: Stream, events: Sequence[tuple[int, str]], now: int) -> None:
        """Write events (epoch ms, message) to a stream."""
        times = [at for at, _ in events]
        size = sum(len(text.encode("utf-8", "replace")) + EVENT_OVERHEAD_BYTES for _, text in events)
        with self._lock:
            grp = self._group_id(scope, group)
            self._connection.execute("BEGIN")
            try:
                sql = "INSERT INTO events (grp, stream, at, ingested, message) VALUES (?, ?, ?, ?, ?)"
                self._connection.executemany(sql, [(grp, stream.id, at, now, _storable(text)) for at, text in events])
                self._connection.execute(
                    "UPDATE streams SET first = min(coalesce(first, ?), ?), last = max(coalesce(last, ?), ?), ingested = ? WHERE id = ?",
                    (min(times), min(times), max(times), max(times), now, stream.id),
                )
                self._connection.execute("UPDATE log_groups SET bytes = bytes + ? WHERE id = ?", (size, grp))
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
        self.after_write(scope, group, stream.name, events)

    def read_stream(self, stream: Stream, span: Span, limit: int) -> list[LogEvent]:
        """Events of one stream in order of time, whatever the direction of the span."""
        return self._read("e.stream = ?", (stream.id,), span, limit)

    def search(self, scope: Scope, group: str, streams: Sequence[Stream] | None, span: Span) -> Iterator[LogEvent]:
        """Events of a group (or of some of its streams) in the order of the span, read in pieces as they are asked for."""
        place = span.place
        where = "e.grp = ?"
        values: tuple[int, ...] = (self._group_id(scope, group),)
        if streams is not None:
            marks = ",".join("?" * len(streams))
            where, values = f"{where} AND e.stream IN ({marks})", (*values, *(stream.id for stream in streams))
        while True:
            found = self._read(where, values, Span(span.begin, span.end, place, span.backward), _CHUNK)
            yield from reversed(found) if span.backward else found
            if len(found) < _CHUNK:
                return
            edge = found[0] if span.backward else found[-1]
            place = (edge.at, edge.id)

    def _read(self, where: str, values: tuple[Any, ...], span: Span, limit: int) -> list[LogEvent]:
        for condition, value in (("e.at >= ?", span.begin), ("e.at <= ?", span.end)):
            if value is not None:
                where, values = f"{where} AND {condition}", (*values, value)
        if span.place is not None:
            where = f"{where} AND (e.at, e.id) {'<' if span.backward else '>'} (?, ?)"
            values = (*values, *span.place)
        way = "DESC" if span.backward else "ASC"
        sql = (
            "SELECT e.id, e.at, e.ingested, s.name, e.message FROM events e JOIN streams s ON s.id = e.stream "  # noqa: S608 - this file's own words
            f"WHERE {where} ORDER BY e.at {way}, e.id {way} LIMIT ?"
        )
        with self._lock:
            rows = self._connection.execute(sql, (*values, limit)).fetchall()
        found = [LogEvent(*row) for row in rows]
        return found[::-1] if span.backward else found

    def find_event(self, event_id: int) -> tuple[LogEvent, Scope, str] | None:
        """An event by its id, with the scope and the name of its group; or None."""
        sql = (
            "SELECT e.id, e.at, e.ingested, s.name, e.message, g.account, g.region, g.name FROM events e "
            "JOIN streams s ON s.id = e.stream JOIN log_groups g ON g.id = e.grp WHERE e.id = ?"
        )
        with self._lock:
            row = self._connection.execute(sql, (event_id,)).fetchone()
        return (LogEvent(*row[:5]), Scope(row[5], row[6]), row[7]) if row else None

    def stored_bytes(self, scope: Scope, group: str) -> int:
        """What a group holds, as CloudWatch counts it before compression."""
        with self._lock:
            sql = "SELECT bytes FROM log_groups WHERE id = ?"
            return int(self._connection.execute(sql, (self._group_id(scope, group),)).fetchone()[0])

    def delete_stream(self, scope: Scope, group: str, stream: Stream) -> None:
        """Remove a stream and its events."""
        self._delete("stream = ?", (stream.id,), self._group_id(scope, group))
        with self._lock:
            self._connection.execute("DELETE FROM streams WHERE id = ?", (stream.id,))

    def delete_group(self, scope: Scope, group: str) -> None:
        """Remove all streams of a group, their events and what was counted."""
        with self._lock:
            grp = self._group_id(scope, group)
            self._connection.execute("DELETE FROM events WHERE grp = ?", (grp,))
            self._connection.execute("DELETE FROM streams WHERE grp = ?", (grp,))
            self._connection.execute("DELETE FROM log_groups WHERE id = ?", (grp,))
            self._group_ids.pop((scope, group), None)

    def expire(self, scope: Scope, group: str, before: int) -> None:
        """Remove the events of a group that are older than `before` (epoch ms)."""
        grp = self._group_id(scope, group)
        self._delete("grp = ? AND at < ?", (grp, before), grp)

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()

    def _delete(self, where: str, values: tuple[Any, ...], grp: int) -> None:
        with self._lock:
            sql = f"SELECT coalesce(sum(length(CAST(message AS BLOB)) + {EVENT_OVERHEAD_BYTES}), 0) FROM events WHERE {where}"  # noqa: S608
            (size,) = self._connection.execute(sql, values).fetchone()
            self._connection.execute(f"DELETE FROM events WHERE {where}", values)  # noqa: S608
            self._connection.execute("UPDATE log_groups SET bytes = bytes - ? WHERE id = ?", (size, grp))

    def _group_id(self, scope: Scope, name: str) -> int:
        found = self._group_ids.get((scope, name))
        if found is not None:
            return found
        with self._lock:
            where = (scope.account, scope.region, name)
            self._connection.execute(
                "INSERT OR IGNORE INTO log_groups (account, region, name, bytes) VALUES (?, ?, ?, 0)", where
            )
            sql = "SELECT id FROM log_groups WHERE account = ? AND region = ? AND name = ?"
            found = int(self._connection.execute(sql, where).fetchone()[0])
            self._group_ids[(scope, name)] = found
            return found


def _storable(text: str) -> str:
    """A lone surrogate is no UTF-8; a log keeps the rest of the line."""
    return text.encode("utf-8", "replace").decode()


def _nobody(_scope: Scope, _group: str, _stream: str, _events: Sequence[tuple[int, str]]) -> None:
    """Where no engine listens (tests of its parts)."""
