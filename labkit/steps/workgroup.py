"""Athena's workgroup of the lab: where answers go, and how much one query may scan before Athena stops it."""

from __future__ import annotations

from typing import Any

from labkit.aws.athena_workgroups import find_workgroup
from labkit.aws.call import AwsCall
from labkit.aws.session import Clients
from labkit.steps.lab import Lab
from labkit.steps.tags import as_list

# The workgroup that every account has and nobody makes.
SHARED = "primary"


def build_configuration(lab: Lab) -> dict[str, Any]:
    """The configuration in AWS spelling; clients cannot override it."""
    return {
        "ResultConfiguration": {"OutputLocation": f"s3://{lab.names.results_bucket}/"},
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": True,
        "BytesScannedCutoffPerQuery": lab.query_cutoff_bytes,
    }


def plan_workgroup(clients: Clients, lab: Lab) -> list[AwsCall]:
    """The call that makes the workgroup, or corrects it, or nothing: nobody makes or changes the shared one."""
    name = lab.names.workgroup
    if name == SHARED:
        return []
    wanted = build_configuration(lab)
    found = find_workgroup(clients.athena, name)
    if found is None:
        params = {"Name": name, "Configuration": wanted, "Tags": as_list(lab.tags)}
        return [
            AwsCall(
                "athena", "create_work_group", params, "create", "athena-workgroup", name, reason="plan.reason.cutoff"
            )
        ]
    if all(found.get(key) == value for key, value in wanted.items() if key != "ResultConfiguration"):
        return []
    updates = {key: value for key, value in wanted.items() if key != "ResultConfiguration"}
    params = {"WorkGroup": name, "ConfigurationUpdates": updates}
    return [
        AwsCall("athena", "update_work_group", params, "update", "athena-workgroup", name, reason="plan.reason.differs")
    ]
