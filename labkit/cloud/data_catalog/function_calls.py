"""User-defined functions: kept in the catalog as Hive and Spark name them; Athena does not run them, here or on AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.catalog import Catalog
from labkit.cloud.data_catalog.databases import get_database
from labkit.cloud.data_catalog.pages import page
from labkit.cloud.data_catalog.records import Database, Document
from labkit.cloud.data_catalog.shapes import cut
from labkit.cloud.data_catalog.storage import FUNCTION, Change
from labkit.cloud.data_catalog.tables import name_pattern


class FunctionCalls:
    """The calls of user-defined functions."""

    def __init__(self, catalog: Callable[[Scope], Catalog]) -> None:
        self._catalog = catalog
        self.calls: dict[str, Handler] = {
            "CreateUserDefinedFunction": self._create, "GetUserDefinedFunction": self._get,
            "GetUserDefinedFunctions": self._list, "UpdateUserDefinedFunction": self._update,
            "DeleteUserDefinedFunction": self._delete,
        }  # fmt: skip

    def _find(self, call: Call, name: str) -> tuple[Catalog, Database, Document]:
        catalog = self._catalog(call.scope)
        database = get_database(catalog.storage, call.params["DatabaseName"])
        found = database.functions.get(name.lower())
        if found is None:
            raise AwsError("EntityNotFoundException", "Cannot find function.")
        return catalog, database, found

    def _save(self, catalog: Catalog, database: Database, name: str, given: Document, created: float) -> None:
        owner = database.document["Name"]
        kept = {
            **cut("UserDefinedFunctionInput", given), "FunctionName": name, "DatabaseName": owner, "CreateTime": created,
            "CatalogId": catalog.storage.scope.account,
        }  # fmt: skip
        catalog.storage.write(Change(puts=[(FUNCTION, [owner, name], kept)]))
        database.functions[name] = kept

    def _create(self, call: Call) -> dict[str, Any]:
        catalog = self._catalog(call.scope)
        database, given = get_database(catalog.storage, call.params["DatabaseName"]), call.params["FunctionInput"]
        name = (given.get("FunctionName") or "").lower()
        if not name:
            raise AwsError("InvalidInputException", "Function name cannot be empty")
        if name in database.functions:
            raise AwsError("AlreadyExistsException", "Function already exists.")
        self._save(catalog, database, name, given, catalog.now())
        return {}

    def _get(self, call: Call) -> dict[str, Any]:
        return {"UserDefinedFunction": self._find(call, call.params["FunctionName"])[2]}

    def _list(self, call: Call) -> dict[str, Any]:
        storage, pattern = self._catalog(call.scope).storage, name_pattern(call.params["Pattern"])
        given = call.params.get("DatabaseName")
        owners = [get_database(storage, given)] if given else [storage.databases[n] for n in sorted(storage.databases)]
        found = [
            owner.functions[name] for owner in owners for name in sorted(owner.functions)
            if pattern is None or pattern.fullmatch(name)
        ]  # fmt: skip
        shown, more = page(found, lambda one: [one["DatabaseName"], one["FunctionName"]], call.params, 100)
        return {"UserDefinedFunctions": shown, **more}

    def _update(self, call: Call) -> dict[str, Any]:
        catalog, database, known = self._find(call, call.params["FunctionName"])
        self._save(catalog, database, known["FunctionName"], call.params["FunctionInput"], known["CreateTime"])
        return {}

    def _delete(self, call: Call) -> dict[str, Any]:
        catalog, database, known = self._find(call, call.params["FunctionName"])
        name = known["FunctionName"]
        catalog.storage.write(Change(deletes=[(FUNCTION, [database.document["Name"], name])]))
        del database.functions[name]
        return {}
