"""A DuckDB of one query: its own instance, locked to the files of that query."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.macros import MACROS

if TYPE_CHECKING:
    import duckdb

_OPEN = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET TimeZone = 'UTC'",
)


def open_session() -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the macros, not locked yet (about 20 ms)."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"python_enable_replacements": "false"})
    for statement in (*_OPEN, *MACROS):
        connection.execute(statement)
    return connection


def lock(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], scratch: Path) -> None:
    """From here on the instance sees these files and its scratch folder, and no setting can change."""
    connection.execute(f"SET temp_directory = {text(str(scratch / 'spill'))}")
    connection.execute(f"SET allowed_directories = [{text(str(scratch))}]")
    connection.execute(f"SET allowed_paths = [{', '.join(text(str(path)) for path in files)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


# Sessions kept ready: two, so that two queries in a row both find one.
_SPARES = 2


class Sessions:
    """Keeps sessions ready, because opening one costs more than a small query."""

    def __init__(self) -> None:
        self._spare: list[duckdb.DuckDBPyConnection] = []
        self._lock = threading.Lock()
        self._closed = False
        self._maker: threading.Thread | None = None

    def prepare(self) -> None:
        """Open sessions until there are enough spares."""
        while True:
            with self._lock:
                if len(self._spare) >= _SPARES or self._closed:
                    return
            made = open_session()
            with self._lock:
                self._spare.append(made)

    def take(self) -> duckdb.DuckDBPyConnection:
        """A fresh session; another is made ready behind it."""
        with self._lock:
            found = self._spare.pop() if self._spare else None
            if not self._closed and (self._maker is None or not self._maker.is_alive()):
                self._maker = threading.Thread(target=self.prepare, name="athena-spare-session")
                self._maker.start()
        return found or open_session()

    def close(self) -> None:
        """Drop the spares, and wait for one that is being made: a thread inside DuckDB does not survive the interpreter's end."""
        with self._lock:
            self._closed = True
            maker = self._maker
        if maker is not None:
            maker.join()
        with self._lock:
            for connection in self._spare:
                connection.close()
            self._spare.clear()
