"""CloudFormation's event resources: moto makes them in its own EventBridge, which delivers nothing; here they become ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from labkit.cloud.call import Call, Scope

Answer = Callable[[Call], "dict[str, Any]"]
Template = Mapping[str, Any]
_OF_RULES = ("ScheduleExpression", "State", "Description", "RoleArn", "EventBusName", "Tags")
_OF_BUSES = ("Description", "EventSourceName", "KmsKeyIdentifier", "DeadLetterConfig", "Tags")


def route_stacks(answer: Answer) -> None:
    """Let CloudFormation make, change and delete rules, buses and archives through the API's calls (``answer``)."""
    from moto.events.models import Archive, EventBus, Rule

    def ask(scope: Scope, action: str, **params: Any) -> dict[str, Any]:
        return answer(
            Call("events", action, {name: value for name, value in params.items() if value is not None}, scope)
        )

    _route(Rule, lambda *given: _make_rule(ask, *given), lambda *given: _delete_rule(ask, *given))
    _route(EventBus, lambda *given: _make_bus(ask, *given), lambda *given: _delete_bus(ask, *given))
    _route(Archive, lambda *given: _make_archive(ask, *given), lambda *given: _delete_archive(ask, *given))


def _route(kind: Any, make: Callable[..., Any], delete: Callable[..., None]) -> None:
    # the names of the arguments are moto's: it passes those of an update by name
    def create(
        _: Any, resource_name: str, cloudformation_json: Template, account_id: str, region_name: str, **more: Any
    ) -> Any:
        return make(Scope(account_id, region_name), resource_name, cloudformation_json.get("Properties") or {})

    def update(
        _: Any,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Template,
        account_id: str,
        region_name: str,
    ) -> Any:
        scope, properties = Scope(account_id, region_name), cloudformation_json.get("Properties") or {}
        given = kind.cloudformation_name_type() in properties
        name = new_resource_name if given else original_resource.name
        if (name, _home(properties)) == (original_resource.name, _home(vars(original_resource))):
            return make(scope, name, properties, original_resource)
        # another name or bus: replaced
        delete(scope, original_resource.name, _as_properties(original_resource))
        return make(scope, new_resource_name, properties)

    def delete_named(
        _: Any, resource_name: str, cloudformation_json: Template, account_id: str, region_name: str
    ) -> None:
        delete(Scope(account_id, region_name), resource_name, cloudformation_json.get("Properties") or {})

    def delete_made(made: Any, account: str, region: str) -> None:
        delete(Scope(account, region), made.name, _as_properties(made))

    methods: dict[str, Callable[..., Any]] = {"create": create, "update": update, "delete": delete_named}
    for verb, method in methods.items():
        setattr(kind, f"{verb}_from_cloudformation_json", classmethod(method))
    kind.delete = delete_made
    kind.physical_resource_id = property(lambda made: made.name)  # what Ref gives; moto has it for rules alone


def _home(facts: Mapping[str, Any]) -> str:
    """The bus a resource belongs to, of its properties in a template or of what moto keeps."""
    names = ("SourceArn", "source_arn", "EventBusName", "event_bus_name")
    place: str = next((facts[name] for name in names if facts.get(name)), "default")
    return place.rsplit("/", 1)[-1]


def _as_properties(made: Any) -> dict[str, Any]:
    return {"EventBusName": getattr(made, "event_bus_name", None)}


def _make_rule(
    ask: Callable[..., Any], scope: Scope, name: str, properties: Mapping[str, Any], before: Any = None
) -> Any:
    from moto.events.models import Rule

    pattern = properties.get("EventPattern")
    text = pattern if pattern is None or isinstance(pattern, str) else json.dumps(pattern)
    given = {key: properties.get(key) for key in _OF_RULES}
    ask(scope, "PutRule", Name=name, EventPattern=text, **given)
    bus, wanted = given["EventBusName"], properties.get("Targets") or []
    if before is not None:
        kept = {target["Id"] for target in wanted}
        found = ask(scope, "ListTargetsByRule", Rule=name, EventBusName=bus)["Targets"]
        gone = [target["Id"] for target in found if target["Id"] not in kept]
        if gone:
            ask(scope, "RemoveTargets", Rule=name, EventBusName=bus, Ids=gone)
    if wanted:
        ask(scope, "PutTargets", Rule=name, EventBusName=bus, Targets=wanted)
    place = (bus or "default").rsplit("/", 1)[-1]
    return Rule(name, scope.account, scope.region, None, None, None, None, place, None)


def _delete_rule(ask: Callable[..., Any], scope: Scope, name: str, properties: Mapping[str, Any]) -> None:
    from labkit.cloud.call import AwsError

    bus = properties.get("EventBusName")
    try:
        targets = ask(scope, "ListTargetsByRule", Rule=name, EventBusName=bus)["Targets"]
    except AwsError:
        return  # gone already
    if targets:
        ask(scope, "RemoveTargets", Rule=name, EventBusName=bus, Ids=[target["Id"] for target in targets])
    ask(scope, "DeleteRule", Name=name, EventBusName=bus)


def _make_bus(
    ask: Callable[..., Any], scope: Scope, name: str, properties: Mapping[str, Any], before: Any = None
) -> Any:
    from moto.events.models import EventBus

    given = {key: properties.get(key) for key in _OF_BUSES}
    if before is None:
        ask(scope, "CreateEventBus", Name=name, **given)
    else:
        ask(scope, "UpdateEventBus", Name=name, Description=given["Description"])
    return EventBus(scope.account, scope.region, name)


def _delete_bus(ask: Callable[..., Any], scope: Scope, name: str, properties: Mapping[str, Any]) -> None:
    ask(scope, "DeleteEventBus", Name=name)


def _make_archive(
    ask: Callable[..., Any], scope: Scope, name: str, properties: Mapping[str, Any], before: Any = None
) -> Any:
    from moto.events.models import Archive

    pattern = properties.get("EventPattern")
    given = {
        "Description": properties.get("Description"), "RetentionDays": properties.get("RetentionDays"),
        "EventPattern": json.dumps(pattern) if isinstance(pattern, dict) else pattern,
    }  # fmt: skip
    source = properties.get("SourceArn") or ""
    if before is None:
        ask(scope, "CreateArchive", ArchiveName=name, EventSourceArn=source, **given)
    else:
        ask(scope, "UpdateArchive", ArchiveName=name, **given)
    return Archive(scope.account, scope.region, name, source, "", "", "")


def _delete_archive(ask: Callable[..., Any], scope: Scope, name: str, properties: Mapping[str, Any]) -> None:
    from labkit.cloud.call import AwsError

    try:
        ask(scope, "DeleteArchive", ArchiveName=name)
    except AwsError:
        return  # gone already
