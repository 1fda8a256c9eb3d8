"""EXPLAIN and EXPLAIN ANALYZE: the plan of the engine that runs here, and what it reads from S3."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.dialect.lexer import position
from labkit.cloud.athena.dialect.parse import parse_query
from labkit.cloud.athena.errors import MalformedQuery, QueryFailure, not_supported
from labkit.cloud.athena.querying import Planned, execute, plan
from labkit.cloud.athena.statement import Statement, classify
from labkit.cloud.athena.work import Outcome, Work

_HEAD = "Plan of the local engine (DuckDB); Athena would print Trino's."


@dataclass(frozen=True)
class Explained:
    """What an EXPLAIN asks for: ``format`` TEXT, GRAPHVIZ or JSON; ``type`` LOGICAL, DISTRIBUTED, VALIDATE or IO; its query."""

    format: str
    type: str
    analyze: bool
    sql: str


def parse_explain(statement: Statement) -> Explained:
    """The options and the query; MalformedQuery for what Trino's grammar does not take."""
    cursor = Cursor(statement, 1)
    analyze = cursor.accept("ANALYZE")
    if analyze:
        cursor.accept("VERBOSE")
    options = {"FORMAT": "TEXT", "TYPE": "DISTRIBUTED"}
    if cursor.at("(", "FORMAT") or cursor.at("(", "TYPE"):
        cursor.take()
        while True:
            name = _one(statement, cursor, ("FORMAT", "TYPE"))
            kinds = ("TEXT", "GRAPHVIZ", "JSON") if name == "FORMAT" else ("LOGICAL", "DISTRIBUTED", "VALIDATE", "IO")
            options[name] = _one(statement, cursor, kinds)
            if _one(statement, cursor, (",", ")")) == ")":
                break
    token = cursor.peek()
    if token is None:
        raise MalformedQuery(
            "mismatched input '<EOF>'. Expecting: a statement", position(statement.sql, len(statement.sql))
        )
    sql = cursor.rest()
    inner = classify(sql)
    if inner.kind == "select":
        parse_query(sql)
    return Explained(options["FORMAT"], options["TYPE"], analyze, sql)


def _one(statement: Statement, cursor: Cursor, words: tuple[str, ...]) -> str:
    for word in words:
        if cursor.accept(word):
            return word
    token = cursor.peek()
    text, start = (token.text, token.start) if token else ("<EOF>", len(statement.sql))
    expected = ", ".join(f"'{word}'" for word in sorted(words))
    raise MalformedQuery(f"mismatched input '{text}'. Expecting: {expected}", position(statement.sql, start))


def _explain(work: Work, statement: Statement) -> Outcome:
    wanted = parse_explain(statement)
    inner = classify(wanted.sql)
    if inner.kind != "select":
        raise not_supported(f"EXPLAIN of {inner.substatement}: only of a query")
    if wanted.type == "IO":
        raise not_supported("EXPLAIN (TYPE IO)")
    if wanted.analyze and (wanted.format != "TEXT" or wanted.type != "DISTRIBUTED"):
        raise not_supported("EXPLAIN ANALYZE with options")
    planned = plan(replace(work, sql=wanted.sql), wanted.sql)
    if wanted.type == "VALIDATE":
        return Outcome([("Valid", "boolean")], lines=["Valid", "true"])
    if wanted.format != "TEXT":
        return Outcome(
            [("Query Plan", "varchar")], lines=["Query Plan", *_duckdb(work, planned, f"(FORMAT {wanted.format})")]
        )
    lines = ["Query Plan", _HEAD, *_scans(planned)]
    lines += _duckdb(work, planned, "ANALYZE" if wanted.analyze else "")
    scanned = planned.scanned_bytes if wanted.analyze else 0
    return Outcome([("Query Plan", "varchar")], lines=lines, scanned_bytes=scanned)


def _scans(planned: Planned) -> list[str]:
    lines = []
    for scan in planned.context.scans:
        keys = " and ".join(scan.predicates) or "none"
        lines.append(
            f"TableScan[awsdatacatalog:{scan.database}:{scan.table['Name']}] columns {sorted(scan.needed)} "
            f"partition filters {len(scan.predicates)}: {keys}"
        )
    return [*lines, f"Bytes to scan: {planned.scanned_bytes}"]


def _duckdb(work: Work, planned: Planned, option: str) -> list[str]:
    rows: list[Any] = execute(work, f"EXPLAIN {option} {planned.sql}").fetchall()
    if not rows:
        raise QueryFailure("GENERIC_INTERNAL_ERROR", "the local engine made no plan")
    return [line for _, text in rows for line in str(text).splitlines()]


RUNNERS = {"explain": _explain}
