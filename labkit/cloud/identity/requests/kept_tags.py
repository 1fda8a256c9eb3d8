"""The tags of resources, as the local cloud keeps them: asked for only when a policy has a condition on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.cloud.identity.requests.kept import backend, iam, tags_of_mapping

Tags = Mapping[str, str]
# Set by Athena's engine: (`workgroup/name`, account, region) -> tags.
TagsOf = Callable[[str, str, str], Tags]
_athena_tags: TagsOf | None = None


def use_athena_tags(tags_of: TagsOf | None) -> None:
    """Set who knows the tags of Athena's workgroups and data catalogs."""
    global _athena_tags
    _athena_tags = tags_of


def tags_of_work_group(arn: str, account: str, region: str) -> Tags:
    """The tags of an Athena workgroup or data catalog."""
    return {} if _athena_tags is None else _athena_tags(arn.rpartition(":")[2], account, region)


def tags_of_bucket(name: str, account: str) -> Tags:
    """A bucket's tags."""
    return _of_tagger(backend("s3", account, "aws"), f"arn:aws:s3:::{name}")


def tags_of_object(bucket_name: str, key: str, version: str | None, account: str) -> Tags:
    """An object's tags; none when there is no such object."""
    s3 = backend("s3", account, "aws")
    if bucket_name not in s3.buckets:
        return {}
    found = s3.get_object(bucket_name, key, version_id=version)
    return {} if found is None else _of_tagger(s3, found.arn)


def tags_of_glue(arn: str, account: str, region: str) -> Tags:
    """The tags of a Glue resource (a job, a crawler, a database …)."""
    return _of_tagger(backend("glue", account, region), arn)


def tags_of_iam(arn: str, account: str) -> Tags:
    """The tags of a user, a role, a policy or an instance profile."""
    kept = iam(account)
    kind = arn.rpartition(":")[2].partition("/")[0]
    if kind == "user":
        return _of_tagger(kept, arn)
    if kind == "policy":
        return _pairs(kept.managed_policies[arn].tags) if arn in kept.managed_policies else {}
    many = {"role": kept.roles, "instance-profile": kept.instance_profiles}.get(kind, {})
    found = next((one for one in many.values() if one.arn == arn), None)
    return {} if found is None else _pairs(found.tags)


def tags_of_function(arn: str, account: str, region: str) -> Tags:
    """The tags of a Lambda function (versions and aliases have their function's) or of an event source mapping."""
    if ":event-source-mapping:" in arn:
        return tags_of_mapping(arn.rpartition(":")[2], account, region)
    known = backend("lambda", account, region)
    found = None if known is None else known.get_function_by_arn(":".join(arn.split(":")[:7]))
    return {} if found is None else _pairs(found.tags)


def tags_of_log_group(name: str, account: str, region: str) -> Tags:
    """The tags of a log group."""
    logs = backend("logs", account, region)
    return _of_tagger(logs, logs.groups[name].arn) if logs is not None and name in logs.groups else {}


def tags_of_queue(arn: str, account: str, region: str) -> Tags:
    """The tags of an SQS queue."""
    sqs = backend("sqs", account, region)
    found = None if sqs is None else sqs.queues.get(arn.rpartition(":")[2])
    return {} if found is None else _pairs(found.tags)


def tags_of_topic(arn: str, account: str, region: str) -> Tags:
    """The tags of an SNS topic."""
    sns = backend("sns", account, region)
    return _pairs(sns.list_tags_for_resource(arn)) if sns is not None and arn in sns.topics else {}


def tags_of_rule(arn: str, account: str, region: str) -> Tags:
    """The tags of an EventBridge rule or bus."""
    return _of_tagger(backend("events", account, region), arn)


def tags_of_alarm(arn: str, account: str, region: str) -> Tags:
    """The tags of a CloudWatch alarm."""
    return _of_tagger(backend("cloudwatch", account, region), arn)


def tags_of_key(arn: str, account: str, region: str) -> Tags:
    """The tags of a KMS key."""
    return _of_tagger(backend("kms", account, region), arn.rpartition("/")[2])


def tags_of_secret(arn: str, account: str, region: str) -> Tags:
    """The tags of a secret."""
    kept = backend("secretsmanager", account, region)
    found = None if kept is None else next((one for one in kept.secrets.values() if one.arn == arn), None)
    return {} if found is None else _pairs(found.tags)


def tags_of_parameter(arn: str, account: str, region: str) -> Tags:
    """The tags of an SSM parameter."""
    ssm = backend("ssm", account, region)
    if ssm is None:
        return {}
    path = arn.partition(":parameter")[2]
    tags = ssm._resource_tags.get("Parameter", {})  # noqa: SLF001 - its public way raises where there are none
    return _pairs(tags.get(path) or tags.get(path.lstrip("/")))


def tags_of_table(arn: str, account: str, region: str) -> Tags:
    """The tags of a DynamoDB table (an index has its table's)."""
    dynamodb = backend("dynamodb", account, region)
    name = arn.rpartition(":table/")[2].partition("/")[0]
    found = None if dynamodb is None else dynamodb.tables.get(name)
    return {} if found is None else _pairs(found.tags)


def _of_tagger(kept: Any, arn: str) -> Tags:
    """The tags in moto's tagging service of a backend."""
    tags = {} if kept is None else kept.tagger.get_tag_dict_for_resource(arn)
    return {str(key): str(value) for key, value in tags.items()}


def _pairs(tags: Any) -> dict[str, str]:
    """moto keeps tags as a map, a map of pairs, or a list of pairs."""
    if not isinstance(tags, Mapping):
        return {str(one["Key"]): str(one.get("Value", "")) for one in tags or ()}
    if all(isinstance(one, str) for one in tags.values()):
        return {str(key): str(value) for key, value in tags.items()}
    return {str(one["Key"]): str(one["Value"]) for one in tags.values()}
