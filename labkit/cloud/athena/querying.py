"""SELECT and what stands on it: translate, scan, lock DuckDB, run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.catalogue import CatalogTables
from labkit.cloud.athena.dialect.parse import parse_query
from labkit.cloud.athena.dialect.query import Query, translate_query
from labkit.cloud.athena.dialect.scope import Context, Scope, use
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.failures import as_failure
from labkit.cloud.athena.python_functions import register
from labkit.cloud.athena.rendering import renderer
from labkit.cloud.athena.results import write_csv
from labkit.cloud.athena.scan import Reading, make_view
from labkit.cloud.athena.session import lock
from labkit.cloud.athena.types import Type
from labkit.cloud.athena.work import Outcome, Work

_BATCH = 5000


@dataclass(frozen=True)
class Planned:
    """A query ready to run in a locked session: DuckDB text, result columns, bytes its scans read."""

    sql: str
    columns: list[tuple[str, Type]]
    scanned_bytes: int
    context: Context


def plan(work: Work, sql: str) -> Planned:
    """Translate ``sql``, make its views, lock the session. No file but those of the scans can be read after this."""
    import duckdb

    ctx = Context(sql, work.database, CatalogTables(work.catalog), work.now)
    query: Query = translate_query(ctx, Scope(), parse_query(sql))
    for column in query.columns:
        use(column.source)
    reading = Reading(work.store, work.catalog, work.connection, work.footers, work.scratch)
    try:
        register(work.connection, list(ctx.functions.values()))
        for scan in ctx.scans:
            make_view(reading, scan)
        lock(work.connection, reading.paths, work.scratch)
    except duckdb.Error as failure:
        raise as_failure(failure) from None
    if work.limit_bytes is not None and reading.scanned_bytes > work.limit_bytes:
        raise QueryFailure(
            "", f"Query cancelled! : Bytes scanned limit was exceeded ({reading.scanned_bytes} > {work.limit_bytes})"
        )
    work.planned()
    return Planned(query.sql, [(one.name, one.typed.type) for one in query.columns], reading.scanned_bytes, ctx)


def execute(work: Work, sql: str) -> Any:
    """Run DuckDB text; its errors come out in Trino's words. An interrupt passes through."""
    import duckdb

    try:
        return work.connection.execute(sql)
    except duckdb.InterruptException:
        raise
    except duckdb.Error as failure:
        raise as_failure(failure) from None


def batches(work: Work, sql: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query, a few thousand at a time."""
    import duckdb

    cursor = execute(work, sql)
    while True:
        try:
            rows = cursor.fetchmany(_BATCH)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as failure:
            raise as_failure(failure) from None
        if not rows:
            return
        yield rows


def rendered(rows: Iterator[list[tuple[Any, ...]]], kinds: list[Type]) -> Iterator[list[str | None]]:
    """Rows as Athena's texts."""
    shows = [renderer(kind) for kind in kinds]
    for batch in rows:
        for row in batch:
            yield [None if value is None else show(value) for show, value in zip(shows, row, strict=False)]


def run_select(work: Work) -> Outcome:
    """A query whose rows become the result CSV."""
    planned = plan(work, work.sql)
    path = work.scratch / "result.csv"
    rows = rendered(batches(work, planned.sql), [kind for _, kind in planned.columns])
    count = write_csv(path, [name for name, _ in planned.columns], rows)
    return Outcome(list(planned.columns), csv=path, rows=count, scanned_bytes=planned.scanned_bytes)
