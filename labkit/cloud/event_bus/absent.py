"""The parts of EventBridge that the local cloud does not carry out: refused by name, or truthfully empty."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError, Call, Handler
from labkit.cloud.event_bus.names import not_here

_REFUSED = {
    "CreateApiDestination": "calls no API destinations", "CreateConnection": "has no connections: it calls no API destinations",
    "CreateEndpoint": "has no global endpoints", "CreatePartnerEventSource": "has no partner event sources",
    "PutPartnerEvents": "has no partner event sources", "ActivateEventSource": "has no partner event sources",
    "DeactivateEventSource": "has no partner event sources",
}  # fmt: skip
_EMPTY = {
    "ListApiDestinations": "ApiDestinations", "ListConnections": "Connections", "ListEndpoints": "Endpoints",
    "ListEventSources": "EventSources", "ListPartnerEventSources": "PartnerEventSources",
    "ListPartnerEventSourceAccounts": "PartnerEventSourceAccounts",
}  # fmt: skip
_UNKNOWN = {
    "DescribeApiDestination": "ApiDestination", "UpdateApiDestination": "ApiDestination",
    "DeleteApiDestination": "ApiDestination", "DescribeConnection": "Connection", "UpdateConnection": "Connection",
    "DeleteConnection": "Connection", "DeauthorizeConnection": "Connection", "DescribeEndpoint": "Endpoint",
    "UpdateEndpoint": "Endpoint", "DeleteEndpoint": "Endpoint", "DescribeEventSource": "Event source",
    "DescribePartnerEventSource": "Event source", "DeletePartnerEventSource": "Event source",
}  # fmt: skip


def _refuse(call: Call) -> dict[str, Any]:
    raise not_here(f"{_REFUSED[call.action]}: {call.action} is refused.")


def _list(call: Call) -> dict[str, Any]:
    return {_EMPTY[call.action]: []}


def _miss(call: Call) -> dict[str, Any]:
    raise AwsError("ResourceNotFoundException", f"{_UNKNOWN[call.action]} {call.params.get('Name')} does not exist.")


CALLS: dict[str, Handler] = {
    **dict.fromkeys(_REFUSED, _refuse),
    **dict.fromkeys(_EMPTY, _list),
    **dict.fromkeys(_UNKNOWN, _miss),
}
