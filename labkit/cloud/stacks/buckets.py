"""Buckets of S3 and their policies in stacks (docs.aws.amazon.com/AWSCloudFormation, AWS::S3::Bucket and BucketPolicy)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.stacks.resource import Ask, Made, Properties, Resource, tag_list, truth

_FUNCTIONS = ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn")
_QUEUES = ("QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn")
_TOPICS = ("TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn")


class Bucket(Resource):
    """AWS::S3::Bucket; `Ref` is its name. Its notification is put last: S3 asks the function's permission at that moment."""

    type = "AWS::S3::Bucket"
    name_property = "BucketName"
    known = frozenset(
        {"BucketName", "NotificationConfiguration", "VersioningConfiguration", "PublicAccessBlockConfiguration"}
        | {"BucketEncryption", "OwnershipControls", "LifecycleConfiguration", "Tags"}
    )
    has = frozenset({"Arn", "DomainName", "RegionalDomainName", "WebsiteURL"})

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        place = None if scope.region == "us-east-1" else {"LocationConstraint": scope.region}
        ask("s3", "create_bucket", Bucket=name, CreateBucketConfiguration=place)
        try:
            cls.change(ask, scope, name, {}, properties)
        except Exception:
            ask("s3", "delete_bucket", Bucket=name)
            raise
        return Made(
            name,
            {
                "Arn": f"arn:aws:s3:::{name}",
                "DomainName": f"{name}.s3.amazonaws.com",
                "RegionalDomainName": f"{name}.s3.{scope.region}.amazonaws.com",
                "WebsiteURL": f"http://{name}.s3-website-{scope.region}.amazonaws.com",
            },
        )

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        for key, bring in _PARTS.items():
            if before.get(key) != after.get(key):
                bring(lambda operation, **params: ask("s3", operation, Bucket=name, **params), after.get(key))

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        ask("s3", "delete_bucket", Bucket=name)


class BucketPolicy(Resource):
    """AWS::S3::BucketPolicy; `Ref` is the bucket."""

    type = "AWS::S3::BucketPolicy"
    known = frozenset({"Bucket", "PolicyDocument"})
    replaced_by = frozenset({"Bucket"})

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        cls.change(ask, scope, name, {}, properties)
        return Made(properties["Bucket"])

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        policy = after["PolicyDocument"]
        text = policy if isinstance(policy, str) else json.dumps(policy, default=str)
        ask("s3", "put_bucket_policy", Bucket=after["Bucket"], Policy=text)

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        ask("s3", "delete_bucket_policy", Bucket=properties["Bucket"])


# Each brings one property of a bucket to its value; None where the template has it no more.
Part = Callable[[Callable[..., Any], Any], object]


def _tags(s3: Callable[..., Any], value: Any) -> None:
    if value:
        s3("put_bucket_tagging", Tagging={"TagSet": tag_list(value)})
    else:
        s3("delete_bucket_tagging")


def _versioning(s3: Callable[..., Any], value: Any) -> None:
    # Versions cannot be switched off again, only suspended.
    s3("put_bucket_versioning", VersioningConfiguration={"Status": (value or {}).get("Status", "Suspended")})


def _public_access(s3: Callable[..., Any], value: Any) -> None:
    if value:
        s3("put_public_access_block", PublicAccessBlockConfiguration={key: truth(one) for key, one in value.items()})
    else:
        s3("delete_public_access_block")


def _encryption(s3: Callable[..., Any], value: Any) -> None:
    if not value:
        s3("delete_bucket_encryption")
        return
    rules = [
        {
            ("ApplyServerSideEncryptionByDefault" if key == "ServerSideEncryptionByDefault" else key): one
            for key, one in rule.items()
        }
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    s3("put_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": rules})


def _ownership(s3: Callable[..., Any], value: Any) -> None:
    if value:
        s3("put_bucket_ownership_controls", OwnershipControls=value)
    else:
        s3("delete_bucket_ownership_controls")


def _lifecycle(s3: Callable[..., Any], value: Any) -> None:
    if not value:
        s3("delete_bucket_lifecycle")
        return
    s3("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": [_rule(one) for one in value["Rules"]]})


def _rule(rule: Properties) -> dict[str, Any]:
    """A rule in the API's spelling; one that has another part than these is refused by botocore's check of the names."""
    spelled = {"Id": "ID"}
    found = {spelled.get(key, key): value for key, value in rule.items() if key not in ("Prefix", "ExpirationInDays")}
    found["Filter"] = {"Prefix": rule.get("Prefix", "")}
    if "ExpirationInDays" in rule:
        found["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    if "AbortIncompleteMultipartUpload" in found:
        days = int(found["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])
        found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    return found


def _notification(s3: Callable[..., Any], value: Any) -> None:
    found: dict[str, Any] = {}
    for member, name, target, arn in (_FUNCTIONS, _QUEUES, _TOPICS):
        ours = [_destination(one, target, arn) for one in (value or {}).get(member) or ()]
        if ours:
            found[name] = ours
    bridge = (value or {}).get("EventBridgeConfiguration")
    if bridge is not None and truth(bridge.get("EventBridgeEnabled", True)):
        found["EventBridgeConfiguration"] = {}
    s3("put_bucket_notification_configuration", NotificationConfiguration=found)


def _destination(one: Properties, target: str, arn: str) -> dict[str, Any]:
    """Templates have one event and S3Key; the API a list of events and Key."""
    rule: dict[str, Any] = {arn: one[target], "Events": [one["Event"]]}
    rules = ((one.get("Filter") or {}).get("S3Key") or {}).get("Rules")
    if rules:
        rule["Filter"] = {"Key": {"FilterRules": [{"Name": found["Name"], "Value": found["Value"]} for found in rules]}}
    return rule


_PARTS: dict[str, Part] = {
    "Tags": _tags,
    "VersioningConfiguration": _versioning,
    "OwnershipControls": _ownership,
    "PublicAccessBlockConfiguration": _public_access,
    "BucketEncryption": _encryption,
    "LifecycleConfiguration": _lifecycle,
    "NotificationConfiguration": _notification,
}
