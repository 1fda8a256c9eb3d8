"""The Glue Data Catalog as the engines see it, in AWS's document shapes; names are folded to lower case as Glue does.

Documents are the catalog's own: they are read, never changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.data_catalog import databases, indexes, partitions, tables
from labkit.cloud.data_catalog.storage import Storage
from labkit.cloud.event_bus.glue_events import tell_catalog
from labkit.cloud.event_bus.port import Emit, emit_nowhere

Document = dict[str, Any]


class Catalog:
    """Databases, tables and partitions of one account and region; a write is on disk when it returns."""

    def __init__(self, storage: Storage, clock: Callable[[], datetime], emit: Emit = emit_nowhere) -> None:
        self.storage = storage
        self._clock = clock
        self._emit = emit

    @property
    def quiet(self) -> Catalog:
        """The same catalog, whose changes are told by whoever makes them."""
        return Catalog(self.storage, self._clock)

    def _tell(self, change: str, database: str, **what: Any) -> None:
        tell_catalog(self._emit, self.storage.scope, change, database, **what)

    def now(self) -> float:
        """Seconds since 1970; Glue's times have no fractions."""
        return float(int(self._clock().timestamp()))

    def find_database(self, name: str) -> Document | None:
        """As GetDatabase, or None."""
        found = self.storage.databases.get(name.lower())
        return found.document if found else None

    def list_databases(self) -> list[Document]:
        """As GetDatabases."""
        return databases.list_databases(self.storage)

    def create_database(self, database_input: Document) -> None:
        """AwsError AlreadyExistsException when there is one of that name."""
        databases.create_database(self.storage, database_input, self.now())
        self._tell("CreateDatabase", database_input["Name"])

    def update_database(self, name: str, database_input: Document) -> None:
        """Replace the definition of a database."""
        databases.update_database(self.storage, name, database_input)

    def delete_database(self, name: str) -> None:
        """AwsError EntityNotFoundException; the tables go with it."""
        databases.delete_database(self.storage, name)
        self._tell("DeleteDatabase", name)

    def find_table(self, database: str, name: str) -> Document | None:
        """As GetTable's Table, or None (also when the database does not exist)."""
        found = tables.find_table(self.storage, database, name)
        return found.document if found else None

    def list_tables(self, database: str, expression: str | None = None) -> list[Document]:
        """As GetTables; AwsError EntityNotFoundException when the database does not exist."""
        return tables.list_tables(self.storage, database, expression)

    def create_table(self, database: str, table_input: Document, created_by: str = "") -> None:
        """AwsError AlreadyExistsException, EntityNotFoundException; ``created_by``: the ARN that GetTable shows."""
        tables.create_table(self.storage, database, table_input, self.now(), created_by)
        self._tell("CreateTable", database, tables=[table_input["Name"]])

    def update_table(self, database: str, table_input: Document) -> None:
        """Replace the table's definition and keep the old one as a version."""
        tables.update_table(self.storage, database, table_input, self.now())
        self._tell("UpdateTable", database, table=table_input["Name"])

    def delete_table(self, database: str, name: str) -> None:
        """AwsError EntityNotFoundException; the partitions go with it, the objects stay."""
        tables.delete_table(self.storage, database, name)
        self._tell("DeleteTable", database, tables=[name])

    def create_partition_index(self, database: str, table: str, index: Document) -> None:
        """As CreatePartitionIndex; AwsError AlreadyExistsException, EntityNotFoundException."""
        indexes.create_indexes(self.storage, tables.get_table(self.storage, database, table), [index])

    def list_partitions(self, database: str, table: str, expression: str | None = None) -> list[Document]:
        """As GetPartitions, in the order of creation."""
        found = tables.get_table(self.storage, database, table)
        return [one.document for one in partitions.list_partitions(found, expression)]

    def create_partitions(self, database: str, table: str, partition_inputs: Sequence[Document]) -> None:
        """AwsError AlreadyExistsException for the first that exists; the others are created."""
        found = tables.get_table(self.storage, database, table)
        outcomes = partitions.create_partitions(self.storage, found, partition_inputs, self.now())
        made = [one["Values"] for one, error in zip(partition_inputs, outcomes, strict=True) if error is None]
        if made:
            self._tell("BatchCreatePartition", database, table=table, partitions=made)
        _raise_first(outcomes)

    def update_partition(self, database: str, table: str, values: list[str], partition_input: Document) -> None:
        """Replace one partition."""
        found = tables.get_table(self.storage, database, table)
        partitions.update_partition(self.storage, found, values, partition_input)
        self._tell("UpdatePartition", database, table=table, partitions=[values])

    def delete_partitions(self, database: str, table: str, values: list[list[str]]) -> None:
        """Remove partitions from the catalog; their objects stay."""
        found = tables.get_table(self.storage, database, table)
        outcomes = partitions.delete_partitions(self.storage, found, values)
        gone = [one for one, error in zip(values, outcomes, strict=True) if error is None]
        if gone:
            self._tell("BatchDeletePartition", database, table=table, partitions=gone)
        _raise_first(outcomes)


def _raise_first(outcomes: list[AwsError | None]) -> None:
    error = next((one for one in outcomes if one is not None), None)
    if error is not None:
        raise error
