"""Column lists of CREATE TABLE and ALTER TABLE."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.ddl.cursor import Cursor
from labkit.cloud.athena.ddl.hive_types import hive_type
from labkit.cloud.athena.errors import QueryFailure

# What GetTable adds and a TableInput must not have.
_READ_ONLY = (
    "DatabaseName", "CreateTime", "UpdateTime", "CreatedBy", "IsRegisteredWithLakeFormation", "CatalogId", "VersionId",
    "IsMultiDialectView",
)  # fmt: skip


def table_input(table: dict[str, Any]) -> dict[str, Any]:
    """A table's document as UpdateTable takes it."""
    return {key: value for key, value in table.items() if key not in _READ_ONLY}


def column(cursor: Cursor) -> dict[str, str]:
    """``name type [COMMENT '…']``."""
    found = {"Name": cursor.name(), "Type": hive_type(cursor)}
    if cursor.accept("COMMENT"):
        found["Comment"] = cursor.string()
    return found


def columns(cursor: Cursor) -> list[dict[str, str]]:
    """``(name type [COMMENT '…'], …)``; no name twice."""
    found: list[dict[str, str]] = []
    cursor.expect("(")
    while True:
        one = column(cursor)
        if any(known["Name"] == one["Name"] for known in found):
            raise duplicate(one["Name"])
        found.append(one)
        if cursor.accept(")"):
            return found
        if not cursor.accept(","):
            raise cursor.failure()


def duplicate(name: str) -> QueryFailure:
    """Hive's words for a column that is there twice."""
    return QueryFailure("", f"FAILED: SemanticException [Error 10036]: Duplicate column name: {name}")
