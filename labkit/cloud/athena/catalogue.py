"""The Data Catalog as SQL sees it: tables, information_schema, ``"t$partitions"``."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from labkit.cloud.athena.types import BIGINT, VARCHAR, Type, parse_type, show

_CATALOG = "awsdatacatalog"
Rows = tuple[list[tuple[str, Type]], list[list[Any]]]


class CatalogTables:
    """One account and region's catalog for a translation."""

    def __init__(self, catalog: Any) -> None:
        self._catalog = catalog

    def has_database(self, database: str) -> bool:
        """Does the database exist?"""
        return self._catalog.find_database(database) is not None

    def find(self, database: str, table: str) -> dict[str, Any] | None:
        """The table's document, or None (also when the database does not exist)."""
        if not self.has_database(database):
            return None
        found: dict[str, Any] | None = self._catalog.find_table(database, table)
        return found

    def system(self, database: str, table: str, wanted: dict[str, set[str]]) -> Rows | None:
        """A table that Athena makes up itself; ``wanted`` are texts that a query asks for by column, so that nothing else is listed."""
        if database == "information_schema":
            made = {
                "schemata": self._schemata,
                "tables": self._tables,
                "views": self._views,
                "columns": self._columns,
            }.get(table)
            return made(wanted) if made else None
        if table.endswith("$partitions"):
            return self._partitions(database, table.removesuffix("$partitions"))
        return None

    def _partitions(self, database: str, table: str) -> Rows | None:
        found = self.find(database, table)
        if found is None or not found.get("PartitionKeys"):
            return None
        keys = [(key["Name"].lower(), parse_type(key.get("Type") or "string")) for key in found["PartitionKeys"]]
        listed = self._catalog.list_partitions(database, table)
        hidden = "__HIVE_DEFAULT_PARTITION__"
        return keys, [[None if value == hidden else value for value in one["Values"]] for one in listed]

    def _names(self, wanted: set[str] | None) -> list[str]:
        if wanted is not None:
            return sorted(name for name in wanted if name == name.lower() and self.has_database(name))
        return sorted(one["Name"] for one in self._catalog.list_databases())

    def _all(self, wanted: dict[str, set[str]]) -> list[tuple[str, dict[str, Any]]]:
        names = wanted.get("table_name")
        databases = self._names(wanted.get("table_schema"))
        if names is None:
            return [(name, table) for name in databases for table in self._catalog.list_tables(name)]
        found = [(name, self._catalog.find_table(name, one)) for name in databases for one in sorted(names)]
        return [(name, table) for name, table in found if table is not None]

    def _schemata(self, wanted: dict[str, set[str]]) -> Rows:
        names = [*self._names(wanted.get("schema_name")), "information_schema"]
        return [("catalog_name", VARCHAR), ("schema_name", VARCHAR)], [[_CATALOG, name] for name in names]

    def _tables(self, wanted: dict[str, set[str]]) -> Rows:
        columns = [(name, VARCHAR) for name in ("table_catalog", "table_schema", "table_name", "table_type")]
        kinds = {"VIRTUAL_VIEW": "VIEW"}
        rows: list[list[Any]] = [
            [_CATALOG, name, table["Name"], kinds.get(table.get("TableType", ""), "BASE TABLE")]
            for name, table in self._all(wanted)
        ]
        return columns, rows

    def _views(self, wanted: dict[str, set[str]]) -> Rows:
        columns = [(name, VARCHAR) for name in ("table_catalog", "table_schema", "table_name", "view_definition")]
        found = [(name, table) for name, table in self._all(wanted) if table.get("TableType") == "VIRTUAL_VIEW"]
        return columns, [[_CATALOG, name, table["Name"], _definition(table)] for name, table in found]

    def _columns(self, wanted: dict[str, set[str]]) -> Rows:
        names = ("table_catalog", "table_schema", "table_name", "column_name")
        columns = [*((name, VARCHAR) for name in names), ("ordinal_position", BIGINT)]
        columns += [(name, VARCHAR) for name in ("column_default", "is_nullable", "data_type", "comment", "extra_info")]
        rows: list[list[Any]] = []
        for name, table in self._all(wanted):
            data = (table.get("StorageDescriptor") or {}).get("Columns") or []
            keys = table.get("PartitionKeys") or []
            for index, column in enumerate([*data, *keys]):
                extra = "partition key" if index >= len(data) else None
                place = [_CATALOG, name, table["Name"], column["Name"], str(index + 1)]
                rows.append([*place, None, "YES", _shown(column.get("Type") or "string"), column.get("Comment"), extra])
        return columns, rows


def _definition(table: dict[str, Any]) -> str | None:
    """The query of a view that Athena made."""
    found = re.search(r"/\* Presto View: (\S+) \*/", table.get("ViewOriginalText") or "")
    return str(json.loads(base64.b64decode(found.group(1)))["originalSql"]) if found else None


def _shown(written: str) -> str:
    try:
        return show(parse_type(written))
    except ValueError:
        return written
