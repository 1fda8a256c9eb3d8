"""What the lab put on, or into, resources that are not its own: a rule, a permission, a policy, an object, a retention."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from labkit.aws.s3 import list_function_triggers
from labkit.aws.session import Clients
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.steps.lab import DIGEST_KEY
from labkit.steps.ledger import Entry
from labkit.teardown.absent import unless_missing
from labkit.teardown.ownership import CLOCK_SKEW

# What stands in front of a part's own name in the ledger: kind of part → kind of what it hangs on.
PARENTS = {
    "s3-object": "s3-bucket",
    "s3-bucket-tags": "s3-bucket",
    "s3-notification": "s3-bucket",
    "iam-attachment": "iam-role",
    "iam-inline-policy": "iam-role",
    "lambda-permission": "lambda-function",
    "log-retention": "log-group",
}


def find_parent(entry: Entry) -> tuple[str, str] | None:
    """Kind and name of what a part hangs on; None for an entry that stands for itself."""
    kind = PARENTS.get(entry.kind)
    if kind is None:
        return None
    if entry.kind == "s3-object":
        return kind, entry.name.removeprefix("s3://").partition("/")[0]
    return kind, entry.name.rpartition("/")[0]


def take_rules_out(clients: Clients, bucket: str, is_ours: Callable[[Mapping[str, Any]], bool]) -> list[str]:
    """Take our rules out of a bucket's notifications and return their ids; those of others are put back as they were."""
    present = list_function_triggers(clients.s3, bucket)
    listed = present.get("LambdaFunctionConfigurations", [])
    ours = [item for item in listed if is_ours(item)]
    if ours:
        others = [item for item in listed if item not in ours]
        kept: dict[str, Any] = {**present, "LambdaFunctionConfigurations": others}
        clients.s3.put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration=kept,  # type: ignore[arg-type]
            # Where somebody else's rule leads to is their affair, also when that is gone.
            SkipDestinationValidation=True,
        )
    return [str(item.get("Id", "")) for item in ours]


def is_our_rule(item: Mapping[str, Any], functions: Collection[str]) -> bool:
    """True for the rule that step 6 puts on a bucket: `s3-<function>`, leading to that function of ours."""
    name = str(item.get("LambdaFunctionArn", "")).partition(":function:")[2].partition(":")[0]
    return name in functions and item.get("Id") == f"s3-{name}"


def remove_part(clients: Clients, entry: Entry) -> None:
    """Take back what one entry of the ledger says; what is gone already is no error. LabError for what is another's by now."""
    if entry.kind == "s3-object":
        _remove_object(clients, entry)
    else:
        _REMOVERS[entry.kind](clients, entry.name)


def _remove_object(clients: Clients, entry: Entry) -> None:
    """An object that was put there later and without labkit's mark is not the one that the ledger means."""
    bucket, _, key = entry.name.removeprefix("s3://").partition("/")
    found = unless_missing(clients.s3.head_object, Bucket=bucket, Key=key)
    if found is None:
        return
    latest = datetime.fromisoformat(entry.at) + CLOCK_SKEW
    if DIGEST_KEY not in found.get("Metadata", {}) and found["LastModified"] > latest:
        raise build_lesson(LabError, "error.teardown.replaced", uri=entry.name)
    unless_missing(clients.s3.delete_object, Bucket=bucket, Key=key)


def _remove_rule(clients: Clients, name: str) -> None:
    bucket, _, rule = name.rpartition("/")
    take_rules_out(clients, bucket, lambda item: item.get("Id") == rule)


def _remove_permission(clients: Clients, name: str) -> None:
    function, _, statement = name.rpartition("/")
    unless_missing(clients.lambda_.remove_permission, FunctionName=function, StatementId=statement)


def _detach_policy(clients: Clients, name: str) -> None:
    role, _, short = name.rpartition("/")
    attached = unless_missing(
        clients.iam.list_attached_role_policies, {"AttachedPolicies": []}, RoleName=role, MaxItems=100
    )
    for policy in attached["AttachedPolicies"]:
        if policy["PolicyName"] == short:
            unless_missing(clients.iam.detach_role_policy, RoleName=role, PolicyArn=policy["PolicyArn"])


def _remove_policy(clients: Clients, name: str) -> None:
    role, _, policy = name.rpartition("/")
    unless_missing(clients.iam.delete_role_policy, RoleName=role, PolicyName=policy)


def _remove_retention(clients: Clients, name: str) -> None:
    unless_missing(clients.logs.delete_retention_policy, logGroupName=name.rpartition("/")[0])


_REMOVERS: dict[str, Callable[[Clients, str], None]] = {
    "s3-notification": _remove_rule,
    "iam-attachment": _detach_policy,
    "iam-inline-policy": _remove_policy,
    "lambda-permission": _remove_permission,
    "log-retention": _remove_retention,
}
