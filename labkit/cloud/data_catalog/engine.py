"""The Data Catalog's calls, each checked against Glue's own description of it before it does anything."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError, Call, Handler
from labkit.cloud.data_catalog.database_calls import DatabaseCalls
from labkit.cloud.data_catalog.function_calls import FunctionCalls
from labkit.cloud.data_catalog.index_calls import IndexCalls
from labkit.cloud.data_catalog.partition_calls import PartitionCalls
from labkit.cloud.data_catalog.search import SearchCalls
from labkit.cloud.data_catalog.shapes import check_request
from labkit.cloud.data_catalog.statistics_calls import StatisticsCalls
from labkit.cloud.data_catalog.table_calls import TableCalls
from labkit.cloud.event_bus.glue_events import may_change, tell_catalog_call
from labkit.cloud.event_bus.port import Emit

# What would need another account, Lake Formation or an open table format: named, because an empty answer would be untrue.
_ABSENT = {
    "TransactionId": "Lake Formation transactions",
    "QueryAsOfTime": "reading a table as it was (QueryAsOfTime)",
    "OpenTableFormatInput": "Iceberg tables",
    "UpdateOpenTableFormatInput": "Iceberg tables",
    "ViewUpdateAction": "multi-dialect views",
}


class DataCatalogEngine:
    """Owns every call of databases, tables and partitions, from Create to Delete."""

    def __init__(self, services: Any) -> None:
        parts = (DatabaseCalls, TableCalls, PartitionCalls, IndexCalls, StatisticsCalls, FunctionCalls, SearchCalls)
        self._calls: dict[str, Handler] = {}
        for part in parts:
            self._calls.update(part(lambda scope: services.catalog(scope).quiet).calls)
        self._emit: Emit = services.emit

    @property
    def routes(self) -> dict[tuple[str, str], Handler]:
        """Service and action to handler."""
        return {("glue", action): self._answer for action in self._calls}

    def _answer(self, call: Call) -> dict[str, Any]:
        check_request(call.action, call.params)
        catalog = call.params.get("CatalogId")
        if catalog and catalog != call.scope.account:
            raise AwsError("EntityNotFoundException", f"Catalog {catalog} not found.")
        for name, what in _ABSENT.items():
            if call.params.get(name):
                raise AwsError("InvalidInputException", f"labkit's local cloud has no {what}: {name} is refused")
        result = self._calls[call.action](call)
        if may_change(call):
            tell_catalog_call(self._emit, call, result)
        return result
