"""The log groups that all Glue jobs and crawlers of an account and region write to: our streams go, everybody else's stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labkit.aws.session import Clients
from labkit.steps.shared_groups import list_present_groups
from labkit.teardown.absent import unless_missing

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

_CRAWLERS = "/aws-glue/crawlers"


def delete_run_streams(clients: Clients, runs: Sequence[str]) -> None:
    """Delete what these job runs wrote: streams that are named for the run, with an ending for each executor."""
    if not runs:
        return
    for group in list_present_groups(clients.logs):
        if group != _CRAWLERS:
            for run in runs:
                for stream in _list_streams(clients.logs, group, run):
                    _delete_stream(clients.logs, group, stream)


def delete_crawler_stream(clients: Clients, crawler: str) -> None:
    """Delete what this crawler wrote: its stream has exactly its name."""
    _delete_stream(clients.logs, _CRAWLERS, crawler)


def count_streams(clients: Clients, group: str) -> int:
    """How many streams a shared group still has (50 at most are counted)."""
    return len(unless_missing(clients.logs.describe_log_streams, {"logStreams": []}, logGroupName=group)["logStreams"])


def _list_streams(logs: CloudWatchLogsClient, group: str, prefix: str) -> list[str]:
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group, logStreamNamePrefix=prefix)
    return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]


def _delete_stream(logs: CloudWatchLogsClient, group: str, stream: str) -> None:
    unless_missing(logs.delete_log_stream, logGroupName=group, logStreamName=stream)
