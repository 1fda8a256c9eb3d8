"""The metastore's methods about databases, functions and itself."""

from __future__ import annotations

from typing import Any

from pymetastore.hive_metastore import ttypes as hive

from awsglue import _aws
from awsglue._metastore import _documents as documents
from awsglue._metastore._errors import answering
from awsglue._metastore._folders import make_folder
from awsglue._metastore._names import matching

DEFAULT = "default"


def list_databases() -> list[dict[str, Any]]:
    pages = _aws.client("glue").get_paginator("get_databases").paginate()
    return [found for page in pages for found in page["DatabaseList"]]


def _names() -> list[str]:
    # Spark works in the database "default" and wants it to be there; it is not made in the catalog for that.
    return sorted({DEFAULT, *(found["Name"] for found in list_databases())})


# Spark keeps this name for its global views and looks that no database has it: a role needs no permission for that here.
_GLOBAL_TEMP = "global_temp"


class Databases:
    """Databases of the Data Catalog; `default` answers even when the catalog has none of that name."""

    @answering
    def get_database(self, name: str) -> Any:
        if name.lower() == _GLOBAL_TEMP:
            raise hive.NoSuchObjectException(f"Database {name} not found.")
        client = _aws.client("glue")
        try:
            return documents.database_to_hive(client.get_database(Name=name)["Database"])
        except client.exceptions.EntityNotFoundException:
            if name.lower() == DEFAULT:
                return hive.Database(name=DEFAULT, description="", locationUri="", parameters={})
            raise

    @answering
    def get_databases(self, pattern: str) -> list[str]:
        return matching(pattern, _names())

    @answering
    def get_all_databases(self) -> list[str]:
        return _names()

    @answering
    def create_database(self, database: Any) -> None:
        make_folder(database.locationUri)
        _aws.client("glue").create_database(DatabaseInput=documents.database_to_glue(database))

    @answering
    def alter_database(self, name: str, database: Any) -> None:
        _aws.client("glue").update_database(Name=name, DatabaseInput=documents.database_to_glue(database))

    @answering
    def drop_database(self, name: str, delete_data: bool, cascade: bool) -> None:
        client = _aws.client("glue")
        client.get_database(Name=name)
        if not cascade and client.get_tables(DatabaseName=name)["TableList"]:
            raise hive.InvalidOperationException(f"Database {name} is not empty. One or more tables exist.")
        client.delete_database(Name=name)

    def set_ugi(self, user: str, groups: list[str]) -> list[str]:
        return groups

    def get_all_functions(self) -> Any:
        return hive.GetAllFunctionsResponse(functions=[])

    def get_functions(self, database: str, pattern: str) -> list[str]:
        return []

    def get_function(self, database: str, name: str) -> Any:
        raise hive.NoSuchObjectException(f"Function {database}.{name} does not exist.")

    def create_function(self, function: Any) -> None:
        raise hive.MetaException(
            "Functions kept in the catalog are not available locally; use CREATE TEMPORARY FUNCTION."
        )

    def shutdown(self) -> None:
        """A client says goodbye."""
