"""The event of Athena (docs.aws.amazon.com/athena, "Monitor Athena query events with EventBridge")."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.event_bus.port import Emit

_NUMBERS = {"QUEUED": "1", "RUNNING": "2"}


def tell_query(emit: Emit, scope: Scope, execution: Any, previous: str | None) -> None:
    """A query execution (athena.records.Execution) has come from a state into another; ``previous`` None for a new one."""
    number = _NUMBERS.get(execution.state) or ("2" if previous in (None, "QUEUED") else "3")
    detail = {
        "versionId": "0",
        "currentState": execution.state,
        **({"previousState": previous} if previous else {}),
        "statementType": execution.type,
        "queryExecutionId": execution.id,
        "workgroupName": execution.workgroup,
        "sequenceNumber": number,
    }
    error = execution.error if execution.state == "FAILED" else None
    if error:
        detail["athenaError"] = {
            "errorCategory": float(error.get("ErrorCategory", 0)),
            "errorType": float(error.get("ErrorType", 0)),
            "errorMessage": error.get("ErrorMessage", ""),
            "retryable": bool(error.get("Retryable", False)),
        }
    emit(scope, "aws.athena", "Athena Query State Change", detail)
