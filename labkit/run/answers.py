"""From Parquet to numbers: crawl what the job wrote, then ask Athena."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.aws.athena import QueryResult, run_query
from labkit.aws.data_catalog import TableState, find_table
from labkit.aws.session import Clients
from labkit.errors import PipelineError
from labkit.i18n import build_lesson
from labkit.names import Names
from labkit.results import Month, Rejected
from labkit.run.columns import Columns


@dataclass(frozen=True)
class Answers:
    """What the queries said, and the queries themselves (for their bytes)."""

    months: tuple[Month, ...]
    rejected: tuple[Rejected, ...]
    queries: tuple[QueryResult, ...]


def build_monthly_sql(table: TableState, columns: Columns) -> str:
    """One row per month: year, month, rows, units, amount.

    `"año"` is quoted because Athena takes only ASCII letters without quotes; partition keys are text, so they are cast to sort.
    """
    source = f'"{table.database}"."{table.name}"'
    quantity = f'"{columns.quantity}"'
    has_price = columns.price in {name for name, _type in table.columns}
    amount = f'sum({quantity} * try_cast("{columns.price}" AS double))' if has_price else "CAST(NULL AS double)"
    return (
        'SELECT CAST("año" AS integer) AS "año", CAST(mes AS integer) AS mes, count(*) AS filas,\n'
        f"       sum({quantity}) AS unidades, {amount} AS importe\n"
        f"FROM {source}\nGROUP BY 1, 2\nORDER BY 1, 2"
    )


def build_rejected_sql(table: TableState) -> str:
    """One row per reason: reason, rows."""
    source = f'"{table.database}"."{table.name}"'
    return f"SELECT motivo, count(*) AS filas FROM {source} GROUP BY motivo ORDER BY filas DESC, motivo"  # noqa: S608


def ask(clients: Clients, names: Names, columns: Columns) -> Answers:
    """Ask for the months and, if any row was put aside, for the reasons.

    Errors: PipelineError if the crawl made neither table, so that there is nothing to ask.
    """
    kept = find_table(clients.glue, names.database, names.processed)
    aside = find_table(clients.glue, names.database, names.rejected)
    if kept is None and aside is None:
        table = f"{names.database}.{names.processed}"
        raise build_lesson(PipelineError, "error.no_table", table=table, folder=names.processed_uri)
    monthly = _query(clients, names, build_monthly_sql(kept, columns)) if kept is not None else None
    reasons = _query(clients, names, build_rejected_sql(aside)) if aside is not None else None
    return Answers(
        tuple(_build_month(row) for row in monthly.rows) if monthly else (),
        tuple(Rejected(reason or "?", int(rows or 0)) for reason, rows in reasons.rows) if reasons else (),
        tuple(query for query in (monthly, reasons) if query is not None),
    )


def _query(clients: Clients, names: Names, sql: str) -> QueryResult:
    return run_query(clients.athena, sql, names.database, f"s3://{names.results_bucket}/labkit/", names.workgroup)


def _build_month(row: tuple[str | None, ...]) -> Month:
    year, month, rows, units, amount = row
    return Month(
        int(year or 0), int(month or 0), int(rows or 0), float(units or 0), None if amount is None else float(amount)
    )
