"""Partition values against a query's conditions on partition keys, decided by DuckDB."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.scope import Scan, Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import INTEGERS, VARCHAR, Type

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


class KeyFilter:
    """The conditions of one scan that touch only its partition keys."""

    def __init__(self, scan: Scan, connection: Any) -> None:
        self._scan, self._connection = scan, connection
        self._keys = scan.partition_keys
        self._start = len(scan.columns)

    def conditions(self, index: int) -> list[str]:
        """Those that touch this key alone."""
        return [one for one in self._scan.predicates if self._touched(one) == {self._start + index}]

    def _touched(self, predicate: str) -> set[int]:
        return {int(one) for one in re.findall(rf"\b{re.escape(self._scan.alias)}\.c(\d+)\b", predicate)}

    def select_key(self, index: int, values: Sequence[str]) -> list[int]:
        """Positions of the values that the conditions on this key alone leave."""
        conditions = self.conditions(index)
        if not conditions:
            return list(range(len(values)))
        return self._chosen([(index, values)], conditions)

    def select(self, rows: Sequence[tuple[str, ...]]) -> list[int]:
        """Positions of the partitions that every condition leaves."""
        check_values(self._keys, rows)
        if not rows or not self._scan.predicates:
            return list(range(len(rows)))
        lists = [(index, [row[index] for row in rows]) for index in range(len(self._keys))]
        return self._chosen(lists, self._scan.predicates)

    def _chosen(self, lists: Sequence[tuple[int, Sequence[str]]], conditions: list[str]) -> list[int]:
        size = len(lists[0][1])
        given = [[None if value == HIVE_NULL else value for value in values] for _, values in lists]
        parts = ", ".join(f"unnest(CAST(? AS VARCHAR[])) AS v{index}" for index, _ in lists)
        typed = ", ".join(
            f"{typed_key(f'v{index}', self._keys[index][1])} AS c{self._start + index}" for index, _ in lists
        )
        sql = (
            f"SELECT i FROM (SELECT i, {typed} FROM (SELECT unnest(range({size})) AS i, {parts}) AS listed) "
            f"AS {self._scan.alias} WHERE {' AND '.join(f'({one})' for one in conditions)} ORDER BY i"
        )
        return [position for (position,) in self._connection.execute(sql, given).fetchall()]


def typed_key(sql: str, kind: Type) -> str:
    """A partition's text in the type of its key."""
    return sql if kind.name in ("varchar", "char") else cast(Typed(sql, VARCHAR), kind, None).sql


def check_values(keys: list[tuple[str, Type]], rows: Sequence[tuple[str, ...]]) -> None:
    """HIVE_INVALID_PARTITION_VALUE for a value that is none of its key's type."""
    for index, (key, kind) in enumerate(keys):
        if kind.name not in INTEGERS:
            continue
        for row in rows:
            value = row[index]
            if value != HIVE_NULL and not value.lstrip("+-").isdigit():
                text = f"Invalid partition value '{value}' for {kind.name.upper()} partition key: {key}={value}"
                raise QueryFailure("HIVE_INVALID_PARTITION_VALUE", text)
