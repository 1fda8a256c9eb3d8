"""Athena: workgroups (of an execution or a named query: the one it was made in) and data catalogs."""

from __future__ import annotations

from collections.abc import Iterable

from labkit.cloud.identity.requests import kept, kept_tags
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.rules import Build, Rules


def _of(kind: str, *paths: str) -> Build:
    def arns(asked: Asked) -> Iterable[str]:
        prefix = f"arn:aws:athena:{asked.region}:{asked.account}:workgroup/"
        for identifier in (one for path in paths for one in texts_at(asked.params, path)):
            yield prefix + (kept.work_group_of(kind, identifier, asked.account, asked.region) or "*")

    return arns


_QUERIES = _of("query", "QueryExecutionId", "QueryExecutionIds")
_NAMED = _of("named", "NamedQueryId", "NamedQueryIds")
_ANY_GROUP = "workgroup/*"

ATHENA = Rules(
    prefix="athena",
    arn="arn:aws:athena:{region}:{account}:",
    resources={
        "workgroup/{WorkGroup|=primary}": (
            "StartQueryExecution ListQueryExecutions CreateNamedQuery ListNamedQueries CreatePreparedStatement GetPreparedStatement"
            " UpdatePreparedStatement DeletePreparedStatement ListPreparedStatements BatchGetPreparedStatement StartSession ListSessions"
            " CreateNotebook ImportNotebook ListNotebookMetadata"
        ),
        "workgroup/{Name|WorkGroup}": "CreateWorkGroup GetWorkGroup UpdateWorkGroup DeleteWorkGroup",
        _ANY_GROUP: (
            "GetSession GetSessionStatus GetSessionEndpoint TerminateSession StartCalculationExecution GetCalculationExecution"
            " GetCalculationExecutionCode GetCalculationExecutionStatus StopCalculationExecution ListCalculationExecutions"
            " ExportNotebook GetNotebookMetadata UpdateNotebook UpdateNotebookMetadata DeleteNotebook CreatePresignedNotebookUrl"
            " ListNotebookSessions GetResourceDashboard"
        ),
        "datacatalog/{Name|CatalogName}": (
            "CreateDataCatalog GetDataCatalog UpdateDataCatalog DeleteDataCatalog GetDatabase ListDatabases GetTableMetadata"
            " ListTableMetadata"
        ),
        "capacity-reservation/{Name|CapacityReservationName}": (
            "CreateCapacityReservation GetCapacityReservation UpdateCapacityReservation CancelCapacityReservation"
            " DeleteCapacityReservation GetCapacityAssignmentConfiguration"
        ),
        "capacity-reservation/{CapacityReservationName} workgroup/{CapacityAssignments.WorkGroupNames}": (
            "PutCapacityAssignmentConfiguration"
        ),
        "@{ResourceARN}": "TagResource UntagResource ListTagsForResource",
    },
    arns={
        **dict.fromkeys(
            ("GetQueryExecution", "BatchGetQueryExecution", "StopQueryExecution", "GetQueryResults"), _QUERIES
        ),
        "GetQueryRuntimeStatistics": _QUERIES,
        **dict.fromkeys(("GetNamedQuery", "BatchGetNamedQuery", "UpdateNamedQuery", "DeleteNamedQuery"), _NAMED),
    },
    passes={"CreateWorkGroup": "Configuration.ExecutionRole", "UpdateWorkGroup": "ConfigurationUpdates.ExecutionRole"},
    passed_to="athena.amazonaws.com",
    tagging={"TagResource": "CreateWorkGroup CreateDataCatalog CreateCapacityReservation"},
    tags=lambda asked, arn: kept_tags.tags_of_work_group(arn, asked.account, asked.region),
)
