"""Partitions: Create, Get, Update, Delete, and the batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.catalog import Catalog
from labkit.cloud.data_catalog import partitions, tables
from labkit.cloud.data_catalog.pages import page
from labkit.cloud.data_catalog.records import Document, Table
from labkit.cloud.data_catalog.table_calls import detail


class PartitionCalls:
    """The calls of partitions."""

    def __init__(self, catalog: Callable[[Scope], Catalog]) -> None:
        self._catalog = catalog
        self.calls: dict[str, Handler] = {
            "CreatePartition": self._create, "BatchCreatePartition": self._batch_create, "GetPartition": self._get,
            "GetPartitions": self._list, "BatchGetPartition": self._batch_get, "UpdatePartition": self._update,
            "BatchUpdatePartition": self._batch_update, "DeletePartition": self._delete,
            "BatchDeletePartition": self._batch_delete,
        }  # fmt: skip

    def _table(self, call: Call) -> tuple[Catalog, Table]:
        catalog = self._catalog(call.scope)
        return catalog, tables.get_table(catalog.storage, call.params["DatabaseName"], call.params["TableName"])

    def _create(self, call: Call) -> dict[str, Any]:
        catalog, table = self._table(call)
        outcomes = partitions.create_partitions(catalog.storage, table, [call.params["PartitionInput"]], catalog.now())
        return _done(outcomes[0])

    def _batch_create(self, call: Call) -> dict[str, Any]:
        catalog, table = self._table(call)
        inputs = call.params["PartitionInputList"]
        outcomes = partitions.create_partitions(catalog.storage, table, inputs, catalog.now())
        return {"Errors": _errors("PartitionValues", [one.get("Values") or [] for one in inputs], outcomes)}

    def _get(self, call: Call) -> dict[str, Any]:
        _, table = self._table(call)
        return {"Partition": partitions.get_partition(table, call.params["PartitionValues"]).document}

    def _list(self, call: Call) -> dict[str, Any]:
        _, table = self._table(call)
        found = partitions.list_partitions(table, call.params.get("Expression"))
        part = call.params.get("Segment")
        if part:
            found = partitions.segment(found, part["SegmentNumber"], part["TotalSegments"])
        shown, more = page(found, lambda one: one.position, call.params, 1000)
        documents = [one.document for one in shown]
        if call.params.get("ExcludeColumnSchema"):
            documents = [_without_columns(one) for one in documents]
        return {"Partitions": documents, **more}

    def _batch_get(self, call: Call) -> dict[str, Any]:
        _, table = self._table(call)
        found = []
        for entry in call.params["PartitionsToGet"]:
            try:
                found.append(partitions.get_partition(table, entry["Values"]).document)
            except AwsError as error:
                if error.code != "EntityNotFoundException":
                    raise
        return {"Partitions": found, "UnprocessedKeys": []}

    def _update(self, call: Call) -> dict[str, Any]:
        catalog, table = self._table(call)
        values = call.params["PartitionValueList"]
        partitions.update_partition(catalog.storage, table, values, call.params["PartitionInput"])
        return {}

    def _batch_update(self, call: Call) -> dict[str, Any]:
        catalog, table = self._table(call)
        errors = []
        for entry in call.params["Entries"]:
            values = entry["PartitionValueList"]
            try:
                partitions.update_partition(catalog.storage, table, values, entry["PartitionInput"])
            except AwsError as error:
                errors.append({"PartitionValueList": values, "ErrorDetail": detail(error)})
        return {"Errors": errors}

    def _delete(self, call: Call) -> dict[str, Any]:
        catalog, table = self._table(call)
        return _done(partitions.delete_partitions(catalog.storage, table, [call.params["PartitionValues"]])[0])

    def _batch_delete(self, call: Call) -> dict[str, Any]:
        catalog, table = self._table(call)
        several = [one["Values"] for one in call.params["PartitionsToDelete"]]
        outcomes = partitions.delete_partitions(catalog.storage, table, several)
        return {"Errors": _errors("PartitionValues", several, outcomes)}


def _done(outcome: AwsError | None) -> dict[str, Any]:
    if outcome is not None:
        raise outcome
    return {}


def _errors(key: str, several: Sequence[list[str]], outcomes: Sequence[AwsError | None]) -> list[dict[str, Any]]:
    pairs = zip(several, outcomes, strict=True)
    return [{key: values, "ErrorDetail": detail(error)} for values, error in pairs if error is not None]


def _without_columns(document: Document) -> Document:
    descriptor = document.get("StorageDescriptor")
    if not descriptor:
        return document
    return {**document, "StorageDescriptor": {key: value for key, value in descriptor.items() if key != "Columns"}}
