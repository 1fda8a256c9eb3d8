"""CloudWatch Logs: groups and their lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.aws.session import error_code

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient


@dataclass(frozen=True)
class LogLine:
    """One log event; `at_ms` is epoch milliseconds, `id` tells two equal lines apart."""

    id: str
    at_ms: int
    group: str
    stream: str
    message: str


@dataclass(frozen=True)
class LogGroup:
    """A log group; `retention_days` is None when its lines stay for ever."""

    name: str
    arn: str
    retention_days: int | None


def find_log_group(logs: CloudWatchLogsClient, name: str) -> LogGroup | None:
    """The group of exactly this name, or None."""
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name):
        for group in page["logGroups"]:
            if group["logGroupName"] == name:
                return LogGroup(name, group.get("arn", ""), group.get("retentionInDays"))
    return None


def list_groups(logs: CloudWatchLogsClient) -> list[str]:
    """Names of all log groups, sorted."""
    pages = logs.get_paginator("describe_log_groups").paginate()
    return sorted(group["logGroupName"] for page in pages for group in page["logGroups"])


def list_lines(logs: CloudWatchLogsClient, group: str, since_ms: int = 0, stream: str | None = None) -> list[LogLine]:
    """Lines of a group (or one stream of it) from `since_ms` on, oldest first; empty when there is no such group."""
    from botocore.exceptions import ClientError

    wanted: dict[str, Any] = {"logGroupName": group, "startTime": since_ms}
    if stream is not None:
        wanted["logStreamNames"] = [stream]
    lines: list[LogLine] = []
    try:
        for page in logs.get_paginator("filter_log_events").paginate(**wanted):
            lines += [
                LogLine(
                    event["eventId"], event["timestamp"], group, event["logStreamName"], event["message"].rstrip("\n")
                )
                for event in page["events"]
            ]
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return []
        raise
    return sorted(lines, key=lambda line: line.at_ms)
