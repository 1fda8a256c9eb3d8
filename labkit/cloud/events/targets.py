"""The resources that S3 may send events to: do they exist, and do they let S3 in?"""

from __future__ import annotations

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.events.permission import Source, allows
from labkit.cloud.functions.configuration import find_function, scope_of

_ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}


def why_not(arn: str, service: str, source: Source) -> str | None:
    """Why S3 cannot send the bucket's events to the resource, in S3's words; None when it can."""
    place = scope_of(arn, Scope("", ""))
    allowed = _EXISTS[service](arn, place) and allows(_ACTIONS[service], arn, source)
    if allowed:
        return None
    if service == "lambda":
        # S3 does not tell a function that is missing from one that does not let it in.
        return f"Not authorized to invoke function [{arn}]"
    kind = {"sqs": "queue", "sns": "topic"}[service]
    if not _EXISTS[service](arn, place):
        return f"The destination {kind} does not exist"
    return f"Permissions on the destination {kind} do not allow S3 to publish notifications from this bucket"


def _has_function(arn: str, place: Scope) -> bool:
    try:
        find_function(place, arn)
    except AwsError:
        return False
    return True


def _has_queue(arn: str, place: Scope) -> bool:
    from moto.sqs.models import sqs_backends

    return arn.rsplit(":", 1)[1] in sqs_backends[place.account][place.region].queues


def _has_topic(arn: str, place: Scope) -> bool:
    from moto.sns.models import sns_backends

    return arn in sns_backends[place.account][place.region].topics


_EXISTS = {"lambda": _has_function, "sqs": _has_queue, "sns": _has_topic}
