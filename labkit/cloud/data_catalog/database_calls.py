"""CreateDatabase, GetDatabase, GetDatabases, UpdateDatabase, DeleteDatabase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cloud.call import Call, Handler, Scope
from labkit.cloud.catalog import Catalog
from labkit.cloud.data_catalog import databases
from labkit.cloud.data_catalog.pages import page
from labkit.cloud.tags import clear_tags, set_tags


class DatabaseCalls:
    """The calls of databases."""

    def __init__(self, catalog: Callable[[Scope], Catalog]) -> None:
        self._catalog = catalog
        self.calls: dict[str, Handler] = {
            "CreateDatabase": self._create, "GetDatabase": self._get, "GetDatabases": self._list,
            "UpdateDatabase": self._update, "DeleteDatabase": self._delete,
        }  # fmt: skip

    def _create(self, call: Call) -> dict[str, Any]:
        given = call.params["DatabaseInput"]
        self._catalog(call.scope).create_database(given)
        set_tags(call.scope, "database", given["Name"].lower(), call.params.get("Tags") or {})
        return {}

    def _get(self, call: Call) -> dict[str, Any]:
        return {"Database": databases.get_database(self._catalog(call.scope).storage, call.params["Name"]).document}

    def _list(self, call: Call) -> dict[str, Any]:
        if call.params.get("ResourceShareType") in ("FOREIGN", "FEDERATED"):
            return {"DatabaseList": []}  # nothing is shared between accounts here, and there is one account only
        found = self._catalog(call.scope).list_databases()
        shown, more = page(found, lambda one: one["Name"], call.params, 100)
        if call.params.get("AttributesToGet") == ["NAME"]:
            shown = [{"Name": one["Name"]} for one in shown]
        return {"DatabaseList": shown, **more}

    def _update(self, call: Call) -> dict[str, Any]:
        self._catalog(call.scope).update_database(call.params["Name"], call.params["DatabaseInput"])
        return {}

    def _delete(self, call: Call) -> dict[str, Any]:
        self._catalog(call.scope).delete_database(call.params["Name"])
        clear_tags(call.scope, "database", call.params["Name"].lower())
        return {}
