"""A student's query, looked up in Athena by its id: what it read and gave is Athena's word, not the student's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.finding import NotAttempted

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Execution:
    """One execution: `sql` as it was sent, `reason` why it failed or was cancelled, bytes that Athena says it scanned."""

    id: str
    sql: str
    state: str
    reason: str
    workgroup: str
    scanned_bytes: int
    output: str

    @property
    def bare_sql(self) -> str:
        """The SQL in lower case without comments and texts, so that a name found in it is a name."""
        plain = re.sub(r"--[^\n]*|/\*.*?\*/", " ", self.sql, flags=re.DOTALL)
        return re.sub(r"'(?:[^']|'')*'", "''", plain).lower()

    def reads(self, table: str) -> bool:
        """True when the table stands in the SQL where a table does: after FROM, JOIN, a comma of FROM, or its database."""
        name = f'"?{re.escape(table.lower())}"?(?!\\w)'
        places = (rf"\bfrom\s+{name}", rf"\bjoin\s+{name}", rf"\.{name}", rf'\bfrom\s+[\w\s".,]*,\s*{name}')
        return any(re.search(place, self.bare_sql) for place in places)


def find_execution(context: Context, query_id: Any) -> Execution | None:
    """The execution of this id, or None: no text, or Athena does not know it."""
    from botocore.exceptions import ClientError, ParamValidationError

    if not isinstance(query_id, str) or not query_id:
        return None
    try:
        found = context.clients.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    except ParamValidationError:
        return None
    except ClientError as error:
        if error_code(error) == "InvalidRequestException":
            return None
        raise
    return build_execution(found)


def build_execution(found: Any) -> Execution:
    """An execution of what GetQueryExecution or BatchGetQueryExecution says."""
    status = found.get("Status", {})
    return Execution(
        id=found["QueryExecutionId"],
        sql=found.get("Query", ""),
        state=status.get("State", ""),
        reason=status.get("StateChangeReason", ""),
        workgroup=found.get("WorkGroup", ""),
        scanned_bytes=int(found.get("Statistics", {}).get("DataScannedInBytes", 0)),
        output=found.get("ResultConfiguration", {}).get("OutputLocation", ""),
    )


def read_rows(context: Context, execution: Execution, most: int = 1000) -> tuple[tuple[str, ...], list[Row]]:
    """Names of the columns and the first rows of a query that SUCCEEDED."""
    page = context.clients.athena.get_query_results(QueryExecutionId=execution.id, MaxResults=most)
    info = page["ResultSet"].get("ResultSetMetadata", {}).get("ColumnInfo", [])
    rows = [tuple(cell.get("VarCharValue") for cell in row.get("Data", [])) for row in page["ResultSet"]["Rows"]]
    names = tuple(item["Name"] for item in info)
    return names, rows[1:] if rows and rows[0] == names else rows


def list_workgroup_executions(context: Context, workgroup: str) -> list[Execution]:
    """The newest executions of a workgroup (two hundred at most), in whatever state."""
    athena = context.clients.athena
    pages = athena.get_paginator("list_query_executions").paginate(
        WorkGroup=workgroup, PaginationConfig={"MaxItems": 200, "PageSize": 50}
    )
    found: list[Execution] = []
    for page in pages:
        if ids := page["QueryExecutionIds"]:
            executions = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
            found += [build_execution(item) for item in executions]
    if not found:
        raise NotAttempted("task_7.cutoff.no_queries", workgroup=workgroup)
    return found
