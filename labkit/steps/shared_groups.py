"""The log groups that Glue makes by itself, once for all jobs and crawlers of an account: which of them were not there before us.

AWS makes them at the first run and never deletes them. One that was absent when the lab began may go when nobody writes to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.aws.call import AwsCall
from labkit.aws.session import Clients, aws_errors
from labkit.steps.ledger import Ledger

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

# https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html and …/dg/console-crawlers-details.html
SHARED_GROUPS = (
    "/aws-glue/jobs/output",
    "/aws-glue/jobs/error",
    "/aws-glue/jobs/logs-v2",
    "/aws-glue/python-jobs/output",
    "/aws-glue/python-jobs/error",
    "/aws-glue/crawlers",
)
# The ledger's kind of a group that AWS was about to make for us.
KIND = "shared-log-group"
_WRITERS = ("glue-job", "glue-crawler")


def list_present_groups(logs: CloudWatchLogsClient) -> list[str]:
    """The shared groups that exist."""
    found = {
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws-glue/")
        for group in page["logGroups"]
    }
    return [name for name in SHARED_GROUPS if name in found]


def note_absent_groups(clients: Clients, ledger: Ledger, step: int, call: AwsCall) -> None:
    """Before the first job or crawler of the lab is made: write down which shared groups do not exist yet."""
    if call.verb != "create" or call.kind not in _WRITERS:
        return
    if any(entry.kind in (KIND, *_WRITERS) and ledger.is_here(entry) for entry in ledger.entries()):
        return  # The lab has written to them since: whether they were there before is no longer to be seen.
    with aws_errors("logs.describe_log_groups (/aws-glue/)"):
        present = list_present_groups(clients.logs)
    for name in SHARED_GROUPS:
        if name not in present:
            ledger.announce(step, AwsCall("logs", "create_log_group", {}, "create", KIND, name))
