"""Notification rules: read from the request's XML, and compared with each other."""

from __future__ import annotations

import itertools
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
# Events that a notification may name ("Supported event types" of the S3 user guide).
SUPPORTED_EVENTS = frozenset(
    "s3:" + name
    for name in [
        "TestEvent",
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
    return [_read_rule(element, *TARGETS[_tag(element)]) for element in _parse(body) if _tag(element) in TARGETS]


def normalise(body: bytes) -> bytes:
    """The same document as moto reads it: filter names in lower case, empty filters left out (AWS takes both spellings)."""
    root = _parse(body)
    for key_filter in list(root.iter()):
        for rule in list(key_filter):
            if _tag(rule) != "FilterRule":
                continue
            name = _child(rule, "Name")
            if not _text(rule, "Value"):
                key_filter.remove(rule)
            elif name is not None:
                name.text = (name.text or "").strip().lower()
    for rule in root:
        for part in list(rule):
            if _tag(part) == "Filter" and not any(_tag(inner) == "FilterRule" for inner in part.iter()):
                rule.remove(part)
    ET.register_namespace("", _SPACE)
    document: bytes = ET.tostring(root, encoding="utf-8")
    return document


def check_rules(rules: Sequence[Rule]) -> None:
    """Refuse what S3 refuses without looking at the targets: AwsError InvalidArgument."""
    for rule in rules:
        for event in rule.events:
            if event not in SUPPORTED_EVENTS:
                raise AwsError("InvalidArgument", f"The event '{event}' is not supported for notifications")
        if not rule.target.startswith("arn:") or f":{rule.service}:" not in rule.target:
            raise AwsError("InvalidArgument", "The ARN is not well formed")
        for one, other in itertools.combinations(rule.events, 2):
            if _share_event((one,), (other,)):
                _refuse_overlap(filtered=False)
    ids = [rule.id for rule in rules if rule.id]
    if len(ids) != len(set(ids)):
        raise AwsError("InvalidArgument", "Same ID used for multiple configurations. IDs must be unique")
    for first, second in itertools.combinations(rules, 2):
        if _share_event(first.events, second.events) and _share_keys(first, second):
            _refuse_overlap(filtered=bool(first.prefix or first.suffix or second.prefix or second.suffix))


def _refuse_overlap(*, filtered: bool) -> None:
    message = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
    if filtered:
        message = (
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
            "overlapping for the same event type."
        )
    raise AwsError("InvalidArgument", message)


def _share_event(first: Sequence[str], second: Sequence[str]) -> bool:
    return any(_covers(one, other) or _covers(other, one) for one in first for other in second)


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
        name = _text(rule, "Name").lower()
        if name not in ("prefix", "suffix"):
            raise AwsError("InvalidArgument", "filter rule name must be either prefix or suffix")
        if name in filters:
            raise AwsError("InvalidArgument", f"Cannot specify more than one {name} rule in a filter.")
        filters[name] = _text(rule, "Value")
    return Rule(_text(element, "Id"), service, target, events, filters.get("prefix", ""), filters.get("suffix", ""))


def _tag(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _child(element: ET.Element, name: str) -> ET.Element | None:
    return next((child for child in element if _tag(child) == name), None)


def _text(element: ET.Element, name: str) -> str:
    child = _child(element, name)
    return (child.text or "") if child is not None else ""
