"""A bucket's notification configuration: kept where moto keeps it, and given back as S3 gives it back."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from labkit.cloud.events.rules import Rule

if TYPE_CHECKING:
    from moto.s3.models import FakeBucket

_SPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
# Element of a rule, element of its target, and moto's list of such rules.
_KINDS = (
    ("TopicConfiguration", "Topic", "topic"),
    ("QueueConfiguration", "Queue", "queue"),
    ("CloudFunctionConfiguration", "CloudFunction", "cloud_function"),
)
_LISTS = {"sns": "topic", "sqs": "queue", "lambda": "cloud_function"}


def keep_configuration(bucket: FakeBucket, rules: Sequence[Rule], *, event_bridge: bool) -> None:
    """Replace the bucket's configuration; none at all removes it. Rules without an id get one, as on S3."""
    from moto.s3.models import NotificationConfiguration

    if not rules and not event_bridge:
        bucket.notification_configuration = None
        return
    lists: dict[str, list[dict[str, Any]]] = {"topic": [], "queue": [], "cloud_function": []}
    for rule in rules:
        lists[_LISTS[rule.service]].append(_moto_rule(rule))
    bucket.notification_configuration = NotificationConfiguration(**lists, event_bridge={} if event_bridge else None)


def render_configuration(bucket: FakeBucket) -> bytes:
    """The document that GetBucketNotificationConfiguration answers."""
    kept = bucket.notification_configuration
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<NotificationConfiguration xmlns="{_SPACE}">']
    if kept is not None:
        for element, target, name in _KINDS:
            parts += [_render_rule(element, target, rule) for rule in getattr(kept, name)]
        if kept.event_bridge is not None:
            parts.append("<EventBridgeConfiguration></EventBridgeConfiguration>")
    return "".join([*parts, "</NotificationConfiguration>"]).encode("utf-8", "surrogatepass")


def _moto_rule(rule: Rule) -> dict[str, Any]:
    target = {"sns": "Topic", "sqs": "Queue", "lambda": "CloudFunction"}[rule.service]
    filters = [{"Name": name, "Value": value} for name, value in _filters(rule) if value]
    return {
        "Id": rule.id or base64.b64encode(str(uuid.uuid4()).encode()).decode("ascii"),
        target: rule.target,
        "Event": list(rule.events),
        "Filter": {"S3Key": {"FilterRule": filters}} if filters else None,
    }


def _filters(rule: Rule) -> Iterable[tuple[str, str]]:
    return (("prefix", rule.prefix), ("suffix", rule.suffix))


def _render_rule(element: str, target: str, rule: Any) -> str:
    events = "".join(f"<Event>{escape(str(event))}</Event>" for event in rule.events)
    filters = "".join(
        f"<FilterRule><Name>{one['Name'].capitalize()}</Name><Value>{escape(one['Value'])}</Value></FilterRule>"
        for one in rule.filters.get("S3Key", {}).get("FilterRule", [])
    )
    inside = f"<Filter><S3Key>{filters}</S3Key></Filter>" if filters else ""
    return f"<{element}><Id>{escape(rule.id)}</Id><{target}>{escape(rule.arn)}</{target}>{events}{inside}</{element}>"
