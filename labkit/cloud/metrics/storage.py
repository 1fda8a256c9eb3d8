"""Where data points are kept: a buffer of the last second in memory, everything else in a SQLite file.

Memory does not grow with what is recorded: the buffer is written out every second, and at once when it holds 20,000 aggregates.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from labkit.cloud.call import Scope
from labkit.cloud.database import Database
from labkit.cloud.metrics.aggregate import Aggregate, read_aggregate

log = logging.getLogger(__name__)
SCHEMA = """
CREATE TABLE IF NOT EXISTS metrics (
    id INTEGER PRIMARY KEY, account TEXT, region TEXT, namespace TEXT, name TEXT, dimensions TEXT, last INTEGER,
    UNIQUE (account, region, namespace, name, dimensions));
CREATE TABLE IF NOT EXISTS datapoints (
    metric INTEGER, time INTEGER, resolution INTEGER, unit TEXT,
    count REAL, total REAL, minimum REAL, maximum REAL, distribution TEXT,
    PRIMARY KEY (metric, time, resolution, unit)) WITHOUT ROWID;
"""
_FLUSH_EVERY_S = 1.0
_MOST_PENDING = 20_000
_MOST_KNOWN = 10_000
_PRUNE_EVERY_S = 600.0
# How long data of a resolution (seconds) is kept, and what it becomes then (docs.aws.amazon.com/AmazonCloudWatch, "Metrics retention").
_RETENTION = ((1, 3 * 3600, 60), (60, 15 * 86400, 300), (300, 63 * 86400, 3600), (3600, 455 * 86400, 0))
Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Metric:
    """The identity of a metric; dimensions are pairs of name and value, sorted."""

    namespace: str
    name: str
    dimensions: Dimensions = ()


@dataclass(frozen=True)
class Row:
    """One stored aggregate: when it begins (epoch seconds), how many seconds it stands for, its unit."""

    time: int
    resolution: int
    unit: str
    aggregate: Aggregate


# Metrics that share all but their name and unit, in one period: scope, namespace, dimensions, begin, seconds.
_Group = tuple[Scope, str, Dimensions, int, int]
_MetricKey = tuple[Scope, str, str, Dimensions]


class MetricStorage:
    """Data points of all accounts and regions; thread-safe."""

    def __init__(self, database: Database, most_pending: int = _MOST_PENDING) -> None:
        self._database = database
        self._most_pending = most_pending
        self._pending: dict[_Group, dict[tuple[str, str], Aggregate]] = {}
        self._pending_count = 0
        self._lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._ids: dict[_MetricKey, int] = {}

    def start(self) -> None:
        """Begin to write out what is recorded."""
        self._thread.start()

    def stop(self) -> None:
        """Write the rest and close the file."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        try:
            self.flush()
            self._database.close()
        except Exception:  # the state folder may be gone
            log.exception("metrics could not be written")

    def add(self, scope: Scope, metric: Metric, unit: str, moment: int, resolution: int, values: Aggregate) -> None:
        """Add an aggregate to the second or minute in which `moment` (epoch seconds) lies."""
        group = (scope, metric.namespace, metric.dimensions, moment - moment % resolution, resolution)
        with self._lock:
            self._of(self._pending.setdefault(group, {}), metric.name, unit).merge(values)
        self._relieve()

    def count(
        self, scope: Scope, namespace: str, dimensions: Dimensions, told: Iterable[tuple[str, float, str]], minute: int
    ) -> None:
        """Add single values (name, value, unit) of metrics with the same dimensions to a minute; a few microseconds each."""
        group = (scope, namespace, dimensions, minute, 60)
        with self._lock:
            found = self._pending.get(group)
            if found is None:
                found = self._pending[group] = {}
            for name, value, unit in told:
                aggregate = found.get((name, unit))
                if aggregate is None:
                    aggregate = self._of(found, name, unit)
                aggregate.add(value)
        self._relieve()

    def flush(self) -> None:
        """Write out what was recorded until now."""
        with self._write_lock:
            with self._lock:
                pending, self._pending, self._pending_count = self._pending, {}, 0
            if pending:
                self._write(pending)

    def metrics(self, scope: Scope, namespace: str | None = None, name: str | None = None) -> list[tuple[Metric, int]]:
        """Metrics and the time of their last data point, by namespace, name and dimensions."""
        self.flush()
        sql, values = "SELECT namespace, name, dimensions, last FROM metrics WHERE account = ? AND region = ?", [
            scope.account, scope.region,
        ]  # fmt: skip
        for column, wanted in (("namespace", namespace), ("name", name)):
            if wanted is not None:
                sql += f" AND {column} = ?"
                values.append(wanted)
        rows = self._database.read(sql + " ORDER BY namespace, name, dimensions", tuple(values))
        return [(Metric(space, title, _dimensions(text)), last) for space, title, text, last in rows]

    def rows(
        self, scope: Scope, metric: Metric, start: int, end: int, unit: str | None = None, *, values: bool = True
    ) -> list[Row]:
        """What was stored of a metric from `start` up to before `end` (epoch seconds), oldest first; distributions with `values`."""
        self.flush()
        sql = (
            "SELECT d.time, d.resolution, d.unit, d.count, d.total, d.minimum, d.maximum, d.distribution "
            "FROM datapoints d JOIN metrics m ON m.id = d.metric WHERE m.account = ? AND m.region = ? AND m.namespace = ? "
            "AND m.name = ? AND m.dimensions = ? AND d.time >= ? AND d.time < ?"
        )
        text = json.dumps(metric.dimensions)
        bound: list[object] = [scope.account, scope.region, metric.namespace, metric.name, text, start, end]
        if unit is not None:
            sql += " AND d.unit = ?"
            bound.append(unit)
        found = self._database.read(sql + " ORDER BY d.time", tuple(bound))
        if not values:
            return [Row(row[0], row[1], row[2], Aggregate(row[3], row[4], row[5], row[6], None)) for row in found]
        return [Row(row[0], row[1], row[2], read_aggregate(*row[3:])) for row in found]

    def prune(self, now: int) -> None:
        """Roll old data up to coarser resolutions, as AWS does, and forget what is older than 15 months."""
        self.flush()
        with self._write_lock:
            for resolution, kept_s, coarser in _RETENTION:
                self._roll_up(resolution, now - kept_s, coarser)
            self._database.write(
                [
                    (
                        "DELETE FROM metrics WHERE last < ? AND id NOT IN (SELECT metric FROM datapoints)",
                        (now - 14 * 86400,),
                    )
                ]
            )
            self._ids.clear()

    def _of(self, found: dict[tuple[str, str], Aggregate], name: str, unit: str) -> Aggregate:
        aggregate = found.get((name, unit))
        if aggregate is None:
            aggregate = found[name, unit] = Aggregate()
            self._pending_count += 1
        return aggregate

    def _relieve(self) -> None:
        if self._pending_count > self._most_pending:
            self.flush()

    def _run(self) -> None:
        pruned = 0.0
        while not self._ended.wait(_FLUSH_EVERY_S):
            try:
                self.flush()
                if time.monotonic() - pruned > _PRUNE_EVERY_S or not pruned:
                    pruned = time.monotonic()
                    self.prune(int(time.time()))
            except Exception:
                log.exception("metrics could not be written")

    def _write(self, pending: dict[_Group, dict[tuple[str, str], Aggregate]]) -> None:
        by_row: dict[tuple[int, int, int, str], Aggregate] = {}
        last: dict[int, int] = {}
        self._know_ids({(group[0], group[1], name, group[2]) for group, found in pending.items() for name, _ in found})
        for (scope, namespace, dimensions, moment, resolution), found in pending.items():
            for (name, unit), aggregate in found.items():
                number = self._ids[scope, namespace, name, dimensions]
                by_row[(number, moment, resolution, unit)] = aggregate
                last[number] = max(moment, last.get(number, 0))
        statements = [("UPDATE metrics SET last = max(last, ?) WHERE id = ?", (when, n)) for n, when in last.items()]
        self._database.write([*statements, *self._merged(by_row)])

    def _merged(self, by_row: dict[tuple[int, int, int, str], Aggregate]) -> list[tuple[str, tuple[object, ...]]]:
        """Statements that add aggregates to what the file holds of their moments."""
        statements: list[tuple[str, tuple[object, ...]]] = []
        for row, aggregate in by_row.items():
            stored = self._database.read(
                "SELECT count, total, minimum, maximum, distribution FROM datapoints "
                "WHERE metric = ? AND time = ? AND resolution = ? AND unit = ?",
                row,
            )
            whole = read_aggregate(*stored[0]) if stored else Aggregate()
            whole.merge(aggregate)
            parts = (whole.count, whole.total, whole.minimum, whole.maximum, whole.distribution())
            statements.append(("INSERT OR REPLACE INTO datapoints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, *parts)))
        return statements

    def _roll_up(self, resolution: int, before: int, coarser: int) -> None:
        # By whole coarser periods, so that one is never half here and half there.
        limit = before - before % (coarser or resolution)
        columns = "metric, time, unit, count, total, minimum, maximum, distribution"
        where = "resolution = ? AND time < ?"
        rows = self._database.read(f"SELECT {columns} FROM datapoints WHERE {where}", (resolution, limit))  # noqa: S608
        by_row: dict[tuple[int, int, int, str], Aggregate] = {}
        for number, moment, unit, *parts in rows if coarser else ():
            key = (number, moment - moment % coarser, coarser, unit)
            by_row.setdefault(key, Aggregate()).merge(read_aggregate(*parts))
        self._database.write(
            [*self._merged(by_row), (f"DELETE FROM datapoints WHERE {where}", (resolution, limit))]  # noqa: S608
        )

    def _know_ids(self, keys: set[_MetricKey]) -> None:
        """Have the numbers of metrics at hand, and those of others as long as they are not too many."""
        if len(self._ids) > _MOST_KNOWN:
            self._ids.clear()
        unknown = {
            key: (key[0].account, key[0].region, key[1], key[2], json.dumps(key[3])) for key in keys - self._ids.keys()
        }
        insert = "INSERT OR IGNORE INTO metrics (account, region, namespace, name, dimensions, last) VALUES (?, ?, ?, ?, ?, 0)"
        self._database.write([(insert, values) for values in unknown.values()])
        sql = (
            "SELECT id FROM metrics WHERE account = ? AND region = ? AND namespace = ? AND name = ? AND dimensions = ?"
        )
        for key, values in unknown.items():
            self._ids[key] = int(self._database.read(sql, values)[0][0])


def _dimensions(text: str) -> Dimensions:
    return tuple((name, value) for name, value in json.loads(text))
