"""PREPARE, EXECUTE and DEALLOCATE PREPARE."""

from __future__ import annotations

from dataclasses import replace

from labkit.cloud.athena.dialect.lexer import Token, position
from labkit.cloud.athena.dialect.parameters import with_values
from labkit.cloud.athena.dialect.parse import parse_query
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.statement import Statement, classify
from labkit.cloud.athena.work import Outcome, Work

_RUNS = ("select", "insert", "unload", "create_table_as")


def _mismatched(sql: str, token: Token | None, expected: str) -> QueryFailure:
    text, start = (token.text, token.start) if token else ("<EOF>", len(sql))
    return QueryFailure("SYNTAX_ERROR", f"mismatched input '{text}'. Expecting: {expected}", position(sql, start))


def _name(statement: Statement, index: int) -> str:
    token = statement.tokens[index] if len(statement.tokens) > index else None
    if token is None or token.kind not in ("word", "quoted"):
        raise _mismatched(statement.sql, token, "<identifier>")
    return token.name


def _prepare(work: Work, statement: Statement) -> Outcome:
    found = statement.tokens
    name = _name(statement, 1)
    if len(found) < 3 or found[2].word != "FROM":
        raise _mismatched(work.sql, found[2] if len(found) > 2 else None, "'FROM'")
    if len(found) < 4:
        raise _mismatched(work.sql, None, "a statement")
    text = work.sql[found[3].start :]
    inner = classify(" " * found[3].start + text)
    if inner.kind not in _RUNS:
        raise not_supported(f"PREPARE of {inner.substatement}", position(work.sql, found[3].start))
    if inner.kind == "select":
        parse_query(inner.sql)
    work.save_prepared(name, text)
    return Outcome(lines=[])


def _deallocate(work: Work, statement: Statement) -> Outcome:
    name = _name(statement, 2)
    if not work.save_prepared(name, None):
        raise QueryFailure("NOT_FOUND", f"Prepared statement not found: {name}")
    return Outcome(lines=[])


def _execute(work: Work, statement: Statement) -> Outcome:
    """EXECUTE name [USING value, …]; ExecutionParameters of the call serve as well."""
    found, name = statement.tokens, _name(statement, 1)
    text = work.prepared(name)
    if text is None:
        raise QueryFailure("NOT_FOUND", f"Prepared statement not found: {name}")
    values = list(work.parameters)
    if len(found) > 2:
        if found[2].word != "USING":
            raise _mismatched(work.sql, found[2], "'USING', <EOF>")
        if len(found) < 4:
            raise _mismatched(work.sql, None, "<expression>")
        values = _values(statement)
    inner = classify(with_values(text, values))
    if inner.kind not in _RUNS:
        raise not_supported(f"EXECUTE of {inner.substatement}")
    from labkit.cloud.athena.run import run_statement

    return run_statement(replace(work, sql=inner.sql), inner)


def _values(statement: Statement) -> list[str]:
    """The texts between the commas that stand in no parentheses."""
    parts, depth, start = [], 0, statement.tokens[3].start
    for token in statement.tokens[3:]:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0) if token.kind == "mark" else 0
        if token.text == "," and not depth:
            parts.append(statement.sql[start : token.start].strip())
            start = token.end
    return [*parts, statement.sql[start:].strip()]


RUNNERS = {"prepare": _prepare, "execute": _execute, "deallocate": _deallocate}
