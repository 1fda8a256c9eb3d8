"""Athena statements of any kind: run one, watch it, stop it, read what it gives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient

_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(frozen=True)
class Execution:
    """A statement that has ended: its state, why, and Athena's own figures; ``seconds`` from its submission to its end."""

    id: str
    state: str
    reason: str
    kind: str
    seconds: float
    scanned_bytes: int
    reused: bool
    output: str


@dataclass(frozen=True)
class Answer:
    """What a statement gives: columns as (name, Athena type), rows as they are fetched, page by page."""

    columns: tuple[tuple[str, str], ...]
    rows: Iterator[tuple[str | None, ...]]


def ignore_progress(_state: str, _seconds: float) -> None:
    """For those who only want the end."""


def start_statement(
    client: AthenaClient, sql: str, database: str, workgroup: str, output: str, reuse_minutes: int = 0
) -> str:
    """Start any SQL or DDL and return its id; ``reuse_minutes`` is how old an earlier result may be (0: none is taken)."""
    extra: dict[str, Any] = {}
    if reuse_minutes:
        by_age = {"Enabled": True, "MaxAgeInMinutes": reuse_minutes}
        extra["ResultReuseConfiguration"] = {"ResultReuseByAgeConfiguration": by_age}
    return client.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": output},
        WorkGroup=workgroup,
        **extra,
    )["QueryExecutionId"]


def wait_statement(
    client: AthenaClient,
    query_id: str,
    *,
    watch: Callable[[str, float], None] = ignore_progress,
    poll_s: float = 0.03,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Execution:
    """Wait until a statement has ended, however it did; ``watch`` is told its state and the seconds so far."""
    began = clock()
    while True:
        found = client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        state = str(found["Status"]["State"])
        watch(state, clock() - began)
        if state in _ENDED:
            return _ended(query_id, found)
        sleep(poll_s)


def _ended(query_id: str, found: Any) -> Execution:
    figures = found.get("Statistics", {})
    return Execution(
        id=query_id,
        state=found["Status"]["State"],
        reason=found["Status"].get("StateChangeReason", ""),
        kind=found.get("StatementType", ""),
        seconds=figures.get("TotalExecutionTimeInMillis", 0) / 1000,
        scanned_bytes=int(figures.get("DataScannedInBytes", 0)),
        reused=bool(figures.get("ResultReuseInformation", {}).get("ReusedPreviousResult")),
        output=found.get("ResultConfiguration", {}).get("OutputLocation", ""),
    )


def stop_statement(client: AthenaClient, query_id: str) -> None:
    """Ask for the end of a statement."""
    client.stop_query_execution(QueryExecutionId=query_id)


def read_answer(client: AthenaClient, execution: Execution) -> Answer:
    """The columns, and the rows without the line of names that Athena puts before those of a query."""
    pages = iter(client.get_paginator("get_query_results").paginate(QueryExecutionId=execution.id))
    first = next(pages)
    info = first["ResultSet"].get("ResultSetMetadata", {}).get("ColumnInfo", [])
    columns = tuple((item["Name"], item["Type"]) for item in info)

    def rows() -> Iterator[tuple[str | None, ...]]:
        skips = execution.kind == "DML"
        for page in (first, *pages):
            for row in page["ResultSet"]["Rows"][1 if skips else 0 :]:
                yield tuple(cell.get("VarCharValue") for cell in row.get("Data", []))
            skips = False

    return Answer(columns, rows())
