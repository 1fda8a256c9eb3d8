"""The calls over buses, their policies and tags."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler
from labkit.cloud.event_bus.names import bus_name, not_here, page, read_bus, tags_of
from labkit.cloud.event_bus.records import DEFAULT_BUS, Bus, Rule
from labkit.cloud.event_bus.registry import Registry

_MOST_POLICY_CHARS = 10_240
_ABSENT = {
    "EventSourceName": "has no partner event sources",
    "KmsKeyIdentifier": "encrypts no events: KmsKeyIdentifier is refused",
    "DeadLetterConfig": "encrypts no events, so a bus needs no dead-letter queue: DeadLetterConfig is refused (give one to the target)",
}


class BusCalls:
    """CreateEventBus and what belongs to it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.calls: dict[str, Handler] = {
            "CreateEventBus": self._create, "UpdateEventBus": self._update, "DescribeEventBus": self._describe,
            "ListEventBuses": self._list, "DeleteEventBus": self._delete, "PutPermission": self._put_permission,
            "RemovePermission": self._remove_permission, "TagResource": self._tag, "UntagResource": self._untag,
            "ListTagsForResource": self._tags,
        }  # fmt: skip

    def _create(self, call: Call) -> dict[str, Any]:
        _refuse_absent(call.params)
        name = call.params["Name"]
        if "/" in name:
            raise AwsError("ValidationException", "Event bus name must not contain '/'.")
        now, tags = self._registry.now(), tags_of(call.params.get("Tags"))
        bus = Bus(call.scope, name, now, now, call.params.get("Description") or None, tags=tags)
        self._registry.create_bus(bus)
        return {"EventBusArn": bus.arn, **({"Description": bus.description} if bus.description else {})}

    def _update(self, call: Call) -> dict[str, Any]:
        _refuse_absent(call.params)
        with self._registry.lock:
            bus = self._registry.bus(call.scope, bus_name(call.params, "Name"))
            if call.params.get("Description") is not None:
                described = call.params["Description"] or None
                bus = replace(bus, description=described, modified=self._registry.now())
                self._registry.save_bus(bus)
        return {"Arn": bus.arn, "Name": bus.name, **({"Description": bus.description} if bus.description else {})}

    def _describe(self, call: Call) -> dict[str, Any]:
        return _shown(self._registry.bus(call.scope, bus_name(call.params, "Name")))

    def _list(self, call: Call) -> dict[str, Any]:
        prefix = call.params.get("NamePrefix") or ""
        buses = [_shown(bus) for bus in self._registry.buses(call.scope) if bus.name.startswith(prefix)]
        return page(buses, call, "EventBuses")

    def _delete(self, call: Call) -> dict[str, Any]:
        name = read_bus(call.params["Name"])
        if name == DEFAULT_BUS:
            raise AwsError("ValidationException", "Cannot delete event bus default.")
        self._registry.delete_bus(call.scope, name)
        return {}

    def _put_permission(self, call: Call) -> dict[str, Any]:
        with self._registry.lock:
            bus = self._registry.bus(call.scope, bus_name(call.params))
            given = call.params.get("Policy")
            policy = _read_policy(given) if given else _with_statement(bus, call.params)
            if len(json.dumps(policy)) > _MOST_POLICY_CHARS:
                raise AwsError("PolicyLengthExceededException", "The policy length exceeds the maximum allowed.")
            self._registry.save_bus(replace(bus, policy=policy, modified=self._registry.now()))
        return {}

    def _remove_permission(self, call: Call) -> dict[str, Any]:
        with self._registry.lock:
            bus = self._registry.bus(call.scope, bus_name(call.params))
            statements = _statements(bus)
            if call.params.get("RemoveAllPermissions") and not call.params.get("StatementId"):
                left: list[Any] = []
            else:
                left = [one for one in statements if one.get("Sid") != call.params.get("StatementId")]
                if len(left) == len(statements):
                    raise AwsError("ResourceNotFoundException", "Statement with the provided id does not exist.")
            policy = {"Version": "2012-10-17", "Statement": left} if left else None
            self._registry.save_bus(replace(bus, policy=policy, modified=self._registry.now()))
        return {}

    def _tag(self, call: Call) -> dict[str, Any]:
        self._change_tags(call, lambda tags: {**tags, **tags_of(call.params["Tags"])})
        return {}

    def _untag(self, call: Call) -> dict[str, Any]:
        gone = set(call.params["TagKeys"])
        self._change_tags(call, lambda tags: {key: value for key, value in tags.items() if key not in gone})
        return {}

    def _tags(self, call: Call) -> dict[str, Any]:
        tags = self._tagged(call).tags
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _change_tags(self, call: Call, change: Any) -> None:
        with self._registry.lock:
            found = self._tagged(call)
            if isinstance(found, Rule):
                self._registry.save_rule(replace(found, tags=change(found.tags)))
            else:
                self._registry.save_bus(replace(found, tags=change(found.tags)))

    def _tagged(self, call: Call) -> Rule | Bus:
        arn = call.params["ResourceARN"]
        resource = arn.split(":", 5)[-1]
        kind, _, rest = resource.partition("/")
        if kind == "event-bus":
            return self._registry.bus(call.scope, rest)
        if kind == "rule":
            bus, _, name = rest.rpartition("/")
            return self._registry.rule(call.scope, bus or DEFAULT_BUS, name)
        raise AwsError(
            "ValidationException", f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        )


def _shown(bus: Bus) -> dict[str, Any]:
    found = {
        "Name": bus.name, "Arn": bus.arn, "Description": bus.description, "CreationTime": bus.created,
        "LastModifiedTime": bus.modified, "Policy": json.dumps(bus.policy) if bus.policy else None,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def _refuse_absent(params: Mapping[str, Any]) -> None:
    for name, why in _ABSENT.items():
        if params.get(name):
            raise not_here(f"{why}.")
    if (params.get("LogConfig") or {}).get("Level", "OFF") != "OFF":
        raise not_here("writes no logs of event buses: LogConfig with another level than OFF is refused.")


def _statements(bus: Bus) -> list[dict[str, Any]]:
    found = (bus.policy or {}).get("Statement") or []
    return list(found) if isinstance(found, list) else [found]


def _read_policy(text: str) -> dict[str, Any]:
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict) or not policy.get("Statement"):
        raise AwsError("ValidationException", "This policy contains invalid Json")
    return policy


def _with_statement(bus: Bus, params: Mapping[str, Any]) -> dict[str, Any]:
    for name in ("Action", "Principal", "StatementId"):
        if not params.get(name):
            raise AwsError("ValidationException", f"Parameter {name} must be specified.")
    if params["Action"] != "events:PutEvents":
        raise AwsError("ValidationException", "Provided value in parameter 'action' is not supported.")
    principal, condition = params["Principal"], params.get("Condition")
    if condition and principal != "*":
        text = "Value of the parameter 'principal' must be '*' when the parameter 'condition' is set."
        raise AwsError("InvalidParameterValue", text)
    statement: dict[str, Any] = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"},
        "Action": "events:PutEvents",
        "Resource": bus.arn,
    }
    if condition:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    kept = [one for one in _statements(bus) if one.get("Sid") != statement["Sid"]]
    return {"Version": "2012-10-17", "Statement": [*kept, statement]}
