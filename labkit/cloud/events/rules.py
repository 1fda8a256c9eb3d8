"""Notification rules: read from the request's XML, and compared with each other."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.cloud.call import AwsError

_SPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
# XML element of a rule → element that holds its target's ARN, and the service in that ARN.
TARGETS = {
    "CloudFunctionConfiguration": ("CloudFunction", "lambda"),
    "QueueConfiguration": ("Queue", "sqs"),
    "TopicConfiguration": ("Topic", "sns"),
}
_EVENT_BRIDGE = "EventBridgeConfiguration"
_TARGET_ELEMENTS = {service: element for element, service in TARGETS.values()}
_ARN = re.compile(r"arn:aws[\w-]*:(lambda|sqs|sns):[\w-]+:\d{12}:.+")
MAX_RULES = 100
_MAX_FILTER_BYTES = 1024
# Events that a notification may name ("Supported event types" of the S3 user guide).
SUPPORTED_EVENTS = frozenset(
    "s3:" + name
    for name in [
        "ObjectCreated:*",
        "ObjectCreated:Put",
        "ObjectCreated:Post",
        "ObjectCreated:Copy",
        "ObjectCreated:CompleteMultipartUpload",
        "ObjectRemoved:*",
        "ObjectRemoved:Delete",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRestore:*",
        "ObjectRestore:Post",
        "ObjectRestore:Completed",
        "ObjectRestore:Delete",
        "ReducedRedundancyLostObject",
        "Replication:*",
        "Replication:OperationFailedReplication",
        "Replication:OperationMissedThreshold",
        "Replication:OperationReplicatedAfterThreshold",
        "Replication:OperationNotTracked",
        "LifecycleExpiration:*",
        "LifecycleExpiration:Delete",
        "LifecycleExpiration:DeleteMarkerCreated",
        "LifecycleTransition",
        "IntelligentTiering",
        "ObjectTagging:*",
        "ObjectTagging:Put",
        "ObjectTagging:Delete",
        "ObjectAcl:Put",
    ]
)


@dataclass(frozen=True)
class Rule:
    """One notification rule: events with their ``s3:``, the target's ARN, and the filter of the key ("" accepts all)."""

    id: str
    service: str
    target: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""


def read_rules(body: bytes) -> list[Rule]:
    """The rules of a NotificationConfiguration document; AwsError MalformedXML or InvalidArgument."""
    root = _parse(body)
    if any(_tag(element) not in (*TARGETS, _EVENT_BRIDGE) for element in root):
        raise _malformed()
    return [_read_rule(element, *TARGETS[_tag(element)]) for element in root if _tag(element) in TARGETS]


def wants_event_bridge(body: bytes) -> bool:
    """Whether the document asks for every event to be sent to EventBridge."""
    return any(_tag(element) == _EVENT_BRIDGE for element in _parse(body))


def check_rules(rules: Sequence[Rule]) -> None:
    """Refuse what S3 refuses without looking at the targets: AwsError InvalidArgument."""
    if len(rules) > MAX_RULES:
        raise _invalid(f"A bucket cannot have more than {MAX_RULES} event notification configurations.")
    for rule in rules:
        _check_rule(rule)
    ids = [rule.id for rule in rules if rule.id]
    if len(ids) != len(set(ids)):
        raise _invalid("Same ID used for multiple configurations. IDs must be unique")
    for first, second in itertools.combinations(rules, 2):
        shared = _shared_events(first.events, second.events)
        if shared and _share_keys(first, second):
            filtered = bool(first.prefix or first.suffix or second.prefix or second.suffix)
            raise _overlap(shared, filtered=filtered)


def _check_rule(rule: Rule) -> None:
    element = _TARGET_ELEMENTS[rule.service]
    for event in rule.events:
        if event not in SUPPORTED_EVENTS:
            raise _invalid(f"The event '{event}' is not supported for notifications", "Event", event)
    if not _ARN.fullmatch(rule.target) or rule.target.split(":")[2] != rule.service:
        raise _invalid("The ARN could not be parsed", element, rule.target)
    if rule.target.endswith(".fifo"):
        kind = "SQS queues" if rule.service == "sqs" else "SNS topics"
        raise _invalid(f"FIFO {kind} are not supported.", element, rule.target)
    for one, other in itertools.combinations(rule.events, 2):
        if shared := _shared_events((one,), (other,)):
            raise _overlap(shared, filtered=False)
    for value in (rule.prefix, rule.suffix):
        if len(value.encode("utf-8", "surrogatepass")) > _MAX_FILTER_BYTES:
            raise _invalid(
                "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation", "FilterRule.Value", value
            )


def _invalid(message: str, name: str = "", value: str = "") -> AwsError:
    fields = {"ArgumentName": name, "ArgumentValue": value} if name else {}
    return AwsError("InvalidArgument", message, fields=fields)


def _overlap(events: tuple[str, str], *, filtered: bool) -> AwsError:
    message = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
    if filtered:
        message = (
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
            "overlapping for the same event type."
        )
    return _invalid(message, "Event", ", ".join(events))


def _shared_events(first: Sequence[str], second: Sequence[str]) -> tuple[str, str] | None:
    pairs = ((one, other) for one in first for other in second)
    return next(((one, other) for one, other in pairs if _covers(one, other) or _covers(other, one)), None)


def _covers(pattern: str, event: str) -> bool:
    return event.startswith(pattern[:-1]) if pattern.endswith("*") else event == pattern


def _share_keys(first: Rule, second: Rule) -> bool:
    prefixes = first.prefix.startswith(second.prefix) or second.prefix.startswith(first.prefix)
    suffixes = first.suffix.endswith(second.suffix) or second.suffix.endswith(first.suffix)
    return prefixes and suffixes


def _parse(body: bytes) -> ET.Element:
    # A DTD has no business here, and expat would expand its entities.
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise _malformed()
    try:
        root = ET.fromstring(body)  # noqa: S314 - no DTD gets here, so no entity can be expanded
    except ET.ParseError:
        raise _malformed() from None
    if _tag(root) != "NotificationConfiguration":
        raise _malformed()
    return root


def _malformed() -> AwsError:
    return AwsError(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
    )


def _read_rule(element: ET.Element, target_tag: str, service: str) -> Rule:
    events = tuple((child.text or "").strip() for child in element if _tag(child) == "Event")
    target = _text(element, target_tag)
    if not events or not target:
        raise _malformed()
    filters: dict[str, str] = {}
    for rule in element.iter():
        if _tag(rule) != "FilterRule":
            continue
        name = _text(rule, "Name").strip().lower()
        if name not in ("prefix", "suffix"):
            raise _invalid("filter rule name must be either prefix or suffix", "FilterRule.Name", _text(rule, "Name"))
        if name in filters:
            raise _invalid(f"Cannot specify more than one {name} rule in a filter.", "FilterRule.Name", name)
        filters[name] = _text(rule, "Value")
    return Rule(_text(element, "Id"), service, target, events, filters.get("prefix", ""), filters.get("suffix", ""))


def _tag(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _child(element: ET.Element, name: str) -> ET.Element | None:
    return next((child for child in element if _tag(child) == name), None)


def _text(element: ET.Element, name: str) -> str:
    child = _child(element, name)
    return (child.text or "") if child is not None else ""
