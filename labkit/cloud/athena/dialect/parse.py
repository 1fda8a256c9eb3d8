"""Trino text to a sqlglot tree in which every function keeps the name the user wrote."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

from labkit.cloud.athena.dialect.lexer import Token, check_trino, mismatched, position
from labkit.cloud.athena.errors import MalformedQuery

if TYPE_CHECKING:
    from sqlglot import exp

_SPECIAL_CALLS = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "TRIM", "LISTAGG", "SUBSTRING")


@functools.lru_cache(maxsize=1)
def trino_dialect() -> Any:
    """sqlglot's Trino without its function rewriting: an unknown function must stay unknown."""
    from sqlglot.dialects.trino import Trino

    base: Any = Trino

    class LabTrino(base):  # sqlglot builds its classes at run time
        INDEX_OFFSET = 0

        class Parser(base.Parser):
            FUNCTIONS: ClassVar[dict[str, Any]] = {}
            FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
                k: v for k, v in base.Parser.FUNCTION_PARSERS.items() if k in _SPECIAL_CALLS
            }
            NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
                k: v for k, v in base.Parser.NO_PAREN_FUNCTION_PARSERS.items() if k in ("CASE", "ANY")
            }

    return LabTrino


def parse_query(sql: str) -> Any:
    """The tree of one SELECT, VALUES, TABLE or WITH; MalformedQuery with line and column otherwise."""
    from sqlglot import errors, parse

    found = check_trino(sql)
    _check_order(sql, found)
    try:
        trees = parse(sql, dialect=trino_dialect())
    except errors.ParseError as failure:
        raise _malformed(sql, found, failure.errors[0] if failure.errors else {}) from None
    except errors.TokenError:
        raise MalformedQuery(
            "mismatched input: a string or quoted name is not closed", position(sql, len(sql))
        ) from None
    if len(trees) != 1 or trees[0] is None:
        raise MalformedQuery("Only one sql statement is allowed. Got: " + sql)
    return trees[0]


def _check_order(sql: str, found: list[Token]) -> None:
    """Trino takes OFFSET before LIMIT only; sqlglot takes both."""
    limits: list[bool] = [False]
    for token, following in zip(found, [*found[1:], None], strict=False):
        if token.text == "(":
            limits.append(False)
        elif token.text == ")" and len(limits) > 1:
            limits.pop()
        elif token.word in ("UNION", "INTERSECT", "EXCEPT"):
            limits[-1] = False
        elif token.word == "LIMIT":
            limits[-1] = True
        elif token.word == "OFFSET" and limits[-1] and following and following.kind == "number":
            raise MalformedQuery(
                "mismatched input 'OFFSET'. Expecting: <EOF> (Trino takes OFFSET before LIMIT)",
                position(sql, token.start),
            )


def _malformed(sql: str, found: list[Token], detail: dict[str, Any]) -> MalformedQuery:
    line, column, text = detail.get("line", 1), detail.get("col", 1), detail.get("highlight", "")
    starts = [sum(len(part) + 1 for part in sql.split("\n")[: line - 1]) + column - max(len(text), 1)]
    token = next((token for token in found if token.end > starts[0]), None)
    following = next((other for other in found if token and other.start > token.start), None)
    if str(detail.get("description", "")).startswith(("Required", "Expected")):
        return mismatched(sql, following)
    return mismatched(sql, token)


def place(sql: str, node: exp.Expression) -> tuple[int, int] | None:
    """Line and column where a node starts, if sqlglot recorded it for the node or something below it."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return position(sql, min(starts)) if starts else None
