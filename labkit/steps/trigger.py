"""Step 6: S3 may invoke the function, and does so for every CSV that lands in the raw folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.functions import find_statement
from labkit.aws.s3 import list_function_triggers
from labkit.aws.session import Clients
from labkit.steps.lab import Lab


@dataclass(frozen=True)
class Trigger:
    """Objects of `bucket` under `prefix` that end in `suffix` invoke the function."""

    id: str
    bucket: str
    prefix: str
    suffix: str
    function: str
    function_arn: str
    account: str

    @property
    def permission(self) -> dict[str, Any]:
        return {
            "FunctionName": self.function,
            "StatementId": self.id,
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
            "SourceArn": f"arn:aws:s3:::{self.bucket}",
            # A bucket ARN has no account in it: without this, whoever owned the name next could invoke the function.
            "SourceAccount": self.account,
        }

    @property
    def notification(self) -> dict[str, Any]:
        rules = [{"Name": "prefix", "Value": self.prefix}, {"Name": "suffix", "Value": self.suffix}]
        return {
            "Id": self.id,
            "LambdaFunctionArn": self.function_arn,
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": rules}},
        }


def build_wanted(lab: Lab) -> Trigger:
    """Every CSV of the raw folder, whatever way it was created."""
    names = lab.names
    arn = f"arn:aws:lambda:{lab.region}:{lab.account}:function:{names.function}"
    return Trigger(f"s3-{names.function}", names.raw_bucket, names.raw_prefix, ".csv", names.function, arn, lab.account)


def plan(clients: Clients, lab: Lab) -> list[AwsCall]:
    """The permission first: S3 refuses a notification to a function that it may not invoke."""
    wanted = build_wanted(lab)
    return _plan_permission(clients, wanted) + _plan_notification(clients, wanted)


def _plan_permission(clients: Clients, wanted: Trigger) -> list[AwsCall]:
    name = f"{wanted.function}/{wanted.id}"
    found = find_statement(clients.lambda_, wanted.function, wanted.id)
    if found is not None and _permits(found, wanted):
        return []
    calls: list[AwsCall] = []
    if found is not None:
        # A statement cannot be changed, only taken away and given again.
        params = {"FunctionName": wanted.function, "StatementId": wanted.id}
        calls.append(
            AwsCall(
                "lambda", "remove_permission", params, "update", "lambda-permission", name, reason="plan.reason.differs"
            )
        )
    calls.append(
        AwsCall(
            "lambda",
            "add_permission",
            wanted.permission,
            "create",
            "lambda-permission",
            name,
            reason="plan.reason.permission",
        )
    )
    return calls


def _permits(found: Mapping[str, Any], wanted: Trigger) -> bool:
    principal = found.get("Principal")
    service = principal.get("Service") if isinstance(principal, Mapping) else principal
    condition = str(found.get("Condition", {}))
    return service == "s3.amazonaws.com" and wanted.permission["SourceArn"] in condition and wanted.account in condition


def _plan_notification(clients: Clients, wanted: Trigger) -> list[AwsCall]:
    """Putting a configuration replaces the whole of it, so what others put there is carried along."""
    present = list_function_triggers(clients.s3, wanted.bucket)
    others = [item for item in present.get("LambdaFunctionConfigurations", []) if item.get("Id") != wanted.id]
    ours = [item for item in present.get("LambdaFunctionConfigurations", []) if item.get("Id") == wanted.id]
    if ours and _comparable(ours[0]) == _comparable(wanted.notification):
        return []
    configuration = {**present, "LambdaFunctionConfigurations": [*others, wanted.notification]}
    params = {"Bucket": wanted.bucket, "NotificationConfiguration": configuration}
    verb = "update" if ours else "create"
    name = f"{wanted.bucket}/{wanted.id}"
    return [
        AwsCall(
            "s3",
            "put_bucket_notification_configuration",
            params,
            verb,
            "s3-notification",
            name,
            reason="plan.reason.trigger",
        )
    ]


def _comparable(configuration: Mapping[str, Any]) -> tuple[Any, ...]:
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    # S3 takes "prefix" and gives back "Prefix".
    filters = frozenset((str(rule["Name"]).lower(), rule["Value"]) for rule in rules)
    return configuration.get("LambdaFunctionArn"), tuple(configuration.get("Events", [])), filters
