"""Workgroups; `primary` always exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.athena.history import History
from labkit.cloud.athena.records import ENGINE
from labkit.cloud.athena.requests import invalid, page
from labkit.cloud.athena.results import check_result_configuration
from labkit.cloud.athena.tagging import Tags
from labkit.cloud.call import AwsError, Call, Handler, Scope

KIND = "athena-workgroup"
# What lies in a workgroup, apart from its executions: kind of document and the member that names the workgroup.
_CONTENTS = (("athena-named-query", "WorkGroup"), ("athena-prepared-statement", "WorkGroupName"))
_DEFAULTS = {
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "RequesterPaysEnabled": False,
    "EnableMinimumEncryptionConfiguration": False,
}
# Members of a configuration that only make sense for what is not here.
_REFUSED = {
    "ExecutionRole": "Spark workgroups", "AdditionalConfiguration": "Spark workgroups", "EngineConfiguration": "Spark workgroups",
    "MonitoringConfiguration": "Spark workgroups", "CustomerContentEncryptionConfiguration": "Spark workgroups",
}  # fmt: skip
_SWITCHES = {
    "IdentityCenterConfiguration": ("EnableIdentityCenter", "IAM Identity Center workgroups"),
    "ManagedQueryResultsConfiguration": ("Enabled", "managed query results"),
    "ManagedQueryResultsConfigurationUpdates": ("Enabled", "managed query results"),
    "QueryResultsS3AccessGrantsConfiguration": ("EnableS3AccessGrants", "S3 Access Grants"),
}


class WorkGroups:
    """The workgroup calls over the state folder's documents."""

    def __init__(self, services: Any, history: History, tags: Tags) -> None:
        self._services, self._history, self._tags = services, history, tags

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

    def result_configuration(self, scope: Scope, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Where and how results are written: the workgroup's way when it is enforced, otherwise the query's, otherwise the workgroup's."""
        configuration = self.find(scope, name)["Configuration"]
        own = dict(configuration.get("ResultConfiguration") or {})
        if own.get("OutputLocation") and configuration.get("EnforceWorkGroupConfiguration"):
            return own
        if asked.get("OutputLocation"):
            return {key: value for key, value in asked.items() if value}
        return own if own.get("OutputLocation") else {}

    def enforces_output(self, scope: Scope, name: str) -> bool:
        """Does the workgroup alone say where results go?"""
        configuration = self.find(scope, name)["Configuration"]
        own = configuration.get("ResultConfiguration") or {}
        return bool(own.get("OutputLocation") and configuration.get("EnforceWorkGroupConfiguration"))

    def limit_bytes(self, scope: Scope, name: str) -> int | None:
        """BytesScannedCutoffPerQuery, or None."""
        found = self.find(scope, name)["Configuration"].get("BytesScannedCutoffPerQuery")
        return int(found) if found else None

    def publishes_metrics(self, scope: Scope, name: str) -> bool:
        """Whether queries of a workgroup have CloudWatch metrics; one that is gone has none."""
        if name != "primary" and self._services.documents.find(KIND, scope, name) is None:
            return False
        return bool(self.find(scope, name)["Configuration"].get("PublishCloudWatchMetricsEnabled"))

    def check_enabled(self, scope: Scope, name: str) -> None:
        """InvalidRequestException when the workgroup does not exist or is disabled."""
        if self.find(scope, name).get("State") == "DISABLED":
            raise invalid(f"WorkGroup {name} is disabled.")

    def _names(self, scope: Scope) -> list[str]:
        kept = [name for _, name, _ in self._services.documents.list(KIND, scope)]
        return ["primary", *(name for name in kept if name != "primary")]

    def _create(self, call: Call) -> dict[str, Any]:
        name = call.params["Name"]
        if name in self._names(call.scope):
            raise invalid("WorkGroup is already created")
        asked = call.params.get("Configuration") or {}
        _check(call.scope, asked)
        configuration = {**_DEFAULTS, **_plain(asked)}
        configuration.setdefault("ResultConfiguration", {})
        document = {
            "Name": name, "State": "ENABLED", "Description": call.params.get("Description") or "", "Configuration": configuration,
            "CreationTime": self._history.now(),
        }  # fmt: skip
        self._services.documents.put(KIND, call.scope, name, document)
        self._tags.add(call.scope, f"workgroup/{name}", call.params.get("Tags") or [])
        return {}

    def _get(self, call: Call) -> dict[str, Any]:
        document = self.find(call.scope, call.params["WorkGroup"])
        document["Configuration"] = {**document["Configuration"], "EngineVersion": _engine(document)}
        return {"WorkGroup": document}

    def _list(self, call: Call) -> dict[str, Any]:
        keys = ("Name", "State", "Description", "CreationTime")
        groups = [self.find(call.scope, name) for name in self._names(call.scope)]
        shown = [{**{key: group[key] for key in keys}, "EngineVersion": _engine(group)} for group in groups]
        return page(shown, call.params, "WorkGroups")

    def _update(self, call: Call) -> dict[str, Any]:
        name = call.params["WorkGroup"]
        document = self.find(call.scope, name)
        updates = call.params.get("ConfigurationUpdates") or {}
        _check(call.scope, {**updates, "ResultConfiguration": updates.get("ResultConfigurationUpdates") or {}})
        for key in ("Description", "State"):
            if call.params.get(key) is not None:
                document[key] = call.params[key]
        document["Configuration"] = _updated(document["Configuration"], updates)
        self._services.documents.put(KIND, call.scope, name, document)
        return {}

    def _delete(self, call: Call) -> dict[str, Any]:
        name = call.params["WorkGroup"]
        if name == "primary":
            raise invalid("Deleting the primary WorkGroup is not allowed")
        self.find(call.scope, name)
        held = [
            (kind, key)
            for kind, member in _CONTENTS
            for _, key, document in self._services.documents.list(kind, call.scope)
            if document.get(member) == name
        ]
        if not call.params.get("RecursiveDeleteOption") and (held or self._history.of_workgroup(call.scope, name)):
            raise invalid(f"WorkGroup {name} is not empty")
        for kind, key in held:
            self._services.documents.delete(kind, call.scope, key)
        self._history.forget(call.scope, name)
        self._tags.drop(call.scope, f"workgroup/{name}")
        self._services.documents.delete(KIND, call.scope, name)
        return {}


def _engine(document: Mapping[str, Any]) -> dict[str, str]:
    selected = (document["Configuration"].get("EngineVersion") or {}).get("SelectedEngineVersion") or "AUTO"
    return {"SelectedEngineVersion": selected, "EffectiveEngineVersion": ENGINE}


def _check(scope: Scope, configuration: Mapping[str, Any]) -> None:
    """Refuse by name what the local Athena has not."""
    for member, feature in _REFUSED.items():
        if configuration.get(member):
            raise _not_here(feature, member)
    for member, (switch, feature) in _SWITCHES.items():
        if (configuration.get(member) or {}).get(switch):
            raise _not_here(feature, member)
    version = (configuration.get("EngineVersion") or {}).get("SelectedEngineVersion")
    if version and "spark" in version.lower():
        raise _not_here("Spark workgroups", version)
    if version not in (None, "AUTO", ENGINE):
        raise invalid(f"Engine version {version} is not supported. Choose AUTO or {ENGINE}.")
    check_result_configuration(configuration.get("ResultConfiguration") or {}, scope.account)


def _not_here(feature: str, member: str) -> AwsError:
    return AwsError("NotImplemented", f"labkit's local Athena has no {feature} ({member})", 501)


def _plain(configuration: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in configuration.items() if value is not None}


def _updated(configuration: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """ConfigurationUpdates has its own spelling for results and for removals."""
    found = dict(configuration)
    results = dict(found.get("ResultConfiguration") or {})
    changes = updates.get("ResultConfigurationUpdates") or {}
    for key, value in changes.items():
        if key.startswith("Remove"):
            if value:
                results.pop(key.removeprefix("Remove"), None)
        elif value is not None:
            results[key] = value
    found["ResultConfiguration"] = results
    if updates.get("RemoveBytesScannedCutoffPerQuery"):
        found.pop("BytesScannedCutoffPerQuery", None)
    apart = ("ResultConfigurationUpdates", "ManagedQueryResultsConfigurationUpdates")
    plain = {key: value for key, value in updates.items() if key not in apart and not key.startswith("Remove")}
    return {**found, **_plain(plain)}
