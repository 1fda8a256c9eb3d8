"""CloudWatch Logs as one principal may write it."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.identity.authorizer import Guard
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.logs import LOGS
from labkit.cloud.identity.requests.rules import accesses_of


def log_refusal(guard: Guard, logbook: Any, scope: Scope, group: str, stream: str) -> AwsError | None:
    """Why a principal may not write to a stream, or None.

    logs:CreateLogGroup is needed where there is no such group, logs:CreateLogStream for a new stream, logs:PutLogEvents always.
    """
    names = {"logGroupName": group, "logStreamName": stream}
    operations = ["PutLogEvents"]
    if not logbook.has_stream(group, stream):
        operations.insert(0, "CreateLogStream")
    if not logbook.has_group(group):
        operations.insert(0, "CreateLogGroup")
    try:
        for operation in operations:
            for access in accesses_of(LOGS, Asked("logs", operation, names, scope.region, scope.account, {})):
                guard.require(access.action, access.resource, access.context)
    except AwsError as error:
        return error
    return None
