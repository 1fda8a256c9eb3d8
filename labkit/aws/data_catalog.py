"""The Glue Data Catalog: databases and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.aws.session import error_code

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient


@dataclass(frozen=True)
class TableState:
    """A table as the catalog describes it; `columns` and `partition_keys` are (name, type) pairs in order."""

    database: str
    name: str
    location: str
    columns: tuple[tuple[str, str], ...]
    partition_keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PartitionState:
    """A registered partition: the values of its keys in their order, and where its objects lie."""

    values: tuple[str, ...]
    location: str


def database_exists(glue: GlueClient, name: str) -> bool:
    """True if the catalog has this database."""
    from botocore.exceptions import ClientError

    try:
        glue.get_database(Name=name)
    except ClientError as error:
        if error_code(error) == "EntityNotFoundException":
            return False
        raise
    return True


def find_table(glue: GlueClient, database: str, name: str) -> TableState | None:
    """The table, or None if it or its database does not exist."""
    from botocore.exceptions import ClientError

    try:
        table = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except ClientError as error:
        if error_code(error) == "EntityNotFoundException":
            return None
        raise
    storage = table.get("StorageDescriptor", {})
    columns = tuple((item["Name"], item.get("Type", "")) for item in storage.get("Columns", []))
    keys = tuple((item["Name"], item.get("Type", "")) for item in table.get("PartitionKeys", []))
    return TableState(database, name, storage.get("Location", ""), columns, keys)


def list_tables(glue: GlueClient, database: str) -> list[dict[str, Any]]:
    """The tables of a database as GetTables gives them, in order of name; empty when there is no such database."""
    from botocore.exceptions import ClientError

    try:
        pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
        tables = [dict(table) for page in pages for table in page["TableList"]]
    except ClientError as error:
        if error_code(error) == "EntityNotFoundException":
            return []
        raise
    return sorted(tables, key=lambda table: str(table["Name"]))


def list_partitions(glue: GlueClient, database: str, table: str) -> list[PartitionState]:
    """Every partition that the catalog knows of a table, in its order."""
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=database, TableName=table, ExcludeColumnSchema=True
    )
    return [
        PartitionState(tuple(item["Values"]), item.get("StorageDescriptor", {}).get("Location", ""))
        for page in pages
        for item in page["Partitions"]
    ]
