"""A log group that exists before anything writes to it, so that its lines do not stay, and cost, for ever."""

from __future__ import annotations

from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.logs import find_log_group
from labkit.aws.session import Clients
from labkit.steps.lab import Lab


def plan_log_group(clients: Clients, name: str, lab: Lab) -> list[AwsCall]:
    """The calls that make the group and limit it to `lab.log_retention_days`; nothing when that is 0."""
    days = lab.log_retention_days
    if not days:
        return []
    found = find_log_group(clients.logs, name)
    calls: list[AwsCall] = []
    if found is None:
        params: dict[str, Any] = {"logGroupName": name, "tags": dict(lab.tags)}
        calls.append(
            AwsCall("logs", "create_log_group", params, "create", "log-group", name, reason="plan.reason.log_group")
        )
    if found is None or found.retention_days is None:
        params = {"logGroupName": name, "retentionInDays": days}
        calls.append(
            AwsCall(
                "logs", "put_retention_policy", params, "create", "log-retention", f"{name}/retention",
                reason="plan.reason.retention",
            )
        )  # fmt: skip
    return calls
