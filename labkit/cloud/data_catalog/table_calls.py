"""Tables and their versions: Create, Get, Update, Delete, and the batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.catalog import Catalog
from labkit.cloud.data_catalog import tables
from labkit.cloud.data_catalog.databases import get_database
from labkit.cloud.data_catalog.indexes import create_indexes
from labkit.cloud.data_catalog.pages import page
from labkit.cloud.data_catalog.records import Document, Table

_ATTRIBUTES = {"NAME": "Name", "TABLE_TYPE": "TableType"}


class TableCalls:
    """The calls of tables and table versions."""

    def __init__(self, catalog: Callable[[Scope], Catalog]) -> None:
        self._catalog = catalog
        self.calls: dict[str, Handler] = {
            "CreateTable": self._create, "GetTable": self._get, "GetTables": self._list, "UpdateTable": self._update,
            "DeleteTable": self._delete, "BatchDeleteTable": self._batch_delete, "GetTableVersion": self._version,
            "GetTableVersions": self._versions, "DeleteTableVersion": self._delete_version,
            "BatchDeleteTableVersion": self._batch_delete_versions,
        }  # fmt: skip

    def _table(self, call: Call, key: str = "TableName") -> Table:
        storage = self._catalog(call.scope).storage
        return tables.get_table(storage, call.params["DatabaseName"], call.params[key])

    def _create(self, call: Call) -> dict[str, Any]:
        catalog, given = self._catalog(call.scope), _input(call)
        owner = call.params["DatabaseName"]
        table = tables.create_table(catalog.storage, owner, given, catalog.now(), _caller(call))
        try:
            create_indexes(catalog.storage, table, call.params.get("PartitionIndexes") or [])
        except AwsError:
            tables.delete_table(catalog.storage, owner, given["Name"])
            raise
        return {}

    def _get(self, call: Call) -> dict[str, Any]:
        return {"Table": self._table(call, "Name").document}

    def _list(self, call: Call) -> dict[str, Any]:
        found = self._catalog(call.scope).list_tables(call.params["DatabaseName"], call.params.get("Expression"))
        shown, more = page(found, lambda one: one["Name"], call.params, 100)
        wanted = [_ATTRIBUTES[one] for one in call.params.get("AttributesToGet") or [] if one in _ATTRIBUTES]
        if wanted:
            names = dict.fromkeys(["Name", *wanted])
            shown = [{name: one[name] for name in names if name in one} for one in shown]
        return {"TableList": shown, **more}

    def _update(self, call: Call) -> dict[str, Any]:
        catalog = self._catalog(call.scope)
        tables.update_table(
            catalog.storage, call.params["DatabaseName"], _input(call), catalog.now(),
            skip_archive=bool(call.params.get("SkipArchive")), expected_version=call.params.get("VersionId"),
        )  # fmt: skip
        return {}

    def _delete(self, call: Call) -> dict[str, Any]:
        self._catalog(call.scope).delete_table(call.params["DatabaseName"], call.params["Name"])
        return {}

    def _batch_delete(self, call: Call) -> dict[str, Any]:
        catalog, errors = self._catalog(call.scope), []
        get_database(catalog.storage, call.params["DatabaseName"])
        for name in call.params["TablesToDelete"]:
            try:
                catalog.delete_table(call.params["DatabaseName"], name)
            except AwsError as error:
                # Measured on AWS: this text has no full stop in a batch (floci-io/floci#1203).
                told = AwsError(error.code, error.message.removesuffix("."))
                errors.append({"TableName": name, "ErrorDetail": detail(told)})
        return {"Errors": errors}

    def _version(self, call: Call) -> dict[str, Any]:
        table = self._table(call)
        return {
            "TableVersion": _shown(
                tables.get_version(table, call.params.get("VersionId") or table.document["VersionId"])
            )
        }

    def _versions(self, call: Call) -> dict[str, Any]:
        found = tables.list_versions(self._table(call))
        shown, more = page(found, lambda one: -int(one["VersionId"]), call.params, 100)
        return {"TableVersions": [_shown(one) for one in shown], **more}

    def _delete_version(self, call: Call) -> dict[str, Any]:
        tables.delete_version(self._catalog(call.scope).storage, self._table(call), call.params["VersionId"])
        return {}

    def _batch_delete_versions(self, call: Call) -> dict[str, Any]:
        storage, table, errors = self._catalog(call.scope).storage, self._table(call), []
        for version in call.params["VersionIds"]:
            try:
                tables.delete_version(storage, table, version)
            except AwsError as error:
                errors.append(
                    {"TableName": call.params["TableName"], "VersionId": version, "ErrorDetail": detail(error)}
                )
        return {"Errors": errors}


def _caller(call: Call) -> str:
    """CreatedBy of a new table; none where nobody signed the call."""
    if call.access_key is None:
        return ""
    from labkit.cloud.roles import caller_arn

    return caller_arn(call.access_key, call.scope)


def _input(call: Call) -> Document:
    given: Document | None = call.params.get("TableInput")
    if given is None:
        raise AwsError("InvalidInputException", "TableInput is required")
    return given


def _shown(document: Document) -> dict[str, Any]:
    return {"Table": document, "VersionId": document["VersionId"]}


def detail(error: AwsError) -> dict[str, str]:
    """An error inside a batch's answer."""
    return {"ErrorCode": error.code, "ErrorMessage": error.message}
