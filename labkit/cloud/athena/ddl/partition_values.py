"""Partition values: as Hive writes them into a path, and in the type of their key."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import quote

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.databases import ddl_error
from labkit.cloud.athena.errors import QueryFailure

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
# Hive escapes these in a folder's name (and control characters); accents and spaces stay.
_ESCAPED = set("\"#%'*/:=?\\{[]^") | {chr(code) for code in range(1, 32)} | {"\x7f"}
_WHOLE = ("tinyint", "smallint", "int", "bigint")
OPERATORS = ("=", "<=", ">=", "<>", "!=", "<", ">")


def escape_value(value: str) -> str:
    """A partition value as Hive writes it into a path."""
    return "".join(quote(letter, safe="") if letter in _ESCAPED else letter for letter in value)


def partition_path(keys: list[str], values: list[str]) -> str:
    """``year=2024/month=01``."""
    return "/".join(f"{escape_value(key)}={escape_value(value)}" for key, value in zip(keys, values, strict=False))


def key_types(table: dict[str, Any]) -> dict[str, str]:
    """The partition keys with their types; a DDL failure when there are none."""
    found = {key["Name"].lower(): str(key.get("Type") or "string").lower() for key in table.get("PartitionKeys") or []}
    if not found:
        raise ddl_error(f"Table {table['DatabaseName']}.{table['Name']} is not a partitioned table")
    return found


def literal(cursor: Cursor) -> str:
    """A constant: text, number, or DATE '…'."""
    cursor.accept("DATE")
    negative = "-" if cursor.accept("-") else ""
    token = cursor.peek()
    if token is not None and (token.kind == "number" or token.word in ("TRUE", "FALSE")):
        return negative + cursor.take().text
    return cursor.string()


def spec(cursor: Cursor, operators: tuple[str, ...] = ("=",)) -> list[tuple[str, str, str]]:
    """``PARTITION (key = value, …)`` as key, operator, value."""
    cursor.expect("PARTITION", "(")
    found = []
    while True:
        key = cursor.name()
        sign = next((one for one in operators if cursor.accept(one)), None)
        if sign is None:
            raise cursor.failure()
        found.append((key, sign, literal(cursor)))
        if cursor.accept(")"):
            return found
        if not cursor.accept(","):
            raise cursor.failure()


def typed(value: str, key: str, kind: str) -> str:
    """The value as the catalog keeps it for a key of this type; Hive's words when it is none."""
    if value == HIVE_NULL:
        return value
    try:
        if kind in _WHOLE:
            return str(int(value))
        if kind == "date":
            return datetime.date(*(int(part) for part in value.split("-"))).isoformat()
    except (ValueError, TypeError):
        text = f"Cannot add partition column {key} of type string as it cannot be converted to type {kind}"
        raise QueryFailure("", f"FAILED: SemanticException [Error 10248]: {text}") from None
    return value


def full_spec(cursor: Cursor, table: dict[str, Any]) -> list[str]:
    """A specification that names every key, as values in the order of the keys."""
    given = {key: value for key, _, value in spec(cursor)}
    if not table.get("PartitionKeys"):
        shown = "{" + ", ".join(f"{key}={value}" for key, value in given.items()) + "}"
        raise QueryFailure("", f"FAILED: SemanticException table is not partitioned but partition spec exists: {shown}")
    kinds = key_types(table)
    strange = next((key for key in given if key not in kinds), None)
    if strange is not None:
        raise QueryFailure("", f"FAILED: SemanticException [Error 10098]: {strange} is not a partition column")
    if len(given) < len(kinds):
        shown = "{" + ", ".join(f"{key}={value}" for key, value in given.items()) + "}"
        text = f"partition spec {shown} doesn't contain all ({len(kinds)}) partition columns"
        raise QueryFailure("", f"FAILED: SemanticException {text}")
    return [typed(given[key], key, kind) for key, kind in kinds.items()]


def matches(values: dict[str, str], kinds: dict[str, str], conditions: list[tuple[str, str, str]]) -> bool:
    """Does a partition fulfil every condition, compared in the type of its key?"""
    return all(_compare(values[key], sign, value, kinds[key]) for key, sign, value in conditions)


def _compare(left: str, sign: str, right: str, kind: str) -> bool:
    pair: tuple[Any, Any] = (left, right)
    if HIVE_NULL not in pair and (kind in _WHOLE or kind in ("double", "float") or kind.startswith("decimal")):
        try:
            pair = (float(left), float(right)) if kind not in _WHOLE else (int(left), int(right))
        except ValueError:
            pair = (left, right)
    tests = {
        "=": pair[0] == pair[1], "<>": pair[0] != pair[1], "!=": pair[0] != pair[1], "<": pair[0] < pair[1],
        "<=": pair[0] <= pair[1], ">": pair[0] > pair[1], ">=": pair[0] >= pair[1],
    }  # fmt: skip
    return bool(tests[sign])
