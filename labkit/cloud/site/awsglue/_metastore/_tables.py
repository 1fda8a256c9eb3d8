"""The metastore's methods about tables."""

from __future__ import annotations

import sys
from typing import Any

from pymetastore.hive_metastore import ttypes as hive

from awsglue import _aws
from awsglue._metastore import _documents as documents
from awsglue._metastore import _json_tables
from awsglue._metastore._databases import DEFAULT
from awsglue._metastore._errors import answering
from awsglue._metastore._folders import delete_folder, make_folder
from awsglue._metastore._names import matching

_told: set[str] = set()


def list_tables(database: str) -> list[dict[str, Any]]:
    """All tables of a database; none of `default` when the catalog has no such database."""
    client = _aws.client("glue")
    try:
        pages = list(client.get_paginator("get_tables").paginate(DatabaseName=database))
    except client.exceptions.EntityNotFoundException:
        if database.lower() == DEFAULT:
            return []
        raise
    return [found for page in pages for found in page["TableList"]]


def get_table(database: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = _aws.client("glue").get_table(DatabaseName=database, Name=name)["Table"]
    return found


def is_managed(document: dict[str, Any]) -> bool:
    return document.get("TableType") == "MANAGED_TABLE"


def _check_location(table: Any) -> None:
    """A table whose files are on the run's own disk would be empty for everybody else, and gone with the run."""
    location = table.sd.location or ""
    if table.tableType == "VIRTUAL_VIEW" or _aws.is_s3(location):
        return
    raise hive.MetaException(
        f"Table {table.dbName}.{table.tableName} would lie at {location or 'no location'}, which is not in S3. Give the table a path "
        f".option('path', 's3://…') or LOCATION 's3://…', or the database a LocationUri."
    )


def _tell_about_headers(document: dict[str, Any]) -> None:
    """Spark SQL reads header lines as rows (SPARK-11374, closed): here as on AWS, and hard to find out alone."""
    name = f"{document['DatabaseName']}.{document['Name']}"
    skipped = (document.get("Parameters") or {}).get("skip.header.line.count", "0")
    if skipped not in ("", "0") and name not in _told:
        _told.add(name)
        sys.stderr.write(
            f"NOTE {name}: Spark SQL does not know skip.header.line.count (neither does it on AWS), so header lines come as rows. "
            "create_dynamic_frame.from_catalog and Athena leave them out.\n"
        )


def _for_hive(document: dict[str, Any]) -> Any:
    _tell_about_headers(document)
    return documents.table_to_hive(_json_tables.for_spark(document) if _json_tables.is_json(document) else document)


class Tables:
    """Tables of the Data Catalog."""

    @answering
    def get_table(self, database: str, name: str) -> Any:
        return _for_hive(get_table(database, name))

    @answering
    def get_table_objects_by_name(self, database: str, names: list[str]) -> list[Any]:
        wanted = {name.lower() for name in names}
        return [_for_hive(found) for found in list_tables(database) if found["Name"] in wanted]

    @answering
    def get_tables(self, database: str, pattern: str) -> list[str]:
        return matching(pattern, [found["Name"] for found in list_tables(database)])

    @answering
    def get_tables_by_type(self, database: str, pattern: str, kind: str) -> list[str]:
        found = [one["Name"] for one in list_tables(database) if one.get("TableType", "EXTERNAL_TABLE") == kind]
        return matching(pattern, found)

    @answering
    def get_all_tables(self, database: str) -> list[str]:
        return matching("*", [found["Name"] for found in list_tables(database)])

    @answering
    def create_table(self, table: Any) -> None:
        _check_location(table)
        if table.tableType != "VIRTUAL_VIEW":
            make_folder(table.sd.location)
        _aws.client("glue").create_table(DatabaseName=table.dbName, TableInput=documents.table_to_glue(table))

    def create_table_with_environment_context(self, table: Any, context: Any) -> None:
        self.create_table(table)

    @answering
    def alter_table(self, database: str, name: str, table: Any) -> None:
        if (table.dbName.lower(), table.tableName.lower()) != (database.lower(), name.lower()):
            # "Renaming tables … is not supported" (Glue Data Catalog as a metastore of Spark SQL, AWS documentation of EMR and Glue).
            raise hive.InvalidOperationException("Renaming a table is not supported by the Glue Data Catalog.")
        _check_location(table)
        before, after = get_table(database, name), documents.table_to_glue(table)
        if _json_tables.is_json(before):
            after = _json_tables.for_catalog(after, before)
        _aws.client("glue").update_table(DatabaseName=database, TableInput=after)

    def alter_table_with_environment_context(self, database: str, name: str, table: Any, context: Any) -> None:
        self.alter_table(database, name, table)

    def alter_table_with_cascade(self, database: str, name: str, table: Any, cascade: bool) -> None:
        self.alter_table(database, name, table)

    @answering
    def drop_table(self, database: str, name: str, delete_data: bool) -> None:
        document = get_table(database, name)
        _aws.client("glue").delete_table(DatabaseName=database, Name=name)
        if delete_data and is_managed(document):
            delete_folder((document.get("StorageDescriptor") or {}).get("Location"))

    def drop_table_with_environment_context(self, database: str, name: str, delete_data: bool, context: Any) -> None:
        self.drop_table(database, name, delete_data)
