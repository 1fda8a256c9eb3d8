"""The Glue Data Catalog: databases and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
