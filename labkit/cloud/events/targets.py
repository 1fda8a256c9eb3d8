"""The resources that S3 may send events to, as moto keeps them: do they exist, and do they let S3 in?"""

from __future__ import annotations

import json
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.events.permission import Source, allows
from labkit.cloud.functions.configuration import scope_of, split_name

_ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}


def why_not(arn: str, service: str, source: Source) -> str | None:
    """Why S3 cannot send the bucket's events to the resource, in S3's words; None when it can."""
    place = scope_of(arn, Scope("", ""))
    if service == "lambda":
        statements = _function_statements(arn, place)
        if statements is not None and allows(statements, _ACTIONS[service], arn, source):
            return None
        # S3 does not tell a function that is missing from one that does not let it in.
        return f"Not authorized to invoke function [{arn}]"
    kind = {"sqs": "queue", "sns": "topic"}[service]
    statements = (_queue_statements if service == "sqs" else _topic_statements)(arn, place)
    if statements is None:
        return f"The destination {kind} does not exist"
    if allows(statements, _ACTIONS[service], arn, source):
        return None
    return f"Permissions on the destination {kind} do not allow S3 to publish notifications from this bucket"


def _function_statements(arn: str, place: Scope) -> list[dict[str, Any]] | None:
    from moto.awslambda.exceptions import LambdaClientError
    from moto.awslambda.models import lambda_backends

    name, qualifier = split_name(arn)
    try:
        function = lambda_backends[place.account][place.region].get_function(name, qualifier)
    except (LambdaClientError, KeyError):
        return None
    return None if function is None else list(function.policy.statements)


def _queue_statements(arn: str, place: Scope) -> list[dict[str, Any]] | None:
    from moto.sqs.models import sqs_backends

    queue = sqs_backends[place.account][place.region].queues.get(arn.rsplit(":", 1)[1])
    return None if queue is None else _statements(queue.policy)


def _topic_statements(arn: str, place: Scope) -> list[dict[str, Any]] | None:
    from moto.sns.models import sns_backends

    topic = sns_backends[place.account][place.region].topics.get(arn)
    return None if topic is None else _statements(topic.policy)


def _statements(policy: str | None) -> list[dict[str, Any]]:
    found = json.loads(policy).get("Statement", []) if policy else []
    return found if isinstance(found, list) else [found]
