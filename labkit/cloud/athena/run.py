"""From a classified statement to its outcome."""

from __future__ import annotations

import functools
from collections.abc import Callable

from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.querying import run_select
from labkit.cloud.athena.statement import Statement
from labkit.cloud.athena.work import Outcome, Work

Runner = Callable[[Work, Statement], Outcome]


def check_syntax(statement: Statement) -> None:
    """MalformedQuery for a query that does not parse; DDL is parsed when it runs, as on AWS."""
    from labkit.cloud.athena.dialect.parse import parse_query
    from labkit.cloud.athena.explaining import parse_explain

    if statement.kind == "select":
        parse_query(statement.sql)
    if statement.kind == "explain":
        parse_explain(statement)
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
    from labkit.cloud.athena import explaining, modifying, prepared
    from labkit.cloud.athena.ddl import (
        create,
        ctas,
        databases,
        describing,
        insert,
        partitions,
        repair,
        show_create,
        tables,
        views,
    )

    return {
        "select": lambda work, statement: run_select(work),
        **explaining.RUNNERS,
        **prepared.RUNNERS,
        **modifying.RUNNERS,
        **databases.RUNNERS,
        **create.RUNNERS,
        **tables.RUNNERS,
        **repair.RUNNERS,
        **show_create.RUNNERS,
        **partitions.RUNNERS,
        **describing.RUNNERS,
        **views.RUNNERS,
        **ctas.RUNNERS,
        **insert.RUNNERS,
    }
