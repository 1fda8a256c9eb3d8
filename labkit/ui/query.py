"""Running one statement of Athena for somebody in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.aws.session import Clients, aws_errors
from labkit.aws.statements import Execution, read_answer, start_statement, stop_statement, wait_statement
from labkit.errors import UsageError
from labkit.i18n import build_lesson
from labkit.ui.query_answer import QueryAnswer
from labkit.ui.query_bill import compute_bill
from labkit.ui.sql_text import split_statements

if TYPE_CHECKING:
    from labkit.names import Names
    from labkit.prices import Prices

_FOLDER = "labkit-sql"


def run_query(
    clients: Clients, names: Names, prices: Prices, sql: str, database: str | None, workgroup: str | None
) -> QueryAnswer:
    """Run one statement to its end, whatever that is; an interrupt stops it.

    Errors: UsageError for no statement or several, AwsCallError when Athena will not even look at it (no such workgroup, no permission).
    """
    statements = split_statements(sql)
    if len(statements) != 1:
        raise build_lesson(UsageError, "error.query_one", count=len(statements))
    chosen = database or names.database
    execution = _execute(
        clients, statements[0], chosen, workgroup or names.workgroup, f"s3://{names.results_bucket}/{_FOLDER}/"
    )
    answer = None
    if execution.state == "SUCCEEDED":
        with aws_errors("athena.get_query_results"):
            answer = read_answer(clients.athena, execution)
    usd = compute_bill(prices, execution.kind, execution.state, execution.scanned_bytes, reused=execution.reused)
    return QueryAnswer(statements[0], chosen, execution, answer, usd)


def _execute(clients: Clients, sql: str, database: str, workgroup: str, output: str) -> Execution:
    from botocore.exceptions import ClientError

    client = clients.athena
    with aws_errors("athena.start_query_execution"):
        try:
            query_id = start_statement(client, sql, database, workgroup, output)
        except ClientError as error:
            said = error.response.get("Error", {})
            if said.get("Code") != "InvalidRequestException":
                raise
            # Athena refuses some statements before it gives them an id; for the student that is a failure like any other.
            return Execution("", "FAILED", str(said.get("Message", "")), "", 0.0, 0, False, "")
        try:
            return wait_statement(client, query_id)
        except KeyboardInterrupt:
            stop_statement(client, query_id)
            return wait_statement(client, query_id)
