"""The trail's SQLite file: API events and the engines' notes, in one order."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.cloud.trail.record import TrailEvent

_SCHEMA = """
CREATE TABLE IF NOT EXISTS happened (
    position INTEGER PRIMARY KEY AUTOINCREMENT, at REAL, kind TEXT, region TEXT, is_read INTEGER, error TEXT, event_id TEXT,
    source TEXT, name TEXT, user_name TEXT, access_key TEXT, resources TEXT, record TEXT);
CREATE INDEX IF NOT EXISTS by_time ON happened (region, at);
"""
_INSERT = (
    "INSERT INTO happened (at, kind, region, is_read, error, event_id, source, name, user_name, access_key, resources, record) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
MANAGEMENT, DATA, NOTE = "management", "data", "note"
KEPT_S = 90 * 86_400
KEPT_EVENTS = 100_000
_TRIM_EVERY = 1_000


@dataclass(frozen=True)
class Note:
    """What an engine tells: `kind` names the sort (`invocation`), `facts` are short texts and numbers."""

    at: float
    kind: str
    account: str
    region: str
    resource: str
    outcome: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    """A row: `position` grows with time of storing; `record` is CloudTrail's record, or a note's facts."""

    position: int
    at: float
    kind: str
    region: str
    is_read: bool
    error: str
    event_id: str
    source: str
    name: str
    user_name: str
    access_key: str
    resources: tuple[tuple[str, str], ...]
    record: str


class TrailStorage:
    """One connection, shared under a lock; the oldest rows go when there are too many or they are too old."""

    def __init__(self, path: Path, kept_events: int = KEPT_EVENTS) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(_SCHEMA)
        self._kept_events = kept_events
        self._since_trim = _TRIM_EVERY

    def append(self, rows: Sequence[TrailEvent | Note], now: float) -> None:
        """Store rows in their order, in one transaction."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                self._connection.executemany(_INSERT, [_values(row) for row in rows])
                self._since_trim += len(rows)
                if self._since_trim >= _TRIM_EVERY:
                    self._trim(now)
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def _trim(self, now: float) -> None:
        self._since_trim = 0
        (last,) = self._connection.execute("SELECT max(position) FROM happened").fetchone()
        self._connection.execute(
            "DELETE FROM happened WHERE position <= ? OR position IN (SELECT position FROM happened WHERE at < ?)",
            ((last or 0) - self._kept_events, now - KEPT_S),
        )

    def select(self, where: str, values: Sequence[Any], limit: int) -> list[Stored]:
        """Rows of a condition with its order (`… ORDER BY …`), at most `limit`."""
        sql = (
            "SELECT position, at, kind, region, is_read, error, event_id, source, name, user_name, access_key, resources, record "  # noqa: S608 - `where` is this package's own
            f"FROM happened WHERE {where} LIMIT ?"
        )
        with self._lock:
            rows = self._connection.execute(sql, (*values, limit)).fetchall()
        return [_stored(row) for row in rows]

    def last_position(self) -> int:
        """The position of the newest row (0 when there is none)."""
        with self._lock:
            return int(self._connection.execute("SELECT max(position) FROM happened").fetchone()[0] or 0)

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()


def _values(row: TrailEvent | Note) -> tuple[Any, ...]:
    if isinstance(row, Note):
        facts = json.dumps(row.facts, ensure_ascii=False, default=str)
        return row.at, NOTE, row.region, 0, row.outcome, "", row.kind, row.resource, row.account, "", "", facts
    kind = MANAGEMENT if row.is_management else DATA
    resources = "".join(f"{kind}\t{name}\n" for kind, name in row.resources)
    record = json.dumps(row.record, ensure_ascii=False, separators=(",", ":"))
    return (
        row.at, kind, row.region, int(row.is_read), row.error, row.event_id, row.source, row.name, row.user_name,
        row.access_key, resources, record,
    )  # fmt: skip


def _stored(row: tuple[Any, ...]) -> Stored:
    position, at, kind, region, reads, error, event_id, source, name, user, key, resources, record = row
    pairs = _pairs(resources)
    return Stored(position, at, kind, region, bool(reads), error, event_id, source, name, user, key, pairs, record)


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (line.partition("\t") for line in text.split("\n") if line)
    return tuple((kind, name) for kind, _, name in pairs)
