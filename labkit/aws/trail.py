"""What happened: the local cloud's own page, and CloudTrail's event history."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from labkit.errors import CloudError
from labkit.i18n import build_lesson

_PAGE = "/_labkit/happenings"
_PATIENCE_S = 30.0


@dataclass(frozen=True)
class Happening:
    """One thing that happened at `at` (epoch seconds).

    `kind` is `call` with CloudTrail's `record`, or what an engine tells (`invocation`, `job-run` …) with resource, outcome and facts.
    """

    at: float
    kind: str
    region: str
    record: dict[str, Any] = field(default_factory=dict)
    resource: str = ""
    outcome: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Happenings in order, the place to go on from, and the place of the first of them."""

    happenings: list[Happening]
    next: int
    first: int = 0


def read_happenings(endpoint_url: str, **asked: Any) -> Page:
    """Ask the local cloud's page; CloudError when it does not answer."""
    request = urllib.request.Request(
        endpoint_url + _PAGE, json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    # A school's proxy cannot reach this computer.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_PATIENCE_S) as reply:
            document = json.load(reply)
    except OSError as error:
        raise build_lesson(CloudError, "error.no_endpoint", doing="labkit events", reason=str(error)) from error
    rows = document["happenings"]
    return Page([_happening(one) for one in rows], document["next"], rows[0]["position"] if rows else 0)


def _happening(one: dict[str, Any]) -> Happening:
    return Happening(
        one["at"],
        one["kind"],
        one["region"],
        one.get("record") or {},
        one.get("resource", ""),
        one.get("outcome", ""),
        one.get("facts") or {},
    )


def lookup_events(
    cloudtrail: Any, since: float, read_only: bool | None = None, most: int | None = None
) -> list[Happening]:
    """CloudTrail's event history from a time (epoch seconds) on, oldest first; `most` bounds how many are asked for."""
    asked: dict[str, Any] = {"StartTime": datetime.fromtimestamp(since, timezone.utc)}
    if read_only is not None:
        asked["LookupAttributes"] = [{"AttributeKey": "ReadOnly", "AttributeValue": str(read_only).lower()}]
    found: list[Happening] = []
    for event in _events(cloudtrail, asked):
        record = json.loads(event["CloudTrailEvent"])
        found.append(Happening(event["EventTime"].timestamp(), "call", record.get("awsRegion", ""), record))
        if most is not None and len(found) >= most:
            break
    return found[::-1]


def _events(cloudtrail: Any, asked: dict[str, Any]) -> Iterator[Any]:
    for page in cloudtrail.get_paginator("lookup_events").paginate(**asked):
        yield from page["Events"]
