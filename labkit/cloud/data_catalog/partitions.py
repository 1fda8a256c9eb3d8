"""Partitions of a table."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.data_catalog.expressions import partition_filter
from labkit.cloud.data_catalog.records import Document, Partition, Table, Values
from labkit.cloud.data_catalog.shapes import cut
from labkit.cloud.data_catalog.storage import PARTITION, STATISTICS, Change, Storage
from labkit.cloud.data_catalog.tables import full_descriptor

_MISMATCH = "The number of partition keys do not match the number of partition values"


def list_partitions(table: Table, expression: str | None = None) -> list[Partition]:
    """Every partition that the expression leaves, in the order in which they were made."""
    if not (expression or "").strip():
        return list(table.partitions.values())
    matches = partition_filter(str(expression), table.keys)
    return [one for values, one in list(table.partitions.items()) if matches(values)]


def segment(partitions: Sequence[Partition], number: int, total: int) -> list[Partition]:
    """One of ``total`` parts that readers can fetch beside each other; a partition is always in the same one."""
    if not 0 <= number < total:
        raise AwsError("InvalidInputException", f"Segment number {number} is not below the total of {total} segments.")
    return [one for one in partitions if zlib.crc32(repr(one.document["Values"]).encode()) % total == number]


def get_partition(table: Table, values: Sequence[str]) -> Partition:
    """The partition, or EntityNotFoundException."""
    found = table.partitions.get(_checked(table, values))
    if found is None:
        raise AwsError("EntityNotFoundException", "Cannot find partition.")
    return found


def _checked(table: Table, values: Sequence[str]) -> Values:
    if len(values) != len(table.keys):
        raise AwsError("InvalidInputException", _MISMATCH)
    return tuple(values)


def create_partitions(storage: Storage, table: Table, inputs: Sequence[Document], now: float) -> list[AwsError | None]:
    """Make partitions in one write; for each an error or None. Those that can be made are made."""
    with storage.lock:
        made: dict[Values, Partition] = {}
        outcomes: list[AwsError | None] = []
        for one in inputs:
            try:
                values, document = _new(table, one, now)
            except AwsError as error:
                outcomes.append(error)
                continue
            if values in table.partitions or values in made:
                outcomes.append(AwsError("AlreadyExistsException", "Partition already exists."))
                continue
            table.last_position += 1
            made[values] = Partition(table.last_position, document)
            outcomes.append(None)
        storage.write(Change(puts=[_put(table, values, one.document) for values, one in made.items()]))
        table.partitions.update(made)
        return outcomes


def _new(table: Table, partition_input: Document, now: float) -> tuple[Values, Document]:
    given = cut("PartitionInput", partition_input)
    values = _checked(table, given.get("Values") or [])
    document: dict[str, Any] = {
        **given,
        "Values": list(values),
        "DatabaseName": table.document["DatabaseName"],
        "TableName": table.document["Name"],
        "CreationTime": now,
        "CatalogId": table.document["CatalogId"],
    }
    if "StorageDescriptor" in given:
        document["StorageDescriptor"] = full_descriptor(given["StorageDescriptor"])
    return values, document


def _put(table: Table, values: Values, document: Document) -> tuple[str, list[Any], Document]:
    return PARTITION, _key(table, values), document


def _key(table: Table, values: Values) -> list[Any]:
    return [table.document["DatabaseName"], table.document["Name"], list(values)]


def update_partition(storage: Storage, table: Table, values: Sequence[str], partition_input: Document) -> None:
    """Replace one partition; other values in the input give it those values."""
    with storage.lock:
        old_values = _checked(table, values)
        old = table.partitions.get(old_values)
        if old is None:
            raise AwsError("EntityNotFoundException", "Partition not found.")
        new_values, document = _new(table, partition_input, old.document["CreationTime"])
        if new_values != old_values and new_values in table.partitions:
            raise AwsError("AlreadyExistsException", "Partition already exists.")
        renamed = new_values != old_values
        deletes = [(PARTITION, _key(table, old_values))] if renamed else []
        storage.write(Change([_put(table, new_values, document)], deletes))
        if renamed:
            del table.partitions[old_values]
            table.last_position += 1
        table.partitions[new_values] = Partition(table.last_position if renamed else old.position, document)


def delete_partitions(storage: Storage, table: Table, several: Sequence[Sequence[str]]) -> list[AwsError | None]:
    """Remove partitions in one write; for each an error or None. Their objects stay."""
    with storage.lock:
        gone: dict[Values, None] = {}
        outcomes: list[AwsError | None] = []
        for values in several:
            try:
                key = _checked(table, values)
            except AwsError as error:
                outcomes.append(error)
                continue
            if key not in table.partitions or key in gone:
                outcomes.append(AwsError("EntityNotFoundException", "Partition not found."))
                continue
            gone[key] = None
            outcomes.append(None)
        measured = [key for key in table.statistics if key[0] in gone]
        deletes = [(PARTITION, _key(table, values)) for values in gone]
        deletes += [(STATISTICS, [*_key(table, values or ()), column]) for values, column in measured]
        storage.write(Change(deletes=deletes))
        for values in gone:
            del table.partitions[values]
        for one in measured:
            del table.statistics[one]
        return outcomes
