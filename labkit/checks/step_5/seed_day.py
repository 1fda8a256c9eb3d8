"""Task 5.1: what the seed's handler makes of a bad day of events, predicted, invoked and read in the log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

from labkit.aws.logs import LogLine, list_lines
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.data.s3_events import build_day
from labkit.steps.practice import build_practice

OUTCOMES = ("started", "ignored", "error")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Event = Mapping[str, Any]


def check_seed_day(context: Context) -> list[Finding]:
    """The prediction, the files that no run was started for, the run in vain, and the request that failed."""
    names = context.names
    day = build_day(names.raw_bucket, names.raw_prefix, context.truth.seed)
    lost, wasted, failed = context.get("lost"), context.get("wasted"), context.get("failed_request")
    return [
        _judge_prediction(context, day),
        _judge_lost(lost, day),
        _judge_wasted(wasted, day),
        _judge_failed(context, failed),
    ]


def run_seed(event: Event) -> str:
    """What the seed's handler answers: it looks at the first record only, at the name as it stands there, and not at what happened."""
    records = event.get("Records")
    if not records:
        return "error"
    return "started" if str(records[0]["s3"]["object"]["key"]).endswith(".csv") else "ignored"


def list_arrivals(event: Event) -> list[str]:
    """The real keys of the CSV files that an event says were created."""
    found = []
    for record in event.get("Records", []):
        key = _read_name(record)
        if record["eventName"].startswith("ObjectCreated:") and key.lower().endswith(".csv"):
            found.append(key)
    return found


def _read_name(record: Mapping[str, Any]) -> str:
    """The real key of a record's object, which the event carries form-encoded."""
    stored = record["s3"]["object"]
    return unquote_plus(stored["key"])


def list_lost(day: Mapping[str, Event]) -> list[str]:
    """CSV files that arrived in events for which the seed started nothing."""
    return [key for event in day.values() if run_seed(event) != "started" for key in list_arrivals(event)]


def find_wasted(day: Mapping[str, Event]) -> str:
    """The event for which the seed starts a run although no file arrived."""
    return next(name for name, event in day.items() if run_seed(event) == "started" and not list_arrivals(event))


def _judge_prediction(context: Context, day: Mapping[str, Event]) -> Finding:
    entry = context.journal.last("prediction", task="5.1")
    if entry is None:
        raise NotAttempted("task_5.no_prediction")
    items = entry.data["values"].get("prediction", {})
    pairs = items.get("items", []) if isinstance(items, dict) else []
    given = {name: value for name, value in pairs if isinstance(name, str) and value in OUTCOMES}
    right = sum(given.get(name) == run_seed(event) for name, event in day.items())
    facts = {"count": len(set(given) & set(day)), "total": len(day), "right": right, "outcomes": ", ".join(OUTCOMES)}
    # A prediction may be wrong, that is what it is for; it has to be complete.
    whole = set(day) <= set(given)
    return Finding(whole, "task_5.predicted" if whole else "task_5.predicted_part", facts)


def _judge_lost(given: Any, day: Mapping[str, Event]) -> Finding:
    if not isinstance(given, (list, tuple, set)) or not all(isinstance(item, str) for item in given):
        return Finding(False, "task_5.lost_type")
    told = {re.sub(r"^s3://[^/]+/", "", item) for item in given}
    lost = set(list_lost(day))
    facts = {"count": len(told), "right": len(told & lost), "wrong": len(told - lost)}
    if told == lost:
        return Finding(True, "task_5.lost_right", facts)
    key = "task_5.lost_wrong" if told - lost else "task_5.lost_missing"
    return Finding(False, key, facts, _explain_lost(told, lost, day))


def _explain_lost(told: set[str], lost: set[str], day: Mapping[str, Event]) -> str:
    records = [record for event in day.values() for record in event.get("Records", [])]
    encoded = {record["s3"]["object"]["key"] for record in records}
    removed = {_read_name(record) for record in records if not record["eventName"].startswith("ObjectCreated:")}
    second = {key for event in day.values() for key in list_arrivals({"Records": event.get("Records", [])[1:]})}
    wrong, missing = told - lost, lost - told
    if wrong & encoded and {unquote_plus(key) for key in wrong} <= lost | removed:
        return "task_5.misconception.encoded"
    if wrong & removed:
        return "task_5.misconception.removed"
    if wrong & {key for event in day.values() if run_seed(event) == "started" for key in list_arrivals(event)}:
        return "task_5.misconception.started"
    if any(not key.lower().endswith(".csv") for key in wrong):
        return "task_5.misconception.no_csv"
    if missing & second:
        return "task_5.misconception.second_record"
    return "task_5.misconception.capitals" if missing else ""


def _judge_wasted(given: Any, day: Mapping[str, Event]) -> Finding:
    told = _single(given)
    facts = {"given": str(told)[:60]}
    if not isinstance(told, str) or told not in day:
        return Finding(False, "task_5.wasted_unknown", facts)
    if told == find_wasted(day):
        return Finding(True, "task_5.wasted_right", facts)
    ran = run_seed(day[told]) == "started"
    why = "task_5.misconception.wasted_arrived" if ran else "task_5.misconception.wasted_nothing"
    return Finding(False, "task_5.wasted_wrong", facts, why)


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value


def _judge_failed(context: Context, given: Any) -> Finding:
    group = f"/aws/lambda/{build_practice(context.names).seed_function}"
    told = str(_single(given)).strip().lower()
    facts = {"given": told[:60], "group": group}
    if not _ID.fullmatch(told):
        return Finding(False, "task_5.failed_no_id", facts)
    lines = list_request_lines(list_lines(context.clients.logs, group), told)
    if not lines:
        return Finding(False, "task_5.failed_not_found", facts)
    error = find_error(lines)
    if not error:
        return Finding(False, "task_5.failed_went_well", {**facts, "count": len(lines)})
    return Finding(True, "task_5.failed_right", {**facts, "error": error})


def list_request_lines(lines: Iterable[LogLine], request_id: str) -> list[str]:
    """What one invocation wrote: from its START to its REPORT in its stream, since the lines between bear no id."""
    found: list[str] = []
    stream = ""
    for line in lines:
        if line.message.startswith(f"START RequestId: {request_id}"):
            stream = line.stream
        if stream == line.stream:
            found.append(line.message)
            if line.message.startswith(f"REPORT RequestId: {request_id}"):
                break
    return found


def find_error(lines: Sequence[str]) -> str:
    """The first `[ERROR] Type: message` of an invocation's lines ("" when it went well)."""
    for line in lines:
        found = re.match(r"\[ERROR\]\s+(?:\S+Z\s+\S+\s+)?(\w[\w.]*: [^\n]*)", line)
        if found:
            return found[1][:120]
    return ""
