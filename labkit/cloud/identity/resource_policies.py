"""The policy that stands on a resource: bucket, function, queue, topic, key, secret, role (its trust policy), catalog."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.document import Policy, parse_policy

_ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML", "sts:TagSession")


@dataclass(frozen=True)
class ResourcePolicy:
    """A resource's policy and the account that owns the resource; `must_allow` for role trust policies and keys."""

    policy: Policy | None
    account: str
    must_allow: bool = False


def find_resource_policy(access: Access, account: str) -> ResourcePolicy:
    """The policy on the resource of an access, if it has one; a resource that does not exist is the account's own."""
    finder = _FINDERS.get(access.service)
    if finder is None or not access.resource.startswith("arn:"):
        return ResourcePolicy(None, account)
    return finder(access, account)


def _bucket(access: Access, account: str) -> ResourcePolicy:
    from moto.s3.models import s3_backends

    name = access.resource.split(":", 5)[5].split("/", 1)[0]
    _, owner = s3_backends.bucket_accounts.get(name, ("aws", account))
    bucket = s3_backends[owner]["aws"].buckets.get(name)
    text = bucket.policy if bucket is not None else None
    return ResourcePolicy(_read(text, f"bucket policy of {name}"), owner)


def _role(access: Access, account: str) -> ResourcePolicy:
    from moto.iam.models import iam_backends

    if access.action not in _ASSUMING:
        return ResourcePolicy(None, account)
    owner = access.resource.split(":")[4] or account
    for role in list(iam_backends[owner]["aws"].roles.values()):
        if role.arn == access.resource:
            document = role.assume_role_policy_document
            policy = _read(document, "trust policy")
            return ResourcePolicy(policy or Policy("trust policy", ()), owner, must_allow=True)
    # A role that is not there trusts nobody: AWS says AccessDenied, and does not tell whether it exists.
    return ResourcePolicy(Policy("trust policy", ()), owner, must_allow=True)


def _function(access: Access, account: str) -> ResourcePolicy:
    from moto.awslambda.models import lambda_backends

    parts = access.resource.split(":")
    if len(parts) < 7 or parts[5] != "function":
        return ResourcePolicy(None, account)
    name, qualifier = parts[6], parts[7] if len(parts) > 7 else None
    backend = lambda_backends[parts[4] or account][parts[3]]
    try:
        function = backend.get_function(name, qualifier)
    except Exception:  # noqa: BLE001 - moto has an exception for each thing that may be missing; all mean: no policy
        return ResourcePolicy(None, account)
    statements = function.policy.statements
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None
    return ResourcePolicy(_read(text, "function policy"), parts[4] or account)


def _queue(access: Access, account: str) -> ResourcePolicy:
    from moto.sqs.models import sqs_backends

    parts = access.resource.split(":")
    queue = sqs_backends[parts[4] or account][parts[3]].queues.get(parts[5])
    return ResourcePolicy(_read(queue.policy if queue else None, "queue policy"), parts[4] or account)


def _topic(access: Access, account: str) -> ResourcePolicy:
    from moto.sns.models import sns_backends

    parts = access.resource.split(":")
    topic = sns_backends[parts[4] or account][parts[3]].topics.get(access.resource)
    return ResourcePolicy(_read(topic.policy if topic else None, "topic policy"), parts[4] or account)


def _key(access: Access, account: str) -> ResourcePolicy:
    from moto.kms.models import kms_backends

    parts = access.resource.split(":")
    key = kms_backends[parts[4] or account][parts[3]].keys.get(parts[5].partition("/")[2])
    return ResourcePolicy(
        _read(key.policy if key else None, "key policy"), parts[4] or account, must_allow=key is not None
    )


def _secret(access: Access, account: str) -> ResourcePolicy:
    from moto.secretsmanager.models import secretsmanager_backends

    parts = access.resource.split(":")
    secrets = secretsmanager_backends[parts[4] or account][parts[3]].secrets
    found = next((one for one in secrets.values() if getattr(one, "arn", None) == access.resource), None)
    return ResourcePolicy(_read(getattr(found, "policy", None), "secret policy"), parts[4] or account)


def _catalog(access: Access, account: str) -> ResourcePolicy:
    from moto.glue.models import glue_backends

    parts = access.resource.split(":")
    found = glue_backends[parts[4] or account][parts[3]].resource_policies
    text = next((one.get("PolicyInJson") for one in found.values() if one.get("PolicyInJson")), None)
    return ResourcePolicy(_read(text, "catalog resource policy"), parts[4] or account)


def _read(text: Any, name: str) -> Policy | None:
    if not text:
        return None
    document = text.decode() if isinstance(text, bytes) else text if isinstance(text, str) else json.dumps(text)
    try:
        return parse_policy(document, name)
    except ValueError:
        return Policy(name, ())


_FINDERS: dict[str, Callable[[Access, str], ResourcePolicy]] = {
    "s3": _bucket,
    "sts": _role,
    "lambda": _function,
    "sqs": _queue,
    "sns": _topic,
    "kms": _key,
    "secretsmanager": _secret,
    "glue": _catalog,
}


def use_bus_policies(find: Callable[[str], str | None]) -> None:
    """Set who knows the policies of event buses, as JSON texts by the bus's ARN: the event bus engine, which keeps them itself."""

    def bus(access: Access, account: str) -> ResourcePolicy:
        parts = access.resource.split(":")
        return ResourcePolicy(_read(find(access.resource), "event bus policy"), parts[4] or account)

    _FINDERS["events"] = bus
