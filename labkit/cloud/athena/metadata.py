"""Athena's own view of the catalog: data catalogs, databases, tables."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from labkit.cloud.athena.denials import said_by_catalog
from labkit.cloud.athena.permissions import permitted
from labkit.cloud.athena.records import ENGINE
from labkit.cloud.athena.requests import invalid, page
from labkit.cloud.call import AwsError, Call, Handler
from labkit.cloud.identity.authorizer import is_denied

CATALOG = "AwsDataCatalog"


class CatalogMetadata:
    """The metadata calls."""

    def __init__(self, services: Any) -> None:
        self._services = services

    @property
    def routes(self) -> dict[str, Handler]:
        """Action to handler."""
        return {
            "ListDataCatalogs": self._catalogs, "GetDataCatalog": self._catalog, "ListDatabases": _asking(self._databases),
            "GetDatabase": _asking(self._database), "ListTableMetadata": _asking(self._tables), "GetTableMetadata": _asking(self._table),
            "ListEngineVersions": self._engines,
        }  # fmt: skip

    def _catalogs(self, call: Call) -> dict[str, Any]:
        return page(
            [{"CatalogName": CATALOG, "Type": "GLUE", "Status": "CREATE_COMPLETE"}], call.params, "DataCatalogsSummary"
        )

    def _catalog(self, call: Call) -> dict[str, Any]:
        name = call.params["Name"]
        if name.lower() != CATALOG.lower():
            raise invalid(f"DataCatalog {name} was not found")
        parameters = {"catalog-id": call.scope.account}
        return {
            "DataCatalog": {
                "Name": CATALOG,
                "Type": "GLUE",
                "Description": "AWS Glue Data Catalog",
                "Parameters": parameters,
                "Status": "CREATE_COMPLETE",
            }
        }

    def _check(self, call: Call) -> Any:
        name = call.params["CatalogName"]
        if name.lower() != CATALOG.lower():
            raise _missing(f"Data catalog {name} does not exist")
        return permitted(self._services, call.access_key, call.scope).catalog

    def _databases(self, call: Call) -> dict[str, Any]:
        found = sorted(self._check(call).list_databases(), key=lambda one: str(one["Name"]))
        return page([_database(one) for one in found], call.params, "DatabaseList")

    def _database(self, call: Call) -> dict[str, Any]:
        name = call.params["DatabaseName"]
        found = self._check(call).find_database(name)
        if found is None:
            raise _missing(f"Database {name} not found.")
        return {"Database": _database(found)}

    def _tables(self, call: Call) -> dict[str, Any]:
        catalog, name = self._check(call), call.params["DatabaseName"]
        if catalog.find_database(name) is None:
            raise _missing(f"Database {name} not found.")
        wanted = _expression(call.params.get("Expression") or ".*")
        tables = sorted(catalog.list_tables(name), key=lambda one: str(one["Name"]))
        found = [_table(one) for one in tables if wanted.fullmatch(one["Name"])]
        return page(found, call.params, "TableMetadataList")

    def _table(self, call: Call) -> dict[str, Any]:
        catalog, database, name = (
            self._check(call),
            call.params["DatabaseName"],
            call.params["TableName"],
        )
        found = catalog.find_table(database, name) if catalog.find_database(database) else None
        if found is None:
            raise _missing(f"EntityNotFoundException: Entity Not Found (Table {database}.{name})")
        return {"TableMetadata": _table(found)}

    def _engines(self, call: Call) -> dict[str, Any]:
        versions = [{"SelectedEngineVersion": one, "EffectiveEngineVersion": ENGINE} for one in ("AUTO", ENGINE)]
        return page(versions, call.params, "EngineVersions", 10)


def _asking(handler: Handler) -> Handler:
    """A call that asks Glue with the permissions of its caller."""

    def answer(call: Call) -> dict[str, Any]:
        try:
            return handler(call)
        except AwsError as error:
            if is_denied(error):
                raise _missing(said_by_catalog(error)) from None
            raise

    return answer


def _expression(text: str) -> re.Pattern[str]:
    """A regular expression over table names, whatever the case of its letters."""
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as failure:
        raise invalid(f"Invalid expression {text}: {failure}") from None


def _missing(text: str) -> AwsError:
    return AwsError("MetadataException", text)


def _database(document: dict[str, Any]) -> dict[str, Any]:
    keys = ("Name", "Description", "Parameters")
    return {key: document[key] for key in keys if document.get(key)}


def _table(document: dict[str, Any]) -> dict[str, Any]:
    descriptor = document.get("StorageDescriptor") or {}
    serde = descriptor.get("SerdeInfo") or {}
    extra = {
        "inputformat": descriptor.get("InputFormat"), "outputformat": descriptor.get("OutputFormat"),
        "location": descriptor.get("Location"), "serde.serialization.lib": serde.get("SerializationLibrary"),
        **{f"serde.param.{key}": value for key, value in (serde.get("Parameters") or {}).items()},
    }  # fmt: skip
    parameters = {**(document.get("Parameters") or {}), **{key: value for key, value in extra.items() if value}}
    made: dict[str, Any] = {
        "Name": document["Name"], "TableType": document.get("TableType") or "", "Parameters": parameters,
        "Columns": [_column(one) for one in descriptor.get("Columns") or []],
        "PartitionKeys": [_column(one) for one in document.get("PartitionKeys") or []],
    }  # fmt: skip
    for key, name in (("CreateTime", "CreateTime"), ("LastAccessTime", "LastAccessTime")):
        value = document.get(name)
        if isinstance(value, (int, float, datetime)):
            made[key] = value
    return made


def _column(document: dict[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("Name", "Type", "Comment") if document.get(key)}
