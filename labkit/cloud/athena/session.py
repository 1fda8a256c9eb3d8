"""A DuckDB of one query: its own instance, locked to the files of that query."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.functions.refusing import REFUSED
from labkit.cloud.athena.macros import MACROS
from labkit.cloud.athena.python_functions import register
from labkit.cloud.athena.temporal.session import beneath_macros

if TYPE_CHECKING:
    import duckdb

# Queries that run at a time; the rest wait in state QUEUED. Each DuckDB already uses all cores.
AT_A_TIME = 4
# A query that spills more than this part of the free disk fails.
_SPILL_SHARE = 0.5
_OPEN = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET TimeZone = 'UTC'",
    "SET max_expression_depth = 2000",  # a sum of a thousand terms; 2,500 still fit into a thread's 8 MB of stack
)


def open_session() -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the macros, not locked yet (about 20 ms)."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "python_enable_replacements": "false",
        "memory_limit": f"{_memory_bytes()}B",
    }
    connection = duckdb.connect(":memory:", config=config)
    register(connection, [REFUSED, *beneath_macros()])
    for statement in (*_OPEN, *MACROS):
        connection.execute(statement)
    return connection


def lock(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], scratch: Path) -> None:
    """From here on the instance sees these files and its scratch folder, and no setting can change."""
    spill_bytes = int(shutil.disk_usage(scratch).free * _SPILL_SHARE)
    connection.execute(f"SET temp_directory = {text(str(scratch / 'spill'))}")
    connection.execute(f"SET max_temp_directory_size = '{spill_bytes}B'")
    connection.execute(f"SET allowed_directories = [{text(str(scratch))}]")
    connection.execute(f"SET allowed_paths = [{', '.join(text(str(path)) for path in files)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


@functools.lru_cache(maxsize=1)
def _memory_bytes() -> int:
    """What one query may hold in memory: an equal share of four fifths of the machine's. What needs more goes to disk, or fails."""
    import psutil

    return int(psutil.virtual_memory().total * 0.8 / AT_A_TIME)


# Sessions kept ready, so that a few queries in a row each find one.
_SPARES = 4


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
