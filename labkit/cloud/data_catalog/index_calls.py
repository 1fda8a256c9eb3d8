"""CreatePartitionIndex, GetPartitionIndexes, DeletePartitionIndex."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.call import Call, Handler, Scope
from labkit.cloud.catalog import Catalog
from labkit.cloud.data_catalog import indexes, tables
from labkit.cloud.data_catalog.pages import page
from labkit.cloud.data_catalog.records import Table


class IndexCalls:
    """The calls of partition indexes."""

    def __init__(self, catalog: Callable[[Scope], Catalog]) -> None:
        self._catalog = catalog
        self.calls: dict[str, Handler] = {
            "CreatePartitionIndex": self._create, "GetPartitionIndexes": self._list,
            "DeletePartitionIndex": self._delete,
        }  # fmt: skip

    def _table(self, call: Call) -> tuple[Catalog, Table]:
        catalog = self._catalog(call.scope)
        return catalog, tables.get_table(catalog.storage, call.params["DatabaseName"], call.params["TableName"])

    def _create(self, call: Call) -> dict[str, Any]:
        catalog, table = self._table(call)
        indexes.create_indexes(catalog.storage, table, [call.params["PartitionIndex"]])
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        _, table = self._table(call)
        found = [table.indexes[name] for name in sorted(table.indexes)]
        shown, more = page(found, lambda one: one["IndexName"], call.params, 100)
        return {"PartitionIndexDescriptorList": shown, **more}

    def _delete(self, call: Call) -> dict[str, Any]:
        catalog, table = self._table(call)
        indexes.delete_index(catalog.storage, table, call.params["IndexName"])
        return {}
