"""EventBridge: rules of the default bus (`rule/<name>`) and of others (`rule/<bus>/<name>`), buses, what is put on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests import kept_tags
from labkit.cloud.identity.requests.asked import Asked, mappings_at, texts_at
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules, access

_RULE = "PutRule DeleteRule DescribeRule EnableRule DisableRule"
_TARGETS = "PutTargets RemoveTargets ListTargetsByRule"
_SOURCES = (
    "ActivateEventSource DeactivateEventSource DescribeEventSource CreatePartnerEventSource DeletePartnerEventSource"
    " DescribePartnerEventSource ListPartnerEventSourceAccounts"
)


def _bus(text: str) -> str:
    """The name of a bus that a request gives by name or by ARN."""
    return text.rpartition("event-bus/")[2] if text.startswith("arn:") else text or "default"


def _rule(asked: Asked) -> Iterable[str]:
    bus, name = _bus(asked.text("EventBusName")), asked.text("Rule") or asked.text("Name") or "*"
    prefix = f"arn:aws:events:{asked.region}:{asked.account}:rule/"
    return [prefix + (name if bus == "default" else f"{bus}/{name}")]


def _own_bus(asked: Asked) -> Iterable[str]:
    return [
        f"arn:aws:events:{asked.region}:{asked.account}:event-bus/{_bus(asked.text('Name') or asked.text('EventBusName'))}"
    ]


def _event_source(asked: Asked) -> Iterable[str]:
    return [f"arn:aws:events:{asked.region}::event-source/{asked.text('Name') or '*'}"]


def _entries(asked: Asked) -> Iterator[Access]:
    """An event asks for its bus, with its source and detail type as context: one access for all that are alike."""
    alike = dict.fromkeys(
        (_bus(str(one.get("EventBusName") or "")), str(one.get("Source", "")), str(one.get("DetailType", "")))
        for one in mappings_at(asked.params, "Entries")
    )
    for bus, source, detail_type in alike or {("default", "", ""): None}:
        arn = f"arn:aws:events:{asked.region}:{asked.account}:event-bus/{bus}"
        yield access(
            EVENTS, asked, "PutEvents", arn, {"events:source": (source,), "events:detail-type": (detail_type,)}
        )


def _context(asked: Asked) -> Context:
    context: Context = {}
    if asked.operation in (*_RULE.split(), *_TARGETS.split()):
        context["events:creatoraccount"] = (asked.account,)
    targets = texts_at(asked.params, "Targets.Arn")
    if asked.operation == "PutTargets" and targets:
        context["events:targetarn"] = tuple(dict.fromkeys(targets))
    if asked.operation == "PutRule":
        context.update(_pattern(asked.text("EventPattern")))
    return context


def _pattern(text: str) -> Context:
    """The sources and detail types that a rule's pattern names."""
    try:
        pattern: Any = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(pattern, dict):
        return {}
    wanted = {"events:source": pattern.get("source"), "events:detail-type": pattern.get("detail-type")}
    return {key: tuple(map(str, values)) for key, values in wanted.items() if isinstance(values, list) and values}


EVENTS = Rules(
    prefix="events",
    arn="arn:aws:events:{region}:{account}:",
    resources={
        "rule/*": "ListRules ListRuleNamesByTarget",
        "event-bus/*": "ListEventBuses",
        "archive/{ArchiveName}": "DescribeArchive UpdateArchive DeleteArchive",
        "archive/{ArchiveName} @{EventSourceArn}": "CreateArchive",
        "replay/{ReplayName}": "DescribeReplay CancelReplay",
        "replay/{ReplayName} @{EventSourceArn}": "StartReplay",
        "connection/{Name}": (
            "CreateConnection DescribeConnection UpdateConnection DeleteConnection DeauthorizeConnection"
        ),
        "api-destination/{Name}": "CreateApiDestination DescribeApiDestination UpdateApiDestination DeleteApiDestination",
        "endpoint/{Name}": "CreateEndpoint DescribeEndpoint UpdateEndpoint DeleteEndpoint",
        "@{ResourceARN}": "TagResource UntagResource ListTagsForResource",
    },
    arns={
        **dict.fromkeys((*_RULE.split(), *_TARGETS.split()), _rule),
        **dict.fromkeys(("CreateEventBus", "DescribeEventBus", "UpdateEventBus", "DeleteEventBus"), _own_bus),
        **dict.fromkeys(_SOURCES.split(), _event_source),
    },
    own={"PutEvents": _entries},
    passes={
        "PutRule": "RoleArn",
        "PutTargets": "Targets.RoleArn",
        "CreateEndpoint": "RoleArn",
        "UpdateEndpoint": "RoleArn",
    },
    passed_to="events.amazonaws.com",
    tagging={"TagResource": "PutRule CreateEventBus"},
    context=_context,
    tags=lambda asked, arn: kept_tags.tags_of_rule(arn, asked.account, asked.region),
)
