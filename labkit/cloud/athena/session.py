"""A DuckDB of one query: its own instance, locked to the files of that query."""

from __future__ import annotations

import functools
import re
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.functions.refusing import REFUSED
from labkit.cloud.athena.macros import MACROS
from labkit.cloud.athena.python_functions import PythonFunction, register
from labkit.cloud.athena.temporal import session as temporal

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
    "SET max_expression_depth = 2100",  # a sum of a thousand terms; 2,500 still fit into a thread's 8 MB of stack
)


_CALLED = re.compile(r"\b([a-z_][a-z0-9_]*)\(")
_MACRO = re.compile(r"CREATE MACRO (\w+)\(")


@functools.lru_cache(maxsize=1)
def _definitions() -> dict[str, str | PythonFunction]:
    """What a query's text may call besides DuckDB's own functions, by name."""
    found: dict[str, str | PythonFunction] = {REFUSED.name: REFUSED, **temporal.functions()}
    for statement in MACROS:
        named = _MACRO.match(statement)
        assert named is not None, statement
        found[named[1]] = statement
    return found


class Session:
    """One DuckDB connection. A macro or function is made when a text first calls it: all of them would cost more than a small query."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._made: set[str] = set()

    def execute(self, sql: str, values: Any = None) -> Any:
        """As DuckDB's, with everything that ``sql`` calls in place."""
        self.provide(sql)
        return self._connection.execute(sql) if values is None else self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: Any) -> Any:
        """As DuckDB's, with everything that ``sql`` calls in place."""
        self.provide(sql)
        return self._connection.executemany(sql, rows)

    def sql(self, sql: str) -> Any:
        """As DuckDB's, with everything that ``sql`` calls in place."""
        self.provide(sql)
        return self._connection.sql(sql)

    def provide(self, sql: str) -> None:
        """Make what a text calls, what that calls first."""
        known = _definitions()
        for name in set(_CALLED.findall(sql)) & known.keys():
            if name in self._made:
                continue
            definition = known[name]
            if isinstance(definition, str):
                self._made.add(name)
                self.provide(definition.partition(" AS ")[2])
                self._connection.execute(definition)
            else:
                register(self, [definition])

    def create_function(self, name: str, body: Callable[..., Any], *types: Any, **options: Any) -> None:
        """As DuckDB's; a function of a name that is there already is that function."""
        if name not in self._made:
            self._connection.create_function(name, body, *types, **options)
            self._made.add(name)

    def interrupt(self) -> None:
        """Break off what runs."""
        self._connection.interrupt()

    def close(self) -> None:
        """End the instance."""
        self._connection.close()


def open_session() -> Session:
    """An in-memory DuckDB, not locked yet (about 15 ms)."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "python_enable_replacements": "false",
        "memory_limit": f"{_memory_bytes()}B",
    }
    connection = duckdb.connect(":memory:", config=config)
    for statement in _OPEN:
        connection.execute(statement)
    return Session(connection)


def lock(connection: Session, files: Sequence[Path], scratch: Path) -> None:
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
SPARES = 4


class Sessions:
    """Keeps sessions ready, because opening one costs more than a small query."""

    def __init__(self, spares: int = SPARES) -> None:
        self._spares = spares
        self._spare: list[Session] = []
        self._lock = threading.Lock()
        self._closed = False
        self._maker: threading.Thread | None = None

    def prepare(self) -> None:
        """Open sessions until there are enough spares."""
        while True:
            with self._lock:
                if len(self._spare) >= self._spares or self._closed:
                    return
            made = open_session()
            with self._lock:
                self._spare.append(made)

    def take(self) -> Session:
        """A fresh session; another is made ready behind it."""
        with self._lock:
            found = self._spare.pop() if self._spare else None
            if self._spares and not self._closed and (self._maker is None or not self._maker.is_alive()):
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
