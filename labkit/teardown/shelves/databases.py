"""Databases of the Data Catalog, with their tables and functions."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.aws.data_catalog import database_exists, list_tables
from labkit.aws.session import Clients
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.teardown.absent import unless_missing
from labkit.teardown.shelves.glue_tags import build_arn, read_glue_tags
from labkit.teardown.thing import Shelf, Thing

KIND = "glue-database"
_BATCH = 100  # what BatchDeleteTable takes


def _list(clients: Clients) -> list[Thing]:
    return [
        Thing(KIND, item["Name"], item.get("CreateTime"), build_arn(clients, "database", item["Name"]))
        for page in clients.glue.get_paginator("get_databases").paginate()
        for item in page["DatabaseList"]
    ]


def _read_tags(clients: Clients, thing: Thing) -> Mapping[str, str] | None:
    return read_glue_tags(clients, thing.arn)


def _delete(clients: Clients, thing: Thing) -> None:
    """Tables first: DeleteDatabase removes what is in it "at its discretion" and later.

    https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html
    """
    glue, name = clients.glue, thing.name
    tables = [table["Name"] for table in list_tables(glue, name)]
    for start in range(0, len(tables), _BATCH):
        told = glue.batch_delete_table(DatabaseName=name, TablesToDelete=tables[start : start + _BATCH])
        for error in told.get("Errors", []):
            detail = error.get("ErrorDetail", {})
            if detail.get("ErrorCode") != "EntityNotFoundException":
                reason = f"{detail.get('ErrorCode', '?')}: {detail.get('ErrorMessage', '')}"
                table = f"{name}.{error.get('TableName', '?')}"
                raise build_lesson(LabError, "error.teardown.table", table=table, reason=reason)
    functions = unless_missing(glue.get_user_defined_functions, {}, DatabaseName=name, Pattern="*")
    for function in functions.get("UserDefinedFunctions", []):
        unless_missing(glue.delete_user_defined_function, DatabaseName=name, FunctionName=function["FunctionName"])
    unless_missing(glue.delete_database, Name=name)


def _exists(clients: Clients, name: str) -> bool:
    return database_exists(clients.glue, name)


SHELF = Shelf(KIND, _list, _read_tags, _delete, _exists, "aws glue delete-database --name {name} {where}")
