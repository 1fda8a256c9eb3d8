"""`lab.chaos("duplicate")`: S3 events twice, late or again, as `labkit chaos` does from a shell. Only the local cloud can."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.errors import UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings
from labkit.ui.nodes import Card, Chip, Node, line
from labkit.ui.shown import Shown

KINDS = ("duplicate", "delay", "reorder", "throttle", "replay")
OFF = "off"
_TIMEOUT_S = 30


@dataclass(frozen=True, repr=False)
class ChaosView(Shown):
    """What was asked for, or that nobody can ask AWS for it."""

    kind: str
    said: str
    local: bool

    def view(self) -> Node:
        chip = (
            Chip(text("classroom.chaos_asked"), "note") if self.local else Chip(text("classroom.chaos_refused"), "warn")
        )
        return Card(text("classroom.chaos_title", kind=self.kind), (line(self.said),), chip)


def disturb(settings: Settings, kind: str, options: Mapping[str, Any]) -> ChaosView:
    """Ask the local cloud. On AWS nothing is done, and said. UsageError for what the cloud does not know."""
    target = settings.target
    if not target.runs_cloud or target.endpoint_url is None:
        return ChaosView(kind, text("classroom.chaos_local_only", target=target.name), local=False)
    if kind not in (*KINDS, OFF):
        known = ", ".join((*KINDS, OFF))
        raise build_lesson(UsageError, "error.chaos_refused", reason=f"{kind}: {known}")
    if kind == OFF:
        removed = _send(target.endpoint_url, "DELETE", {})["removed"]
        return ChaosView(kind, text("chaos.off", count=removed), local=True)
    found = _send(target.endpoint_url, "POST", {"kind": kind, **options})
    place = f"s3://{options.get('bucket', '*')}/{options.get('key') or options.get('prefix', '')}"
    if kind == "replay":
        targets = ", ".join(str(one["arn"]).rsplit(":", 1)[-1] for one in found["delivered"])
        return ChaosView(kind, text("classroom.chaos_replayed", place=place, targets=targets), local=True)
    return ChaosView(kind, text("classroom.chaos_next", place=place, times=options.get("times", 1)), local=True)


def _send(endpoint_url: str, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{endpoint_url}/_labkit/chaos",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method=method,
    )
    # A school's proxy cannot reach this computer.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as reply:
            found: dict[str, Any] = json.load(reply)
            return found
    except urllib.error.HTTPError as error:
        raise build_lesson(UsageError, "error.chaos_refused", reason=json.load(error)["message"]) from None
