"""StartQueryExecution: what is checked before an execution exists, and the execution it makes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from labkit.cloud.athena.errors import MalformedQuery, QueryFailure
from labkit.cloud.athena.records import Execution
from labkit.cloud.athena.requests import invalid
from labkit.cloud.athena.results import check_result_configuration, output_bucket
from labkit.cloud.athena.reuse import fingerprint
from labkit.cloud.athena.run import check_syntax
from labkit.cloud.athena.saved import SavedQueries, with_parameters
from labkit.cloud.athena.statement import Statement, classify
from labkit.cloud.athena.workgroups import WorkGroups
from labkit.cloud.call import Call

_MAX_SQL_BYTES = 262_144
_NO_OUTPUT = (
    "No output location provided. An output location is required either through the Workgroup result configuration setting "
    "or as an API input."
)
_ENDINGS = {"select": ".csv", "execute": ".csv", "insert": "", "create_table_as": "", "unload": ""}


def checked_statement(sql: str, parameters: list[str]) -> Statement:
    """The statement; text that does not parse is refused before an execution exists, as on AWS."""
    if len(sql.encode()) > _MAX_SQL_BYTES:
        raise invalid(f"Query string is longer than {_MAX_SQL_BYTES} bytes")
    try:
        statement = classify(sql)
        if parameters and statement.kind != "execute":
            statement = classify(with_parameters(statement.sql, parameters))
        check_syntax(statement)
    except MalformedQuery as failure:
        raise invalid(failure.text, "MALFORMED_QUERY") from None
    except RecursionError:
        raise invalid("line 1:1: statement is too large (stack overflow while parsing)", "MALFORMED_QUERY") from None
    except QueryFailure:
        pass  # it parses; what is wrong with it is told by the execution
    return statement


def new_execution(
    call: Call, statement: Statement, services: Any, workgroups: WorkGroups, saved: SavedQueries
) -> Execution:
    """A QUEUED execution with its place for the result; InvalidRequestException when there is no such place."""
    workgroup = call.params.get("WorkGroup") or "primary"
    options = workgroups.result_configuration(call.scope, workgroup, call.params.get("ResultConfiguration") or {})
    name = str(uuid.uuid4())
    prepared = _prepared(call, statement, saved, workgroup)
    location = _location(call, services, options, _kind_run(statement, prepared), name)
    context = call.params.get("QueryExecutionContext") or {}
    by_age = (call.params.get("ResultReuseConfiguration") or {}).get("ResultReuseByAgeConfiguration") or {}
    made = Execution(
        id=name, sql=call.params["QueryString"], type=statement.type, substatement=statement.substatement,
        database=_database(context), catalog=(context.get("Catalog") or "").lower(), workgroup=workgroup,
        output_location=location, parameters=tuple(call.params.get("ExecutionParameters") or ()),
        submitted=services.clock().timestamp(), token=call.params.get("ClientRequestToken"), reuse=dict(by_age),
        result_options={key: value for key, value in options.items() if key != "OutputLocation"},
    )  # fmt: skip
    return made.changed(fingerprint=fingerprint(statement, made, prepared))


def _prepared(call: Call, statement: Statement, saved: SavedQueries, workgroup: str) -> str | None:
    """The text behind EXECUTE name."""
    if statement.kind != "execute" or len(statement.tokens) < 2:
        return None
    found = saved.find_prepared(call.scope, workgroup, statement.tokens[1].name)
    return str(found["QueryStatement"]) if found else None


def _kind_run(statement: Statement, prepared: str | None) -> str:
    """The kind of what runs: EXECUTE leaves what the statement behind it leaves."""
    if prepared is None:
        return statement.kind
    try:
        return classify(prepared).kind
    except QueryFailure:
        return statement.kind


def _location(call: Call, services: Any, options: dict[str, Any], kind: str, name: str) -> str:
    if not options.get("OutputLocation"):
        raise invalid(_NO_OUTPUT)
    check_result_configuration(options, call.scope.account)
    try:
        bucket, prefix = output_bucket(options["OutputLocation"])
    except QueryFailure as failure:
        raise invalid(failure.text) from None
    if not services.store.has_bucket(bucket):
        raise invalid(f"Unable to verify/create output bucket {bucket}")
    folder = "tables/" if kind == "create_table_as" else ""
    return f"s3://{bucket}/{prefix}{folder}{name}{_ENDINGS.get(kind, '.txt')}"


def _database(context: Mapping[str, Any]) -> str:
    """The database of a call, in lower case; clients write it between backticks too (awswrangler does)."""
    return str(context.get("Database") or "").strip("`").lower()


def asked_the_same(before: Execution, call: Call) -> bool:
    """Is a call with a token that was used before the same call?"""
    context = call.params.get("QueryExecutionContext") or {}
    return (
        before.sql == call.params["QueryString"]
        and before.workgroup == (call.params.get("WorkGroup") or "primary")
        and before.database == _database(context)
        and before.parameters == tuple(call.params.get("ExecutionParameters") or ())
    )
