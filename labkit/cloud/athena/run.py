"""From a classified statement to its outcome."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

from labkit.cloud.athena.dialect.lexer import position
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.querying import plan, run_select
from labkit.cloud.athena.saved import with_parameters
from labkit.cloud.athena.statement import Statement, classify
from labkit.cloud.athena.work import Outcome, Work
from labkit.cloud.call import AwsError

Runner = Callable[[Work, Statement], Outcome]


def check_syntax(statement: Statement) -> None:
    """MalformedQuery for a query that does not parse; DDL is parsed when it runs, as on AWS."""
    from labkit.cloud.athena.dialect.parse import parse_query

    if statement.kind == "select" and not any(token.text == "?" for token in statement.tokens):
        parse_query(statement.sql)
    if statement.kind == "create_table":
        from labkit.cloud.athena.ddl.create import check_start

        check_start(statement)


def run_statement(work: Work, statement: Statement) -> Outcome:
    """Do what the statement says; QueryFailure names what went wrong."""
    runner = _runners().get(statement.kind)
    if runner is None:
        raise not_supported(f"the statement {statement.substatement}")
    return runner(work, statement)


@functools.lru_cache(maxsize=1)
def _runners() -> dict[str, Runner]:
    from labkit.cloud.athena.ddl import (
        create,
        databases,
        describing,
        partitions,
        repair,
        show_create,
        tables,
        views,
        writing,
    )

    return {
        "select": lambda work, statement: run_select(work),
        "explain": _explain,
        "prepare": _prepare,
        "execute": _execute,
        "deallocate": _deallocate,
        **databases.RUNNERS,
        **create.RUNNERS,
        **tables.RUNNERS,
        **repair.RUNNERS,
        **show_create.RUNNERS,
        **partitions.RUNNERS,
        **describing.RUNNERS,
        **views.RUNNERS,
        **writing.RUNNERS,
    }


def _explain(work: Work, statement: Statement) -> Outcome:
    """The local plan: what is read from S3, then DuckDB's operators."""
    rest = statement.tokens[1:]
    if rest and (rest[0].word == "ANALYZE" or rest[0].text == "("):
        raise not_supported("EXPLAIN ANALYZE and EXPLAIN options", position(work.sql, rest[0].start))
    if not rest:
        raise QueryFailure("SYNTAX_ERROR", "mismatched input '<EOF>'", position(work.sql, len(work.sql)))
    sql = " " * rest[0].start + work.sql[rest[0].start :]
    if classify(sql).kind != "select":
        raise not_supported("EXPLAIN of anything but a query")
    planned = plan(work, sql)
    lines = ["Query Plan", "Plan of the local engine (DuckDB); Athena would print Trino's."]
    for scan in planned.context.scans:
        keys = " and ".join(scan.predicates) or "none"
        lines.append(
            f"TableScan[awsdatacatalog:{scan.database}:{scan.table['Name']}] columns {sorted(scan.needed)} "
            f"partition filters {len(scan.predicates)}: {keys}"
        )
    lines.append(f"Bytes to scan: {planned.scanned_bytes}")
    for _, text in work.connection.execute(f"EXPLAIN {planned.sql}").fetchall():
        lines += text.splitlines()
    return Outcome([("Query Plan", "varchar")], lines=lines)


def _prepare(work: Work, statement: Statement) -> Outcome:
    found = statement.tokens
    if len(found) < 4 or found[2].word != "FROM":
        raise QueryFailure(
            "SYNTAX_ERROR", "PREPARE needs: PREPARE name FROM statement", position(work.sql, found[-1].start)
        )
    text = work.sql[found[3].start :]
    classify(text)
    work.save_prepared(found[1].name, text)
    return Outcome(lines=[])


def _deallocate(work: Work, statement: Statement) -> Outcome:
    name = statement.tokens[2].name if len(statement.tokens) > 2 else ""
    if not work.save_prepared(name, None):
        raise QueryFailure("NOT_FOUND", f"Prepared statement not found: {name}")
    return Outcome(lines=[])


def _execute(work: Work, statement: Statement) -> Outcome:
    """EXECUTE name [USING literal, …]; ExecutionParameters of the call serve as well."""
    found = statement.tokens
    text = work.prepared(found[1].name) if len(found) > 1 else None
    if text is None:
        raise QueryFailure("NOT_FOUND", f"Prepared statement not found: {found[1].name if len(found) > 1 else ''}")
    values = list(work.parameters)
    if len(found) > 2:
        if found[2].word != "USING" or len(found) < 4:
            raise QueryFailure(
                "SYNTAX_ERROR",
                f"mismatched input '{found[2].text}'. Expecting: 'USING'",
                position(work.sql, found[2].start),
            )
        values = _values(work.sql, statement)
    try:
        inner = classify(with_parameters(text, values))
    except AwsError as failure:
        raise QueryFailure("INVALID_PARAMETER_USAGE", failure.message) from None
    if inner.kind not in ("select", "insert", "unload"):
        raise not_supported(f"EXECUTE of {inner.substatement}")
    return run_statement(replace(work, sql=inner.sql), inner)


def _values(sql: str, statement: Statement) -> list[str]:
    parts, start = [], statement.tokens[3].start
    for token in statement.tokens[3:]:
        if token.text == ",":
            parts.append(sql[start : token.start].strip())
            start = token.end
    return [*parts, sql[start:].strip()]
