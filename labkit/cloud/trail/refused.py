"""What CloudTrail does on AWS and nothing here does: trails, event data stores, Lake queries, channels, Insights."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError, Call, Handler
from labkit.cloud.trail.operations import service_model

# Reading what there cannot be is no promise: AWS too answers with an empty list where nothing was made.
_EMPTY: dict[str, dict[str, Any]] = {
    "DescribeTrails": {"trailList": []},
    "ListTrails": {"Trails": []},
    "ListEventDataStores": {"EventDataStores": []},
    "ListChannels": {"Channels": []},
    "ListImports": {"Imports": []},
    "ListDashboards": {"Dashboards": []},
}
_MISSING = (
    "GetTrail",
    "GetTrailStatus",
    "GetEventSelectors",
    "GetInsightSelectors",
    "DeleteTrail",
    "StopLogging",
    "UpdateTrail",
)


def refused_routes() -> dict[tuple[str, str], Handler]:
    """Every operation of CloudTrail but LookupEvents."""
    routes: dict[tuple[str, str], Handler] = {}
    for name in service_model("cloudtrail").operation_names:
        if name in _EMPTY:
            routes[("cloudtrail", name)] = lambda _, name=name: dict(_EMPTY[name])  # type: ignore[misc]
        elif name in _MISSING:
            routes[("cloudtrail", name)] = _no_trail
        elif name != "LookupEvents":
            routes[("cloudtrail", name)] = _refuse
    return routes


def _no_trail(call: Call) -> dict[str, Any]:
    name = call.params.get("Name") or call.params.get("TrailName") or ""
    raise AwsError("TrailNotFoundException", f"Unknown trail: {name} for the user: {call.scope.account}")


def _refuse(call: Call) -> dict[str, Any]:
    raise AwsError(
        "NotImplemented",
        f"labkit's local cloud does not carry out cloudtrail:{call.action}: nothing would deliver or keep these events. "
        "The event history (LookupEvents, `labkit events`) is kept without a trail, as on AWS.",
        501,
    )
