"""Calls of Athena that make no sense on one machine, refused by name: what answered them would pretend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler

_NOT_HERE = {
    "Notebook": "Spark notebooks", "Session": "Spark sessions", "Calculation": "Spark calculations", "Executors": "Spark sessions",
    "ApplicationDPUSizes": "Spark sessions", "Capacity": "capacity reservations", "ResourceDashboard": "Spark sessions",
    "DataCatalog": "data catalogs besides AwsDataCatalog", "SystemTable": "system tables",
}  # fmt: skip

ABSENT = (
    "CreateDataCatalog", "UpdateDataCatalog", "DeleteDataCatalog",
    "CreateNotebook", "CreatePresignedNotebookUrl", "DeleteNotebook", "ExportNotebook", "GetNotebookMetadata", "ImportNotebook",
    "ListNotebookMetadata", "ListNotebookSessions", "UpdateNotebook", "UpdateNotebookMetadata",
    "GetSession", "GetSessionEndpoint", "GetSessionStatus", "ListSessions", "StartSession", "TerminateSession", "ListExecutors",
    "ListApplicationDPUSizes", "GetResourceDashboard",
    "GetCalculationExecution", "GetCalculationExecutionCode", "GetCalculationExecutionStatus", "ListCalculationExecutions",
    "StartCalculationExecution", "StopCalculationExecution",
    "CancelCapacityReservation", "CreateCapacityReservation", "DeleteCapacityReservation", "GetCapacityReservation",
    "ListCapacityReservations", "UpdateCapacityReservation", "GetCapacityAssignmentConfiguration",
    "PutCapacityAssignmentConfiguration",
    "CreateSystemTableConfiguration", "DeleteSystemTableConfiguration", "GetSystemTableConfiguration", "ListSystemTableStatuses",
    "UpdateSystemTableConfiguration",
)  # fmt: skip


def refusals(actions: Iterable[str]) -> dict[str, Handler]:
    """A handler for each action that says what is not there."""
    return {action: _refusal(action) for action in actions}


def _refusal(action: str) -> Handler:
    feature = next((feature for word, feature in _NOT_HERE.items() if word in action), "such a call")

    def refuse(call: Call) -> dict[str, Any]:
        raise AwsError("NotImplemented", f"labkit's local Athena has no {feature}, so it refuses {action}.", 501)

    return refuse
