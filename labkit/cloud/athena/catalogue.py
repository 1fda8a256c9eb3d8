"""The Data Catalog as SQL sees it: tables, information_schema, ``"t$partitions"``."""

from __future__ import annotations

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

    def system(self, database: str, table: str) -> Rows | None:
        """A table that Athena makes up itself."""
        if database == "information_schema":
            made = {
                "schemata": self._schemata,
                "tables": self._tables,
                "views": self._views,
                "columns": self._columns,
            }.get(table)
            return made() if made else None
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

    def _names(self) -> list[str]:
        return sorted(one["Name"] for one in self._catalog.list_databases())

    def _all(self) -> list[tuple[str, dict[str, Any]]]:
        return [(name, table) for name in self._names() for table in self._catalog.list_tables(name)]

    def _schemata(self) -> Rows:
        names = [*self._names(), "information_schema"]
        return [("catalog_name", VARCHAR), ("schema_name", VARCHAR)], [[_CATALOG, name] for name in names]

    def _tables(self) -> Rows:
        columns = [(name, VARCHAR) for name in ("table_catalog", "table_schema", "table_name", "table_type")]
        kinds = {"VIRTUAL_VIEW": "VIEW"}
        rows: list[list[Any]] = [
            [_CATALOG, name, table["Name"], kinds.get(table.get("TableType", ""), "BASE TABLE")]
            for name, table in self._all()
        ]
        return columns, rows

    def _views(self) -> Rows:
        columns = [(name, VARCHAR) for name in ("table_catalog", "table_schema", "table_name")]
        found = [(name, table) for name, table in self._all() if table.get("TableType") == "VIRTUAL_VIEW"]
        return columns, [[_CATALOG, name, table["Name"]] for name, table in found]

    def _columns(self) -> Rows:
        names = ("table_catalog", "table_schema", "table_name", "column_name")
        columns = [*((name, VARCHAR) for name in names), ("ordinal_position", BIGINT)]
        columns += [(name, VARCHAR) for name in ("column_default", "is_nullable", "data_type", "comment", "extra_info")]
        rows: list[list[Any]] = []
        for name, table in self._all():
            data = (table.get("StorageDescriptor") or {}).get("Columns") or []
            keys = table.get("PartitionKeys") or []
            for index, column in enumerate([*data, *keys]):
                extra = "partition key" if index >= len(data) else None
                place = [_CATALOG, name, table["Name"], column["Name"], str(index + 1)]
                rows.append([*place, None, "YES", _shown(column.get("Type") or "string"), column.get("Comment"), extra])
        return columns, rows


def _shown(written: str) -> str:
    try:
        return show(parse_type(written))
    except ValueError:
        return written
