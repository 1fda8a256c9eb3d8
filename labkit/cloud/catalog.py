"""The Glue Data Catalog as the engines see it, in AWS's document shapes; names are folded to lower case as Glue does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from moto.core.exceptions import JsonRESTError
from moto.glue.models import GlueBackend, glue_backends

from labkit.cloud.call import AwsError, Scope

Document = dict[str, Any]
_T = TypeVar("_T")


class Catalog:
    """Databases, tables and partitions of one account and region; `changed` is called after each write."""

    def __init__(self, scope: Scope, changed: Callable[[], None]) -> None:
        self._scope = scope
        self._changed = changed

    @property
    def _backend(self) -> GlueBackend:
        return glue_backends[self._scope.account][self._scope.region]

    def _write(self, act: Callable[[], Any]) -> None:
        _aws(act)
        self._changed()

    def find_database(self, name: str) -> Document | None:
        """As GetDatabase, or None."""
        found = self._backend.databases.get(name.lower())
        return found.as_dict() if found else None

    def list_databases(self) -> list[Document]:
        """As GetDatabases."""
        return [database.as_dict() for database in list(self._backend.databases.values())]

    def create_database(self, database_input: Document) -> None:
        """AwsError AlreadyExistsException when there is one of that name."""
        named = {**database_input, "Name": database_input["Name"].lower()}
        self._write(lambda: self._backend.create_database(named["Name"], named))

    def delete_database(self, name: str) -> None:
        """AwsError EntityNotFoundException; the tables go with it."""
        self._write(lambda: self._backend.delete_database(name.lower()))

    def find_table(self, database: str, name: str) -> Document | None:
        """As GetTable's Table, or None (also when the database does not exist)."""
        tables = self._backend.databases.get(database.lower())
        found = tables.tables.get(name.lower()) if tables else None
        return found.as_dict() if found else None

    def list_tables(self, database: str) -> list[Document]:
        """As GetTables; AwsError EntityNotFoundException when the database does not exist."""
        found = _aws(lambda: self._backend.get_tables(database.lower(), None))
        return [table.as_dict() for table in found]

    def create_table(self, database: str, table_input: Document) -> None:
        """AwsError AlreadyExistsException, EntityNotFoundException."""
        named = {**table_input, "Name": table_input["Name"].lower()}
        self._write(lambda: self._backend.create_table(database.lower(), named["Name"], named))

    def update_table(self, database: str, table_input: Document) -> None:
        """Replace the table's definition and keep the old one as a version."""
        named = {**table_input, "Name": table_input["Name"].lower()}
        self._write(lambda: self._backend.update_table(database.lower(), named["Name"], named))

    def delete_table(self, database: str, name: str) -> None:
        """AwsError EntityNotFoundException; the partitions go with it, the objects stay."""
        self._write(lambda: self._backend.delete_table(database.lower(), name.lower()))

    def list_partitions(self, database: str, table: str) -> list[Document]:
        """As GetPartitions without an expression, in the order of creation."""
        found = _aws(lambda: self._backend.get_table(database.lower(), table.lower()))
        return [partition.as_dict() for partition in list(found.partitions.values())]

    def create_partitions(self, database: str, table: str, partition_inputs: list[Document]) -> None:
        """AwsError AlreadyExistsException for the first that exists; those before it stay created."""
        found = _aws(lambda: self._backend.get_table(database.lower(), table.lower()))
        self._write(lambda: [found.create_partition(partition) for partition in partition_inputs])

    def update_partition(self, database: str, table: str, values: list[str], partition_input: Document) -> None:
        """Replace one partition."""
        found = _aws(lambda: self._backend.get_table(database.lower(), table.lower()))
        self._write(lambda: found.update_partition(values, partition_input))

    def delete_partitions(self, database: str, table: str, values: list[list[str]]) -> None:
        """Remove partitions from the catalog; their objects stay."""
        found = _aws(lambda: self._backend.get_table(database.lower(), table.lower()))
        self._write(lambda: [found.delete_partition(one) for one in values])


def _aws(act: Callable[[], _T]) -> _T:
    """Run moto's code and turn its errors into ours."""
    try:
        return act()
    except JsonRESTError as error:
        raise AwsError(error.error_type, error.message) from error
