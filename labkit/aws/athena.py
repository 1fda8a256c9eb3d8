"""Athena: run one query and read its rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.errors import PipelineError
from labkit.i18n import build_lesson

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient

QUERY_PATIENCE_S = 300.0


@dataclass(frozen=True)
class QueryResult:
    """The answer of a query: `rows` are tuples of text as Athena sends them (None for NULL), one per result row."""

    id: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    scanned_bytes: int
    output: str


def run_query(
    client: AthenaClient,
    sql: str,
    database: str,
    output: str,
    workgroup: str,
    *,
    patience_s: float = QUERY_PATIENCE_S,
    poll_s: float = 0.05,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> QueryResult:
    """Run one SELECT, writing its CSV under `output` (an s3:// folder), and return all its rows.

    Errors: PipelineError with Athena's reason if it fails, or after `patience_s`.
    """
    query_id = client.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": output},
        WorkGroup=workgroup,
    )["QueryExecutionId"]
    deadline = clock() + patience_s
    while True:
        execution = client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        status = execution["Status"]
        if status["State"] == "SUCCEEDED":
            break
        if status["State"] in ("FAILED", "CANCELLED"):
            reason = status.get("StateChangeReason", status["State"])
            raise build_lesson(PipelineError, "error.query_failed", reason=reason, sql=sql)
        if clock() > deadline:
            raise build_lesson(PipelineError, "error.query_slow", seconds=int(patience_s), sql=sql)
        sleep(poll_s)
    columns, rows = _read_rows(client, query_id)
    scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
    return QueryResult(
        query_id, sql, columns, rows, scanned, execution["ResultConfiguration"].get("OutputLocation", "")
    )


def _read_rows(client: AthenaClient, query_id: str) -> tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]:
    columns: tuple[str, ...] = ()
    rows: list[tuple[str | None, ...]] = []
    for page in client.get_paginator("get_query_results").paginate(QueryExecutionId=query_id):
        if not columns:
            columns = tuple(item["Name"] for item in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"])
        rows += [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in page["ResultSet"]["Rows"]]
    return columns, tuple(rows[1:])  # the first row of a SELECT repeats the column names
