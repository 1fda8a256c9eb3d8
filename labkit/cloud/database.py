"""The state folder's SQLite file: the journal of S3 objects and the engines' documents."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (bucket TEXT, key TEXT, versions BLOB, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    position INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, account TEXT, region TEXT, name TEXT, body TEXT,
    UNIQUE (kind, account, region, name));
"""


class Database:
    """One connection shared by the server's threads; a statement is durable against a killed process when it returns.

    `synchronous=OFF` leaves the flush to the operating system: a `kill -9` loses nothing, a power cut may lose the last
    seconds, and a commit costs 20 µs instead of a disk flush.
    """

    def __init__(self, path: Path, schema: str = _SCHEMA) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(schema)

    def write(self, statements: Iterable[tuple[str, tuple[Any, ...]]]) -> int:
        """Run the statements in one transaction; returns the number of rows the last one changed."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                changed = 0
                for sql, values in statements:
                    changed = self._connection.execute(sql, values).rowcount
                self._connection.execute("COMMIT")
                return changed
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def read(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()
