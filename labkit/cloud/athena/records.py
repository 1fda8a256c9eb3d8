"""A query execution as GetQueryExecution shows it, and as it is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timezone
from typing import Any

KIND = "athena-execution"
ENGINE = "Athena engine version 3"
ACTIVE = ("QUEUED", "RUNNING")
_TIMELINE = (
    "QueryQueueTimeInMillis", "ServicePreProcessingTimeInMillis", "QueryPlanningTimeInMillis", "EngineExecutionTimeInMillis",
    "ServiceProcessingTimeInMillis", "TotalExecutionTimeInMillis",
)  # fmt: skip


@dataclass(frozen=True)
class Execution:
    """One execution; times are seconds since 1970, durations milliseconds, ``output_location`` the full result address.

    ``result_options`` are the ResultConfiguration's other members, ``reuse`` is ResultReuseByAgeConfiguration, ``fingerprint`` tells
    which earlier results answer the same question ('' when none may be reused), ``catalog_calls`` what it asked of the catalog.
    """

    id: str
    sql: str
    type: str
    substatement: str
    database: str
    catalog: str
    workgroup: str
    output_location: str
    parameters: tuple[str, ...]
    submitted: float
    state: str = "QUEUED"
    reason: str | None = None
    error: dict[str, Any] | None = None
    started: float | None = None
    planned: float | None = None
    engine_done: float | None = None
    completed: float | None = None
    scanned_bytes: int = 0
    rows: int = 0
    written_bytes: int = 0
    update_count: int | None = None
    columns: tuple[dict[str, Any], ...] = ()
    manifest: str | None = None
    token: str | None = None
    result_options: dict[str, Any] = field(default_factory=dict)
    reuse: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    reused: bool = False
    catalog_calls: tuple[tuple[str, dict[str, Any]], ...] = ()

    def changed(self, **values: Any) -> Execution:
        """A copy with some fields replaced."""
        return replace(self, **values)


def to_document(execution: Execution) -> dict[str, Any]:
    """As JSON for the state folder."""
    return asdict(execution)


def from_document(document: dict[str, Any]) -> Execution:
    """Back from JSON, also when an older version wrote it."""
    known = {one.name for one in fields(Execution)}
    values = {name: value for name, value in document.items() if name in known}
    calls = tuple((operation, dict(params)) for operation, params in values.get("catalog_calls", ()))
    listed = {"parameters": tuple(values["parameters"]), "columns": tuple(values["columns"]), "catalog_calls": calls}
    return Execution(**{**values, **listed})


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def describe(execution: Execution) -> dict[str, Any]:
    """The QueryExecution document of the API."""
    context = {"Database": execution.database, "Catalog": execution.catalog}
    found: dict[str, Any] = {
        "QueryExecutionId": execution.id,
        "Query": execution.sql,
        "StatementType": execution.type,
        "SubstatementType": execution.substatement,
        "ResultConfiguration": {"OutputLocation": execution.output_location, **execution.result_options},
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": execution.reuse or {"Enabled": False}},
        "QueryExecutionContext": {key: value for key, value in context.items() if value},
        "Status": _status(execution),
        "Statistics": statistics(execution),
        "WorkGroup": execution.workgroup,
        "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": ENGINE},
    }
    if execution.parameters:
        found["ExecutionParameters"] = list(execution.parameters)
    return found


def _status(execution: Execution) -> dict[str, Any]:
    status: dict[str, Any] = {"State": execution.state, "SubmissionDateTime": _time(execution.submitted)}
    if execution.reason:
        status["StateChangeReason"] = execution.reason
    if execution.completed is not None:
        status["CompletionDateTime"] = _time(execution.completed)
    if execution.error:
        status["AthenaError"] = execution.error
    return status


def statistics(execution: Execution) -> dict[str, Any]:
    """Times as measured; nothing is made up for what has not happened yet."""
    end = execution.completed
    found: dict[str, Any] = {"DataScannedInBytes": execution.scanned_bytes}
    if execution.started is not None:
        found["QueryQueueTimeInMillis"] = _millis(execution.submitted, execution.started)
        found["ServicePreProcessingTimeInMillis"] = 0
        if execution.planned is not None:
            found["QueryPlanningTimeInMillis"] = _millis(execution.started, execution.planned)
        if execution.engine_done is not None:
            found["EngineExecutionTimeInMillis"] = _millis(execution.started, execution.engine_done)
            found["ServiceProcessingTimeInMillis"] = _millis(execution.engine_done, end or execution.engine_done)
    if end is not None:
        found["TotalExecutionTimeInMillis"] = _millis(execution.submitted, end)
    if execution.manifest:
        found["DataManifestLocation"] = execution.manifest
    found["ResultReuseInformation"] = {"ReusedPreviousResult": execution.reused}
    return found


def runtime_statistics(execution: Execution) -> dict[str, Any]:
    """GetQueryRuntimeStatistics: the times, and what a finished query read and wrote. Stages are Trino's, so there are none."""
    known = statistics(execution)
    found: dict[str, Any] = {"Timeline": {key: known[key] for key in _TIMELINE if key in known}}
    if execution.state == "SUCCEEDED" and execution.type == "DML":
        found["Rows"] = {
            "InputBytes": execution.scanned_bytes,
            "OutputBytes": execution.written_bytes,
            "OutputRows": execution.rows,
        }
    return found


def _millis(start: float, end: float) -> int:
    return max(0, round((end - start) * 1000))
