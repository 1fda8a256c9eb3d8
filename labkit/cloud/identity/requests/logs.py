"""CloudWatch Logs: groups and streams.

An action on a group is asked of `log-group:<name>:log-stream:` (policies write `log-group:<name>:*`), one on its tags of
`log-group:<name>`, one on all groups of `log-group::log-stream:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from labkit.cloud.identity.requests import kept_tags
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.rules import Rules

_GROUP_ARN = re.compile(r"arn:aws[\w-]*:logs:[\w-]+:\d{12}:log-group:(?P<name>[^:]+)(?::\*)?")
_GROUP_PATHS = (
    "logGroupName", "logGroupIdentifier", "logGroupNames", "logGroupIdentifiers", "logGroupArnList", "LogGroupName", "resourceIdentifier",
)  # fmt: skip
_GROUP = (
    "CreateLogGroup DeleteLogGroup DescribeLogStreams FilterLogEvents PutRetentionPolicy DeleteRetentionPolicy PutMetricFilter"
    " DeleteMetricFilter DescribeMetricFilters DescribeSubscriptionFilters PutSubscriptionFilter DeleteSubscriptionFilter StartQuery"
    " AssociateKmsKey DisassociateKmsKey CreateExportTask GetLogGroupFields PutDataProtectionPolicy GetDataProtectionPolicy"
    " DeleteDataProtectionPolicy StartLiveTail PutTransformer GetTransformer DeleteTransformer PutLogGroupDeletionProtection"
    " CreateLogAnomalyDetector PutBearerTokenAuthentication"
)
_STREAM = "CreateLogStream DeleteLogStream PutLogEvents GetLogEvents"
_ALL_GROUPS = "DescribeLogGroups DescribeQueries GetQueryResults StopQuery GetLogRecord GetLogObject ListLogGroups"


def _groups(asked: Asked) -> list[str]:
    named = [name for path in _GROUP_PATHS for name in texts_at(asked.params, path)]
    names = [found["name"] if (found := _GROUP_ARN.fullmatch(name)) else name for name in named]
    prefix = f"arn:aws:logs:{asked.region}:{asked.account}:log-group:"
    return [prefix + name for name in names or [""]]


def _on_groups(asked: Asked) -> Iterable[str]:
    return [f"{arn}:log-stream:" for arn in _groups(asked)]


def _on_stream(asked: Asked) -> Iterable[str]:
    return [f"{arn}:log-stream:{asked.text('logStreamName')}" for arn in _groups(asked)]


def _on_tags(asked: Asked) -> Iterable[str]:
    named = asked.text("resourceArn")
    return [named.removesuffix(":*")] if named else _groups(asked)


def _tags(asked: Asked, arn: str) -> Any:
    found = _GROUP_ARN.match(arn)
    return kept_tags.tags_of_log_group(found["name"], asked.account, asked.region) if found else {}


LOGS = Rules(
    prefix="logs",
    arn="arn:aws:logs:{region}:{account}:",
    resources={
        "destination:{destinationName}": "PutDestination DeleteDestination PutDestinationPolicy",
        "delivery:{id}": "GetDelivery DeleteDelivery UpdateDeliveryConfiguration",
        "delivery:*": "CreateDelivery",
        "delivery-source:{name}": "PutDeliverySource GetDeliverySource",
        "delivery-destination:{name|deliveryDestinationName}": (
            "DeleteDeliverySource PutDeliveryDestination GetDeliveryDestination DeleteDeliveryDestination PutDeliveryDestinationPolicy"
            " GetDeliveryDestinationPolicy DeleteDeliveryDestinationPolicy"
        ),
        "anomaly-detector:*": "ListLogAnomalyDetectors",
        "@{anomalyDetectorArn}": (
            "GetLogAnomalyDetector UpdateLogAnomalyDetector DeleteLogAnomalyDetector ListAnomalies UpdateAnomaly"
        ),
        "scheduled-query:{name|identifier}": (
            "CreateScheduledQuery GetScheduledQuery UpdateScheduledQuery DeleteScheduledQuery GetScheduledQueryHistory"
        ),
        "lookup-table:{lookupTableName|name}": "CreateLookupTable GetLookupTable UpdateLookupTable DeleteLookupTable",
    },
    actions={"GetLogObject": "GetLogRecord"},
    arns={
        **dict.fromkeys(_GROUP.split(), _on_groups),
        **dict.fromkeys(_STREAM.split(), _on_stream),
        **dict.fromkeys(
            _ALL_GROUPS.split(), lambda asked: [f"arn:aws:logs:{asked.region}:{asked.account}:log-group::log-stream:"]
        ),
        **dict.fromkeys(
            ["TagResource", "UntagResource", "ListTagsForResource", "TagLogGroup", "UntagLogGroup", "ListTagsLogGroup"],
            _on_tags,
        ),
    },
    passes={"PutSubscriptionFilter": "roleArn", "PutDestination": "roleArn"},
    passed_to="logs.amazonaws.com",
    tagging={"TagResource": "CreateLogGroup PutDestination CreateDelivery PutDeliverySource PutDeliveryDestination"},
    tags=_tags,
)
