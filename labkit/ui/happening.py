"""One happening as a line for a person: service, who, what, how it ended."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.aws.trail import Happening
from labkit.i18n import text

_DATED = re.compile(r"20\d{6}(v\d)?$")
_MISSING = re.compile(r"not authorized to perform: (?P<action>[\w:-]+)(?: on resource: (?P<resource>\S+))?")
# In CloudTrail's spelling; the first that a request has names what the call was about.
_NAMES = (
    "functionName", "jobName", "crawlerName", "name", "tableName", "databaseName", "roleName", "userName", "groupName",
    "policyName", "policyArn", "roleArn", "queryString", "workGroup", "logGroupName", "queueUrl", "queueName", "topicArn",
    "stackName", "secretId", "keyId", "rule", "alarmName", "namespace",
)  # fmt: skip
_SERVICES = {"monitoring": "cloudwatch", "tagging": "tags"}
_KIND_SERVICES = {
    "s3-event": "s3", "invocation": "lambda", "async-event": "lambda", "loop": "lambda", "job-run": "glue", "crawl": "glue",
    "query": "athena",
}  # fmt: skip
_BAD = frozenset(
    {"dropped", "discarded", "retry", "stopped", "FAILED", "TIMEOUT", "ERROR", "CANCELLED", "Unhandled", "Handled"}
)
_MIB = 1024 * 1024
_LONGEST = 100


@dataclass(frozen=True)
class Line:
    """The parts of a line; `bad` is true when something went wrong, `read` when nothing was changed."""

    service: str
    who: str
    what: str
    outcome: str
    bad: bool
    read: bool = False


def describe(one: Happening) -> Line:
    """The parts of one happening."""
    return _describe_call(one.record) if one.kind == "call" else _describe_note(one)


def _describe_call(record: Mapping[str, Any]) -> Line:
    service = str(record.get("eventSource", "")).partition(".")[0]
    name = _DATED.sub("", str(record.get("eventName", "")))
    code = str(record.get("errorCode", ""))
    outcome = "ok" if not code else _refusal(code, str(record.get("errorMessage", "")))
    what = f"{name} {_about(record)}".rstrip()
    return Line(_SERVICES.get(service, service), who(record), what, outcome, bool(code), bool(record.get("readOnly")))


def who(record: Mapping[str, Any]) -> str:
    """A user's name, a role's name, or the service that acted."""
    identity = record.get("userIdentity") or {}
    if identity.get("type") == "AssumedRole":
        issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
        return str(issuer.get("userName") or str(identity.get("arn", "")).split("/")[-1])
    if identity.get("type") == "Root":
        return "root"
    if identity.get("type") == "AWSService":
        return str(identity.get("invokedBy", ""))
    return str(identity.get("userName") or identity.get("accountId") or "?")


def _about(record: Mapping[str, Any]) -> str:
    asked = record.get("requestParameters") or {}
    answer = record.get("responseElements") or {}
    if "bucketName" in asked:
        return f"s3://{asked['bucketName']}/{asked.get('key', '')}" if "key" in asked else f"s3://{asked['bucketName']}"
    found = next((str(asked[name]) for name in _NAMES if isinstance(asked.get(name), str)), "")
    for outer in ("databaseInput", "tableInput"):
        if isinstance(asked.get(outer), Mapping):
            found = ".".join(filter(None, (found, str(asked[outer].get("name", "")))))
    table = asked.get("tableName") or (asked.get("name") if "Table" in str(record.get("eventName")) else None)
    if table and asked.get("databaseName"):
        found = f"{asked['databaseName']}.{table}"
    found = _short(found)
    made = answer.get("jobRunId") or answer.get("queryExecutionId")
    return f"{found} → {short_run(str(made))}" if made else found


def _short(words: str) -> str:
    """One line, and not a long one."""
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _refusal(code: str, message: str) -> str:
    """Of a denial the action that was missing, of anything else AWS's words."""
    match = _MISSING.search(message)
    if match is None:
        return f"{code}: {message}" if message else code
    if not match["resource"]:
        return text("events.missing", code=code, action=match["action"])
    return text("events.missing_on", code=code, action=match["action"], resource=match["resource"].strip('"'))


def short_run(run: str) -> str:
    """`jr_1a2b3c4d`, for a line: the run's whole id is in `--json`."""
    match = re.match(r"(jr_[0-9a-f]{8})[0-9a-f]*(_attempt_\d+)?$", run)
    return f"{match[1]}{match[2] or ''}" if match else run


def _describe_note(one: Happening) -> Line:
    facts = one.facts
    reason = str(facts.get("reason") or "")
    outcome = f"{one.outcome}: {_reason(reason)}" if reason else one.outcome
    return Line(_KIND_SERVICES.get(one.kind, one.kind), "", _what(one), outcome, one.outcome in _BAD)


def _reason(reason: str) -> str:
    """The message of Lambda's error document, or the reason as it is."""
    match = re.match(
        r'\{.*?"errorMessage": ?"(?P<message>(?:[^"\\]|\\.)*)"(?:.*"errorType": ?"(?P<type>[^"]*)")?', reason
    )
    if match is None:
        return " ".join(reason.split())
    # What stood in JSON is read as JSON: quotes and ñ are themselves again.
    try:
        message = str(json.loads(f'"{match["message"]}"'))
    except ValueError:
        message = match["message"]
    return " ".join(f"{match['type']}: {message}".split()) if match["type"] else " ".join(message.split())


def _what(one: Happening) -> str:
    facts, name = one.facts, one.resource
    if one.kind == "s3-event":
        return text(
            "events.s3_event", event=facts.get("event", ""), object=facts.get("object", ""), target=_target(name)
        )
    if one.kind == "invocation":
        return text("events.invocation", function=name, duration_ms=float(facts.get("duration_ms") or 0))
    if one.kind == "async-event" and one.outcome == "retry":
        return text("events.retry", function=name, delay_s=float(facts.get("delay_s") or 0))
    if one.kind == "async-event":
        return text("events.discarded", function=name, attempts=facts.get("attempts", "?"))
    if one.kind == "loop":
        return text("events.loop", function=name, runs=facts.get("runs", "?"))
    if one.kind == "job-run":
        return text(
            "events.job_run", job=name, run=short_run(str(facts.get("run", ""))), seconds=facts.get("seconds") or 0
        )
    if one.kind == "crawl":
        counts = {key: facts.get(key, 0) for key in ("created", "updated", "deleted")}
        return text("events.crawl", crawler=name, seconds=float(facts.get("seconds") or 0), **counts)
    if one.kind == "query":
        scanned = float(facts.get("scanned_bytes") or 0) / _MIB
        return text(
            "events.query",
            sql=_short(str(facts.get("sql", ""))),
            seconds=float(facts.get("seconds") or 0),
            scanned=scanned,
        )
    return f"{one.kind} {name} " + " ".join(f"{key}={value}" for key, value in facts.items() if key != "reason")


def _target(arn: str) -> str:
    """`lambda bsg-start-glue-job` for its ARN."""
    parts = arn.split(":", 6)
    return f"{parts[2]} {parts[-1]}" if len(parts) > 5 else arn
