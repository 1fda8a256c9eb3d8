"""`labkit chaos`: have the local cloud deliver S3 events twice, late or out of order, or throttle a function."""

from __future__ import annotations

import argparse
import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from labkit.commands.cloud import find_state_dir
from labkit.errors import CloudError, UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings

_PAGE = "/_labkit/chaos"
_TIMEOUT_S = 30


def disturb(options: argparse.Namespace, settings: Settings) -> int:
    """Ask for a disturbance of the events or invocations that come."""
    body: dict[str, Any] = {"kind": options.chaos_command, "times": "always" if options.always else options.times}
    for name in ("bucket", "prefix", "function", "seconds"):
        if getattr(options, name, None):
            body[name] = getattr(options, name)
    rule = _ask(options, settings, "POST", body)["rule"]
    print(text("chaos.asked", rule=describe_rule(rule), id=rule["id"]))
    print(text("chaos.asked_hint"))
    return 0


def replay(options: argparse.Namespace, settings: Settings) -> int:
    """Deliver the last event of a key again."""
    found = re.fullmatch(r"s3://([^/]+)/(.+)", options.key, re.DOTALL)
    bucket, key = found.groups() if found else (options.bucket or settings.names.raw_bucket, options.key)
    body = {"kind": "replay", "bucket": bucket, "key": key, "function": options.function or ""}
    for one in _ask(options, settings, "POST", body)["delivered"]:
        print(text("chaos.replayed", event=one["event"], key=f"s3://{bucket}/{key}", target=one["arn"]))
    return 0


def status(options: argparse.Namespace, settings: Settings) -> int:
    """Print the rules in force, and what they did, oldest first."""
    found = _ask(options, settings, "GET")
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    print(text("chaos.rules") if found["rules"] else text("chaos.no_rules"))
    for rule in found["rules"]:
        print(f"  {rule['id']}  {describe_rule(rule)}")
    print(text("chaos.effects") if found["effects"] else text("chaos.no_effects"))
    for effect in found["effects"]:
        print(f"  {effect['at'][:23].replace('T', ' ')}  {describe_effect(effect)}")
    return 0


def off(options: argparse.Namespace, settings: Settings) -> int:
    """Take away one rule or all; events that were held or are late come all the same."""
    removed = _ask(options, settings, "DELETE", {"id": options.id} if options.id else {})["removed"]
    print(text("chaos.off", count=removed))
    return 0


def describe_rule(rule: Mapping[str, Any]) -> str:
    """One rule for a person."""
    words = {
        "duplicate": text("chaos.rule_duplicate"),
        "delay": text("chaos.rule_delay", seconds=f"{rule['seconds']:g}"),
        "reorder": text("chaos.rule_reorder"),
        "throttle": text("chaos.rule_throttle"),
    }
    times = text("chaos.always") if rule["times"] is None else text("chaos.times", count=rule["times"])
    place = f"s3://{rule['bucket'] or '*'}/{rule['prefix']}*" if rule["kind"] != "throttle" else ""
    function = f"lambda {rule['function'] or '*'}" if rule["function"] or rule["kind"] == "throttle" else ""
    return " · ".join(part for part in (words[rule["kind"]], place, function, times) if part)


def describe_effect(effect: Mapping[str, Any]) -> str:
    """One effect for a person."""
    words = {
        "doubled": text("chaos.did_doubled"),
        "late": text("chaos.did_late", seconds=f"{effect['seconds']:g}"),
        "held": text("chaos.did_held", seconds=f"{effect['seconds']:g}"),
        "overtook": text("chaos.did_overtook"),
        "again": text("chaos.did_again"),
        "throttled": text("chaos.did_throttled"),
    }
    target = ":".join(effect["target"].split(":")[5:])
    if not effect["bucket"]:
        return f"{target}: {words[effect['did']]}"
    what = f"{effect['event']} s3://{effect['bucket']}/{effect['key']} → {target}"
    return f"{what}: {words[effect['did']]} [{effect['sequencer']}]"


def _ask(
    options: argparse.Namespace, settings: Settings, method: str, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Call the cloud's page; a lesson when no local cloud can be asked, or when it refuses."""
    from labkit.cloud import daemon

    if not settings.target.runs_cloud:
        raise build_lesson(UsageError, "error.chaos_target", target=settings.target.name)
    state_dir = find_state_dir(options, settings)
    info = daemon.find_running(state_dir)
    if info is None:
        raise build_lesson(CloudError, "error.chaos_no_cloud", folder=state_dir)
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(info.endpoint_url + _PAGE, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as reply:
            found: dict[str, Any] = json.load(reply)
            return found
    except urllib.error.HTTPError as error:
        raise build_lesson(UsageError, "error.chaos_refused", reason=json.load(error)["message"]) from None
