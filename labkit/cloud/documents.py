"""Durable JSON documents of the engines: job definitions, runs, crawlers, queries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.database import Database

_PUT = (
    "INSERT INTO documents (kind, account, region, name, body) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (kind, account, region, name) DO UPDATE SET body = excluded.body"
)
_DELETE = "DELETE FROM documents WHERE kind = ? AND account = ? AND region = ? AND name = ?"


class Documents:
    """JSON values by kind, scope and name; written before a call returns, listed in the order of first insertion."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: str, scope: Scope, name: str, document: dict[str, Any]) -> None:
        """Insert or replace one document."""
        self.change(scope, [(kind, name, document)], [])

    def change(
        self, scope: Scope, puts: Sequence[tuple[str, str, dict[str, Any]]], deletes: Sequence[tuple[str, str]]
    ) -> None:
        """Remove and then insert or replace documents (kind, name, …), all of them or none."""
        where = (scope.account, scope.region)
        statements: list[tuple[str, tuple[str, ...]]] = [(_DELETE, (kind, *where, name)) for kind, name in deletes]
        statements += [(_PUT, (kind, *where, name, json.dumps(body, ensure_ascii=False))) for kind, name, body in puts]
        self._database.write(statements)

    def find(self, kind: str, scope: Scope, name: str) -> dict[str, Any] | None:
        """The document, or None."""
        sql = "SELECT body FROM documents WHERE kind = ? AND account = ? AND region = ? AND name = ?"
        rows = self._database.read(sql, (kind, scope.account, scope.region, name))
        return json.loads(rows[0][0]) if rows else None

    def list(self, kind: str, scope: Scope | None = None) -> list[tuple[Scope, str, dict[str, Any]]]:
        """All documents of a kind, of one scope or of all."""
        sql, values = "SELECT account, region, name, body FROM documents WHERE kind = ?", [kind]
        if scope is not None:
            sql += " AND account = ? AND region = ?"
            values += [scope.account, scope.region]
        rows = self._database.read(sql + " ORDER BY position", tuple(values))
        return [(Scope(account, region), name, json.loads(body)) for account, region, name, body in rows]

    def delete(self, kind: str, scope: Scope, name: str) -> bool:
        """Remove one document; False when there was none."""
        return self._database.write([(_DELETE, (kind, scope.account, scope.region, name))]) > 0
