"""Result reuse: the last result of the same question, when the caller asked for it and it is young enough.

AWS's conditions: a SELECT (or EXECUTE of one) of the same workgroup, with the same text, parameters, database, catalog and result
configuration, without functions that answer differently each time; the result must still lie where it was written, and the caller
must have access to it and to the tables of the query. Whether the tables have changed since is not looked at.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from labkit.cloud.athena.dialect.lexer import tokens
from labkit.cloud.athena.permissions import Permitted
from labkit.cloud.athena.records import Execution
from labkit.cloud.athena.statement import Statement

_DEFAULT_MINUTES = 60
_MOST_CALLS = 200
_CHANGING = frozenset(
    {"RAND", "RANDOM", "SHUFFLE", "UUID", "NOW", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP"}
    | {"TABLESAMPLE", "CURRENT_USER", "CURRENT_TIMEZONE"}
)  # fmt: skip


def fingerprint(statement: Statement, execution: Execution, prepared: str | None) -> str:
    """The same for two executions that ask the same; '' for what is never reused."""
    if statement.kind not in ("select", "execute"):
        return ""
    texts = [token.text for token in statement.tokens]
    words = {token.word for token in statement.tokens}
    if statement.kind == "execute":
        inner = list(tokens(prepared or ""))
        if not inner or inner[0].word not in ("SELECT", "WITH", "VALUES", "TABLE"):
            return ""
        texts += [token.text for token in inner]
        words |= {token.word for token in inner}
    if words & _CHANGING:
        return ""
    folder = execution.output_location.rsplit("/", 1)[0]
    catalog = execution.catalog or "awsdatacatalog"
    question = [
        texts,
        execution.parameters,
        execution.database,
        catalog,
        execution.workgroup,
        folder,
        execution.result_options,
    ]
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()


def reusable(execution: Execution, calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """What an execution that succeeded keeps, so that its result may be reused; one that read half the catalog is never reused."""
    if not execution.fingerprint or len(calls) > _MOST_CALLS:
        return {"fingerprint": ""}
    return {"catalog_calls": tuple(calls)}


def find_reusable(known: list[Execution], asked: Execution, caller: Permitted) -> Execution | None:
    """The newest of ``known`` (newest first) whose result may stand for ``asked``."""
    if not asked.fingerprint:
        return None
    oldest = asked.submitted - 60 * asked.reuse.get("MaxAgeInMinutes", _DEFAULT_MINUTES)
    for one in known:
        fits = one.state == "SUCCEEDED" and not one.reused and one.fingerprint == asked.fingerprint
        if fits and (one.completed or 0) >= oldest and caller.may_reuse(one):
            return one
    return None


def answered(asked: Execution, earlier: Execution, now: float) -> Execution:
    """The new execution, ended at once with the earlier result."""
    return asked.changed(
        state="SUCCEEDED", started=asked.submitted, planned=asked.submitted, engine_done=now, completed=now, reused=True,
        output_location=earlier.output_location, columns=earlier.columns, rows=earlier.rows, written_bytes=earlier.written_bytes,
        update_count=earlier.update_count, catalog_calls=earlier.catalog_calls,
    )  # fmt: skip
