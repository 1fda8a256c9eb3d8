"""SELECT and what stands on it: translate, scan, lock DuckDB, run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labkit.cloud.athena import older_duckdb
from labkit.cloud.athena.catalogue import CatalogTables
from labkit.cloud.athena.dialect.decimals import DECIMAL_OVERFLOW
from labkit.cloud.athena.dialect.grammar.depth import with_room
from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.moment_texts import fetchable
from labkit.cloud.athena.dialect.parse import parse_query
from labkit.cloud.athena.dialect.query import Query, translate_query
from labkit.cloud.athena.dialect.scope import Context, Scope, use
from labkit.cloud.athena.dialect.with_queries import with_shared
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.failures import as_failure
from labkit.cloud.athena.python_functions import register
from labkit.cloud.athena.rendering import Render, renderer
from labkit.cloud.athena.result_text import text_sql
from labkit.cloud.athena.results import header_line, write_csv
from labkit.cloud.athena.scan import Reading, make_view
from labkit.cloud.athena.session import lock
from labkit.cloud.athena.types import Type
from labkit.cloud.athena.work import Outcome, Work

_BATCH = 5000
_TOO_LARGE = "statement is too large (stack overflow during analysis)"
_CHUNK = 4 * 1024 * 1024
# Every value in quotes, a quote doubled, NULL as nothing at all: as Athena writes it.
_CSV = """FORMAT csv, HEADER false, FORCE_QUOTE *, QUOTE '"', ESCAPE '"', DELIMITER ',', NULLSTR ''"""


class OverLimit(QueryFailure):
    """The workgroup's BytesScannedCutoffPerQuery; nothing of the data was read."""

    def __init__(self) -> None:
        super().__init__("", "Query cancelled! : Bytes scanned limit was exceeded")


@dataclass(frozen=True)
class Planned:
    """A query ready to run in a locked session: DuckDB text, result columns, bytes its scans read.

    ``columns`` have their names in lower case, as the catalog keeps them; ``labels`` as the query wrote them, as a result shows them.
    """

    sql: str
    columns: list[tuple[str, Type]]
    scanned_bytes: int
    context: Context
    labels: tuple[str, ...] = ()


def _translated(work: Work, sql: str, narrow: bool) -> tuple[Context, Query]:
    ctx = Context(sql, work.database, CatalogTables(work.catalog), work.now, narrow=narrow)
    query = translate_query(ctx, Scope(), parse_query(sql))
    return ctx, replace(query, sql=with_shared(ctx, query.sql))


def plan(work: Work, sql: str, narrow: bool = False) -> Planned:
    """Translate ``sql``, make its views, lock the session. No file but those of the scans can be read after this.

    A ``narrow`` plan multiplies DECIMALs in 64 bits; it may fail with ``Decimal overflow`` where a wide one does not.
    """
    import duckdb

    ctx, query = with_room(lambda: _translated(work, sql, narrow), lambda: QueryFailure("STACK_OVERFLOW", _TOO_LARGE))
    for column in query.columns:
        use(column.source)
    reading = Reading(work.store, work.catalog, work.connection, work.footers, work.scratch, work.now)
    try:
        register(work.connection, list(ctx.functions.values()))
        for scan in ctx.scans:
            make_view(reading, scan)
        for setting in older_duckdb.settings(query.sql):
            work.connection.execute(setting)
        lock(work.connection, reading.paths, work.scratch)
    except duckdb.Error as failure:
        raise as_failure(failure) from None
    if work.limit_bytes is not None and reading.scanned_bytes > work.limit_bytes:
        raise OverLimit
    work.planned(reading.scanned_bytes)
    columns = [(one.name, one.typed.type) for one in query.columns]
    return Planned(query.sql, columns, reading.scanned_bytes, ctx, tuple(one.shown for one in query.columns))


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
        if work.stopped():
            raise duckdb.InterruptException
        yield rows


def rendered(rows: Iterator[list[tuple[Any, ...]]], shows: list[Render]) -> Iterator[list[str | None]]:
    """Rows as Athena's texts."""
    for batch in rows:
        for row in batch:
            yield [None if value is None else show(value) for show, value in zip(shows, row, strict=True)]


def run_select(work: Work) -> Outcome:
    """A query whose rows become the result CSV."""
    planned = plan(work, work.sql, narrow=True)
    try:
        return _selected(work, planned)
    except QueryFailure as failure:
        if not (planned.context.narrowed and failure.text == DECIMAL_OVERFLOW):
            raise
    return _selected(work, _widened(work, planned))


def _widened(work: Work, narrow: Planned) -> Planned:
    """The same query over the same views, with its products in 128 bits."""
    ctx = Context(work.sql, work.database, CatalogTables(work.catalog), work.now)
    query = translate_query(ctx, Scope(), parse_query(work.sql))
    register(work.connection, [one for name, one in ctx.functions.items() if name not in narrow.context.functions])
    return Planned(with_shared(ctx, query.sql), narrow.columns, narrow.scanned_bytes, ctx, narrow.labels)


def _selected(work: Work, planned: Planned) -> Outcome:
    path = work.scratch / "result.csv"
    names = list(planned.labels)
    texts = [text_sql(kind, f"r.c{index}") for index, (_, kind) in enumerate(planned.columns)]
    kinds = [kind for _, kind in planned.columns]
    shown = ", ".join(text or fetchable(f"r.c{index}", kinds[index]) for index, text in enumerate(texts))
    sql = f"SELECT {shown} FROM ({planned.sql}) AS r"
    if all(texts):
        count = _copy(work, sql, path, header_line(names))
    else:
        shows = [str if text else renderer(kind) for text, kind in zip(texts, kinds, strict=True)]
        count = write_csv(path, names, rendered(batches(work, sql), shows))
    return Outcome(list(zip(names, kinds, strict=True)), csv=path, rows=count, scanned_bytes=planned.scanned_bytes)


def _copy(work: Work, sql: str, path: Path, header: str) -> int:
    """DuckDB writes the rows, a header is put before them; the number of rows."""
    body = path.with_suffix(".rows")
    counted = execute(work, f"COPY ({sql}) TO {text(str(body))} ({_CSV})").fetchone()
    with path.open("wb") as out:
        out.write(header.encode())
        if body.exists():
            with body.open("rb") as rows:
                shutil.copyfileobj(rows, out, _CHUNK)
            body.unlink()
    return int(counted[0])
