"""Which permissions a resource of a stack needs: CloudFormation calls the services with those of whoever asked for the stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A resource type: the actions that make, change and delete it, the property of its name, and its ARN."""

    create: str
    update: str
    delete: str
    name: str
    arn: str


def _kind(service: str, noun: str, name: str, arn: str, verbs: str = "Create Update Delete") -> Kind:
    make, change, remove = (
        f"{service}:{verb}{noun}" if len(verb) < 7 else f"{service}:{verb}" for verb in verbs.split()
    )
    return Kind(make, change, remove, name, arn)


_HERE = "{region}:{account}"
KINDS: Mapping[str, Kind] = {
    "AWS::S3::Bucket": Kind("s3:CreateBucket", "s3:CreateBucket", "s3:DeleteBucket", "BucketName", "arn:aws:s3:::{name}"),
    "AWS::IAM::Role": _kind("iam", "Role", "RoleName", "arn:aws:iam::{account}:role/{name}"),
    "AWS::IAM::User": _kind("iam", "User", "UserName", "arn:aws:iam::{account}:user/{name}"),
    "AWS::IAM::ManagedPolicy": Kind(
        "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "ManagedPolicyName", "arn:aws:iam::{account}:policy/{name}"
    ),
    "AWS::IAM::AccessKey": _kind("iam", "AccessKey", "UserName", "arn:aws:iam::{account}:user/{name}"),
    "AWS::IAM::InstanceProfile": Kind(
        "iam:CreateInstanceProfile",
        "iam:AddRoleToInstanceProfile",
        "iam:DeleteInstanceProfile",
        "InstanceProfileName",
        "arn:aws:iam::{account}:instance-profile/{name}",
    ),
    "AWS::SQS::Queue": Kind(
        "sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:DeleteQueue", "QueueName", f"arn:aws:sqs:{_HERE}:{{name}}"
    ),
    "AWS::SNS::Topic": Kind(
        "sns:CreateTopic", "sns:SetTopicAttributes", "sns:DeleteTopic", "TopicName", f"arn:aws:sns:{_HERE}:{{name}}"
    ),
    "AWS::Lambda::Function": Kind(
        "lambda:CreateFunction",
        "lambda:UpdateFunctionConfiguration",
        "lambda:DeleteFunction",
        "FunctionName",
        f"arn:aws:lambda:{_HERE}:function:{{name}}",
    ),
    "AWS::Lambda::Permission": Kind(
        "lambda:AddPermission",
        "lambda:AddPermission",
        "lambda:RemovePermission",
        "FunctionName",
        f"arn:aws:lambda:{_HERE}:function:{{name}}",
    ),
    "AWS::Lambda::Version": Kind(
        "lambda:PublishVersion",
        "lambda:PublishVersion",
        "lambda:DeleteFunction",
        "FunctionName",
        f"arn:aws:lambda:{_HERE}:function:{{name}}",
    ),
    "AWS::Lambda::LayerVersion": Kind(
        "lambda:PublishLayerVersion",
        "lambda:PublishLayerVersion",
        "lambda:DeleteLayerVersion",
        "LayerName",
        f"arn:aws:lambda:{_HERE}:layer:{{name}}",
    ),
    "AWS::Lambda::EventSourceMapping": _kind("lambda", "EventSourceMapping", "", "*"),
    "AWS::Events::Rule": Kind(
        "events:PutRule", "events:PutRule", "events:DeleteRule", "Name", f"arn:aws:events:{_HERE}:rule/{{name}}"
    ),
    "AWS::Events::EventBus": _kind("events", "EventBus", "Name", f"arn:aws:events:{_HERE}:event-bus/{{name}}"),
    "AWS::Events::Archive": _kind("events", "Archive", "ArchiveName", f"arn:aws:events:{_HERE}:archive/{{name}}"),
    "AWS::DynamoDB::Table": _kind("dynamodb", "Table", "TableName", f"arn:aws:dynamodb:{_HERE}:table/{{name}}"),
    "AWS::KMS::Key": Kind("kms:CreateKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "", "*"),
    "AWS::KMS::Alias": _kind("kms", "Alias", "", "*"),
    "AWS::Logs::LogGroup": Kind(
        "logs:CreateLogGroup",
        "logs:PutRetentionPolicy",
        "logs:DeleteLogGroup",
        "LogGroupName",
        f"arn:aws:logs:{_HERE}:log-group:{{name}}:*",
    ),
    "AWS::Logs::ResourcePolicy": Kind("logs:PutResourcePolicy", "logs:PutResourcePolicy", "logs:DeleteResourcePolicy", "", "*"),
    "AWS::SSM::Parameter": Kind(
        "ssm:PutParameter", "ssm:PutParameter", "ssm:DeleteParameter", "Name", f"arn:aws:ssm:{_HERE}:parameter/{{name}}"
    ),
    "AWS::SSM::Document": _kind("ssm", "Document", "Name", f"arn:aws:ssm:{_HERE}:document/{{name}}"),
    "AWS::CloudWatch::Dashboard": Kind(
        "cloudwatch:PutDashboard", "cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards", "", "*"
    ),
    "AWS::CloudFormation::Stack": _kind(
        "cloudformation", "Stack", "", f"arn:aws:cloudformation:{_HERE}:stack/*/*"
    ),
}  # fmt: skip

_ON_HOLDERS = (("Roles", "Role", "role"), ("Users", "User", "user"), ("Groups", "Group", "group"))
# Properties that are calls of their own when a role or a user is made: property, action.
_OF_HOLDERS = {
    "AWS::IAM::Role": (("ManagedPolicyArns", "iam:AttachRolePolicy"), ("Policies", "iam:PutRolePolicy")),
    "AWS::IAM::User": (("ManagedPolicyArns", "iam:AttachUserPolicy"), ("Policies", "iam:PutUserPolicy")),
}
_PASSED = {"AWS::Lambda::Function": "Role", "AWS::Events::Rule": "RoleArn"}


def needs(
    kind: str,
    verb: str,
    properties: Properties,
    default_name: str,
    place: Mapping[str, str],
    text: Callable[[Any], str],
) -> Iterator[tuple[str, str]]:
    """The (action, ARN) pairs that making, changing or deleting (`create`, `update`, `delete`) a resource needs.

    `text` gives a property's value as text, `*` where it is known only once other resources exist; `place` is region and account.
    """
    if kind == "AWS::IAM::Policy":
        yield from _inline_policy(verb, properties, place["account"], text)
        return
    known = KINDS.get(kind)
    if known is None:
        return
    given = properties.get(known.name) if known.name else None
    name = text(given) if given is not None else default_name
    # A function may be named by its ARN, and a parameter's path begins with a slash.
    arn = name if name.startswith("arn:") else known.arn.format(name=name.lstrip("/"), **place)
    yield str(getattr(known, verb)), arn
    if verb == "delete":
        return
    for member, action in _OF_HOLDERS.get(kind, ()):
        if properties.get(member):
            yield action, arn
    passed = properties.get(_PASSED.get(kind, ""))
    if passed:
        yield "iam:PassRole", text(passed)


def _inline_policy(
    verb: str, properties: Properties, account: str, text: Callable[[Any], str]
) -> Iterator[tuple[str, str]]:
    for member, noun, kind in _ON_HOLDERS:
        holders = properties.get(member)
        for holder in holders if isinstance(holders, list) else ():
            action = f"iam:{'Delete' if verb == 'delete' else 'Put'}{noun}Policy"
            yield action, f"arn:aws:iam::{account}:{kind}/{text(holder)}"
