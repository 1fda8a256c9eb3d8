"""Workgroups; `primary` always exists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labkit.cloud.athena.records import ENGINE
from labkit.cloud.athena.requests import invalid, page, required
from labkit.cloud.call import Call, Handler, Scope

KIND = "athena-workgroup"
_DEFAULTS = {
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "RequesterPaysEnabled": False,
}


class WorkGroups:
    """The workgroup calls over the state folder's documents."""

    def __init__(self, services: Any) -> None:
        self._services = services

    @property
    def routes(self) -> dict[str, Handler]:
        """Action to handler."""
        return {
            "CreateWorkGroup": self._create, "GetWorkGroup": self._get, "ListWorkGroups": self._list,
            "UpdateWorkGroup": self._update, "DeleteWorkGroup": self._delete,
        }  # fmt: skip

    def find(self, scope: Scope, name: str) -> dict[str, Any]:
        """A workgroup's document; InvalidRequestException when there is none."""
        found = self._services.documents.find(KIND, scope, name)
        if found is not None:
            return dict(found)
        if name == "primary":
            return {
                "Name": "primary", "State": "ENABLED", "Description": "", "CreationTime": 0,
                "Configuration": {**_DEFAULTS, "EnforceWorkGroupConfiguration": False, "ResultConfiguration": {}},
            }  # fmt: skip
        raise invalid(f"WorkGroup {name} is not found.", "WORKGROUP_NOT_FOUND")

    def output_location(self, scope: Scope, name: str, asked: str | None) -> str | None:
        """Where results go: the workgroup's place when it is enforced, otherwise the query's, otherwise the workgroup's."""
        configuration = self.find(scope, name)["Configuration"]
        own = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
        if configuration.get("EnforceWorkGroupConfiguration") and own:
            return str(own)
        return asked or own

    def limit_bytes(self, scope: Scope, name: str) -> int | None:
        """BytesScannedCutoffPerQuery, or None."""
        found = self.find(scope, name)["Configuration"].get("BytesScannedCutoffPerQuery")
        return int(found) if found else None

    def check_enabled(self, scope: Scope, name: str) -> None:
        """InvalidRequestException when the workgroup does not exist or is disabled."""
        if self.find(scope, name).get("State") == "DISABLED":
            raise invalid(f"WorkGroup {name} is disabled.")

    def _names(self, scope: Scope) -> list[str]:
        kept = [name for _, name, _ in self._services.documents.list(KIND, scope)]
        return ["primary", *(name for name in kept if name != "primary")]

    def _create(self, call: Call) -> dict[str, Any]:
        name = required(call.params, "Name")
        if not re.fullmatch(r"[a-zA-Z0-9._-]{1,128}", name):
            raise invalid("Invalid WorkGroup name")
        if name in self._names(call.scope):
            raise invalid("WorkGroup is already created")
        configuration = {**_DEFAULTS, **_clean(call.params.get("Configuration") or {})}
        configuration.setdefault("ResultConfiguration", {})
        document = {
            "Name": name, "State": "ENABLED", "Description": call.params.get("Description") or "", "Configuration": configuration,
            "CreationTime": self._services.clock().timestamp(),
        }  # fmt: skip
        self._services.documents.put(KIND, call.scope, name, document)
        return {}

    def _get(self, call: Call) -> dict[str, Any]:
        document = self.find(call.scope, required(call.params, "WorkGroup"))
        document["Configuration"] = {**document["Configuration"], "EngineVersion": _engine(document)}
        return {"WorkGroup": document}

    def _list(self, call: Call) -> dict[str, Any]:
        keys = ("Name", "State", "Description", "CreationTime")
        groups = [self.find(call.scope, name) for name in self._names(call.scope)]
        shown = [{**{key: group[key] for key in keys}, "EngineVersion": _engine(group)} for group in groups]
        return page(shown, call.params, "WorkGroups")

    def _update(self, call: Call) -> dict[str, Any]:
        name = required(call.params, "WorkGroup")
        document = self.find(call.scope, name)
        for key in ("Description", "State"):
            if call.params.get(key):
                document[key] = call.params[key]
        document["Configuration"] = _updated(document["Configuration"], call.params.get("ConfigurationUpdates") or {})
        self._services.documents.put(KIND, call.scope, name, document)
        return {}

    def _delete(self, call: Call) -> dict[str, Any]:
        name = required(call.params, "WorkGroup")
        if name == "primary":
            raise invalid("Deleting the primary WorkGroup is not allowed")
        self.find(call.scope, name)
        held = self._services.documents.list("athena-named-query", call.scope)
        if not call.params.get("RecursiveDeleteOption") and any(one.get("WorkGroup") == name for _, _, one in held):
            raise invalid(f"WorkGroup {name} is not empty")
        self._services.documents.delete(KIND, call.scope, name)
        return {}


def _engine(document: Mapping[str, Any]) -> dict[str, str]:
    selected = (document["Configuration"].get("EngineVersion") or {}).get("SelectedEngineVersion") or "AUTO"
    return {"SelectedEngineVersion": selected, "EffectiveEngineVersion": ENGINE}


def _clean(configuration: Mapping[str, Any]) -> dict[str, Any]:
    cutoff = configuration.get("BytesScannedCutoffPerQuery")
    if cutoff is not None and int(cutoff) < 10_000_000:
        raise invalid("BytesScannedCutoffPerQuery must be at least 10000000")
    wanted = (configuration.get("EngineVersion") or {}).get("SelectedEngineVersion")
    if wanted not in (None, "AUTO", ENGINE):
        raise invalid(f"Engine version {wanted} is not available in the local Athena")
    return dict(configuration)


def _updated(configuration: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """ConfigurationUpdates has its own spelling for results and for removals."""
    found = dict(configuration)
    results = dict(found.get("ResultConfiguration") or {})
    for key, value in (updates.get("ResultConfigurationUpdates") or {}).items():
        if key.startswith("Remove"):
            if value:
                results.pop(key.removeprefix("Remove"), None)
        else:
            results[key] = value
    found["ResultConfiguration"] = results
    if updates.get("RemoveBytesScannedCutoffPerQuery"):
        found.pop("BytesScannedCutoffPerQuery", None)
    plain = {
        key: value
        for key, value in updates.items()
        if key != "ResultConfigurationUpdates" and not key.startswith("Remove")
    }
    return {**found, **_clean(plain)}
