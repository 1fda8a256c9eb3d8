"""Which resources an event is about, for `LookupEvents` (ResourceType, ResourceName)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Parameter → type, in any service.
_TYPES = {
    "bucketName": "AWS::S3::Bucket",
    "functionName": "AWS::Lambda::Function",
    "layerName": "AWS::Lambda::LayerVersion",
    "roleName": "AWS::IAM::Role",
    "userName": "AWS::IAM::User",
    "groupName": "AWS::IAM::Group",
    "policyArn": "AWS::IAM::Policy",
    "instanceProfileName": "AWS::IAM::InstanceProfile",
    "roleArn": "AWS::IAM::Role",
    "accessKeyId": "AWS::IAM::AccessKey",
    "queueUrl": "AWS::SQS::Queue",
    "topicArn": "AWS::SNS::Topic",
    "stackName": "AWS::CloudFormation::Stack",
    "secretId": "AWS::SecretsManager::Secret",
    "keyId": "AWS::KMS::Key",
    "logGroupName": "AWS::Logs::LogGroup",
    "workGroup": "AWS::Athena::WorkGroup",
}
# Parameter → type, where the name alone says too little.
_TYPES_OF = {
    ("glue", "jobName"): "AWS::Glue::Job",
    ("glue", "crawlerName"): "AWS::Glue::Crawler",
    ("glue", "databaseName"): "AWS::Glue::Database",
    ("glue", "tableName"): "AWS::Glue::Table",
    ("dynamodb", "tableName"): "AWS::DynamoDB::Table",
    ("events", "rule"): "AWS::Events::Rule",
    ("sqs", "queueName"): "AWS::SQS::Queue",
    ("iam", "policyName"): "AWS::IAM::Policy",
    ("cloudwatch", "alarmName"): "AWS::CloudWatch::Alarm",
    ("cloudwatch", "dashboardName"): "AWS::CloudWatch::Dashboard",
}
# What `name` names, by the noun in the operation.
_NOUNS = {
    "glue": ("Job", "Crawler", "Classifier", "Trigger", "Workflow", "Connection", "Database", "Table"),
    "athena": ("WorkGroup", "DataCatalog", "NamedQuery"),
    "secretsmanager": ("Secret",),
    "ssm": ("Parameter",),
    "events": ("Rule", "EventBus", "Connection", "ApiDestination"),
    "sns": ("Topic",),
    "kms": ("Key", "Alias"),
}
_SPACES = {
    "glue": "Glue",
    "athena": "Athena",
    "secretsmanager": "SecretsManager",
    "ssm": "SSM",
    "events": "Events",
    "sns": "SNS",
    "kms": "KMS",
}


def find_resources(
    service: str, operation: str, request: Mapping[str, Any] | None, response: Mapping[str, Any] | None
) -> list[tuple[str, str]]:
    """(type, name) of each resource that the request names or the answer brings; each once."""
    found: dict[tuple[str, str], None] = {}
    for document in (request or {}, response or {}):
        for name, value in document.items():
            if isinstance(value, Mapping) and name in (
                "accessKey",
                "user",
                "role",
                "policy",
                "group",
                "databaseInput",
                "tableInput",
            ):
                for inner, text in value.items():
                    _add(found, service, operation, _inner(name, inner), text)
            else:
                _add(found, service, operation, name, value)
    return list(found)


def _inner(outer: str, name: str) -> str:
    if name == "name":
        return {"databaseInput": "databaseName", "tableInput": "tableName"}.get(outer, name)
    return name if name != "arn" or outer != "policy" else "policyArn"


def _add(found: dict[tuple[str, str], None], service: str, operation: str, name: str, value: Any) -> None:
    if not isinstance(value, str) or not value:
        return
    kind = _TYPES_OF.get((service, name)) or _TYPES.get(name)
    if kind is None and name == "name":
        noun = next((noun for noun in _NOUNS.get(service, ()) if noun.lower() in operation.lower()), None)
        kind = f"AWS::{_SPACES[service]}::{noun}" if noun else None
    if kind is not None:
        found[(kind, value)] = None


def record_resources(service: str, params: Mapping[str, Any], account: str, region: str) -> list[dict[str, str]]:
    """`resources` of the record itself, which few services fill."""
    if service == "s3" and "bucketName" in params:
        bucket = {"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{params['bucketName']}"}
        if "key" not in params:
            return [bucket]
        return [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{params['bucketName']}/{params['key']}"}, bucket]
    if service == "lambda" and isinstance(name := params.get("functionName"), str):
        arn = name if name.startswith("arn:") else f"arn:aws:lambda:{region}:{account}:function:{name}"
        return [{"accountId": account, "type": "AWS::Lambda::Function", "ARN": arn}]
    if service == "sts" and isinstance(role := params.get("roleArn"), str):
        return [{"accountId": account, "type": "AWS::IAM::Role", "ARN": role}]
    return []
