"""Column statistics that a client has measured: kept and given back as they are.

Nothing here measures them: StartColumnStatisticsTaskRun is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.catalog import Catalog
from labkit.cloud.data_catalog import partitions, tables
from labkit.cloud.data_catalog.records import Table, Values
from labkit.cloud.data_catalog.shapes import cut
from labkit.cloud.data_catalog.storage import STATISTICS, Change
from labkit.cloud.data_catalog.table_calls import detail


class StatisticsCalls:
    """The calls of column statistics, of tables and of partitions."""

    def __init__(self, catalog: Callable[[Scope], Catalog]) -> None:
        self._catalog = catalog
        self.calls: dict[str, Handler] = {}
        for kind in ("Table", "Partition"):
            self.calls[f"UpdateColumnStatisticsFor{kind}"] = self._update
            self.calls[f"GetColumnStatisticsFor{kind}"] = self._get
            self.calls[f"DeleteColumnStatisticsFor{kind}"] = self._delete

    def _find(self, call: Call) -> tuple[Catalog, Table, Values | None]:
        catalog = self._catalog(call.scope)
        table = tables.get_table(catalog.storage, call.params["DatabaseName"], call.params["TableName"])
        if not call.action.endswith("Partition"):
            return catalog, table, None
        partition = partitions.get_partition(table, call.params["PartitionValues"])
        return catalog, table, tuple(partition.document["Values"])

    def _update(self, call: Call) -> dict[str, Any]:
        catalog, table, values = self._find(call)
        errors, kept = [], {}
        for one in call.params["ColumnStatisticsList"]:
            given = cut("ColumnStatistics", one)
            try:
                _check(table, given)
            except AwsError as error:
                errors.append({"ColumnStatistics": given, "Error": detail(error)})
                continue
            kept[values, given["ColumnName"].lower()] = given
        puts = [(STATISTICS, _key(table, values, column), document) for (_, column), document in kept.items()]
        catalog.storage.write(Change(puts=puts))
        table.statistics.update(kept)
        return {"Errors": errors}

    def _get(self, call: Call) -> dict[str, Any]:
        _, table, values = self._find(call)
        found, errors = [], []
        for column in call.params["ColumnNames"]:
            known = table.statistics.get((values, column.lower()))
            if known is not None:
                found.append(known)
                continue
            missing = AwsError("EntityNotFoundException", "Statistics do not exist for this column")
            errors.append({"ColumnName": column, "Error": detail(missing)})
        return {"ColumnStatisticsList": found, "Errors": errors}

    def _delete(self, call: Call) -> dict[str, Any]:
        catalog, table, values = self._find(call)
        column = call.params["ColumnName"].lower()
        if (values, column) not in table.statistics:
            return {}  # measured on AWS: deleting what is not there succeeds (floci-io/floci#1319)
        catalog.storage.write(Change(deletes=[(STATISTICS, _key(table, values, column))]))
        del table.statistics[values, column]
        return {}


def _key(table: Table, values: Values | None, column: str) -> list[Any]:
    return [table.document["DatabaseName"], table.document["Name"], None if values is None else list(values), column]


def _check(table: Table, given: dict[str, Any]) -> None:
    """Statistics are of a column that exists, and their data is of the type that they name."""
    columns = [one["Name"].lower() for one in (table.document.get("StorageDescriptor") or {}).get("Columns") or []]
    if given["ColumnName"].lower() not in columns:
        raise AwsError("InvalidInputException", f"Column {given['ColumnName']} not found in the table.")
    data = given["StatisticsData"]
    wanted = f"{data['Type'].capitalize()}ColumnStatisticsData"
    if wanted not in data:
        raise AwsError("InvalidInputException", f"Statistics of type {data['Type']} need {wanted}.")
