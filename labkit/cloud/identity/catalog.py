"""The Data Catalog as one principal may use it: each call is asked for as the Glue call that it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.catalog import Catalog, Document
from labkit.cloud.identity.authorizer import Guard
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.glue import GLUE
from labkit.cloud.identity.requests.rules import accesses_of


class GuardedCatalog(Catalog):
    """A catalog that raises AwsError AccessDeniedException for what its principal may not do.

    A table's access is also its database's and the catalog's: they are asked for in that order, from the top.
    """

    def __init__(self, guard: Guard, catalog: Catalog, scope: Scope) -> None:
        self._guard = guard
        self._catalog = catalog
        self._scope = scope

    def ask(self, operation: str, params: Mapping[str, Any]) -> None:
        """What a Glue call needs: botocore's operation and parameters."""
        for access in accesses_of(GLUE, Asked("glue", operation, params, self._scope.region, self._scope.account, {})):
            self._guard.require(access.action, access.resource, access.context)

    def _ask_of_table(self, operation: str, database: str, table: str) -> None:
        self.ask(operation, {"DatabaseName": database, "TableName": table})

    def now(self) -> float:
        """As Catalog.now."""
        return self._catalog.now()

    def find_database(self, name: str) -> Document | None:
        """As Catalog.find_database, with glue:GetDatabase."""
        self.ask("GetDatabase", {"Name": name})
        return self._catalog.find_database(name)

    def list_databases(self) -> list[Document]:
        """As Catalog.list_databases, with glue:GetDatabases."""
        self.ask("GetDatabases", {})
        return self._catalog.list_databases()

    def create_database(self, database_input: Document) -> None:
        """As Catalog.create_database, with glue:CreateDatabase."""
        self.ask("CreateDatabase", {"DatabaseInput": database_input})
        self._catalog.create_database(database_input)

    def update_database(self, name: str, database_input: Document) -> None:
        """As Catalog.update_database, with glue:UpdateDatabase."""
        self.ask("UpdateDatabase", {"Name": name})
        self._catalog.update_database(name, database_input)

    def delete_database(self, name: str) -> None:
        """As Catalog.delete_database, with glue:DeleteDatabase on it and on all that is in it."""
        self.ask("DeleteDatabase", {"Name": name})
        self._catalog.delete_database(name)

    def find_table(self, database: str, name: str) -> Document | None:
        """As Catalog.find_table, with glue:GetTable."""
        self.ask("GetTable", {"DatabaseName": database, "Name": name})
        return self._catalog.find_table(database, name)

    def list_tables(self, database: str, expression: str | None = None) -> list[Document]:
        """As Catalog.list_tables, with glue:GetTables on all tables of the database."""
        self.ask("GetTables", {"DatabaseName": database})
        return self._catalog.list_tables(database, *([] if expression is None else [expression]))

    def create_table(self, database: str, table_input: Document, created_by: str = "") -> None:
        """As Catalog.create_table, with glue:CreateTable."""
        self.ask("CreateTable", {"DatabaseName": database, "TableInput": table_input})
        self._catalog.create_table(database, table_input, *([created_by] if created_by else []))

    def update_table(self, database: str, table_input: Document) -> None:
        """As Catalog.update_table, with glue:UpdateTable."""
        self.ask("UpdateTable", {"DatabaseName": database, "TableInput": table_input})
        self._catalog.update_table(database, table_input)

    def delete_table(self, database: str, name: str) -> None:
        """As Catalog.delete_table, with glue:DeleteTable."""
        self.ask("DeleteTable", {"DatabaseName": database, "Name": name})
        self._catalog.delete_table(database, name)

    def create_partition_index(self, database: str, table: str, index: Document) -> None:
        """As Catalog.create_partition_index, with glue:CreatePartitionIndex."""
        self._ask_of_table("CreatePartitionIndex", database, table)
        self._catalog.create_partition_index(database, table, index)

    def list_partitions(self, database: str, table: str, expression: str | None = None) -> list[Document]:
        """As Catalog.list_partitions, with glue:GetPartitions."""
        self._ask_of_table("GetPartitions", database, table)
        return self._catalog.list_partitions(database, table, *([] if expression is None else [expression]))

    def create_partitions(self, database: str, table: str, partition_inputs: Sequence[Document]) -> None:
        """As Catalog.create_partitions, with glue:BatchCreatePartition."""
        self._ask_of_table("BatchCreatePartition", database, table)
        self._catalog.create_partitions(database, table, partition_inputs)

    def update_partition(self, database: str, table: str, values: list[str], partition_input: Document) -> None:
        """As Catalog.update_partition, with glue:UpdatePartition."""
        self._ask_of_table("UpdatePartition", database, table)
        self._catalog.update_partition(database, table, values, partition_input)

    def delete_partitions(self, database: str, table: str, values: list[list[str]]) -> None:
        """As Catalog.delete_partitions, with glue:BatchDeletePartition."""
        self._ask_of_table("BatchDeletePartition", database, table)
        self._catalog.delete_partitions(database, table, values)
