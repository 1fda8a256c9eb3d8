"""S3's Block Public Access (docs.aws.amazon.com/AmazonS3, "Blocking public access"): what of a bucket may be open to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.identity.access import Access
from labkit.cloud.identity.bucket_policy import validate_bucket_policy
from labkit.cloud.identity.document import Policy, Statement, parse_policy
from labkit.cloud.identity.principal import Principal

# A condition on one of these with values that are fixed makes a statement for "*" a statement for somebody.
_NARROWING = (
    "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:userid", "aws:principalarn",
    "aws:principalaccount", "aws:principalorgid", "aws:sourceip", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn",
)  # fmt: skip
_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")
_EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)


def is_public(policy: Policy) -> bool:
    """Whether a bucket policy lets everybody in."""
    return any(statement.effect == "Allow" and _is_for_all(statement) for statement in policy.statements)


def check_public_access(
    principal: Principal, operation: str, params: Mapping[str, Any], environ: Mapping[str, Any], policy: str
) -> None:
    """AwsError AccessDenied for a policy or an access list that the bucket's settings do not let be public.

    `policy` is the body of a PutBucketPolicy, and empty for every other call.
    """
    bucket = str(params.get("Bucket") or "")
    settings = _settings(bucket)
    if settings is None:
        return
    if operation == "PutBucketPolicy" and settings.block_public_policy and _would_be_public(policy, bucket):
        raise _blocked(
            principal, "s3:PutBucketPolicy", f"arn:aws:s3:::{bucket}", "public policies", "BlockPublicPolicy"
        )
    if settings.block_public_acls and operation.startswith(("Put", "Copy", "CreateMultipart")) and _opens(environ):
        action = operation if operation.endswith("Acl") else "PutObject"
        resource = f"arn:aws:s3:::{bucket}" + (f"/{params['Key']}" if params.get("Key") else "")
        raise _blocked(principal, f"s3:{action}", resource, "public access control lists (ACLs)", "BlockPublicAcls")


def is_restricted(access: Access) -> bool:
    """Whether a bucket's public policy does not count for strangers (RestrictPublicBuckets)."""
    settings = _settings(_bucket_of(access))
    return settings is not None and settings.restrict_public_buckets


def is_readable_by_all(access: Access) -> bool:
    """Whether the access list of an object lets everybody read it, and the bucket lets such lists count."""
    if access.action != "s3:GetObject":
        return False
    from moto.s3.models import s3_backends

    name = _bucket_of(access)
    _, owner = s3_backends.bucket_accounts.get(name, ("aws", ""))
    bucket = s3_backends[owner]["aws"].buckets.get(name) if owner else None
    key = bucket.keys.get(access.resource.partition("/")[2]) if bucket is not None else None
    settings = _settings(name)
    ignored = settings is not None and settings.ignore_public_acls
    return not ignored and key is not None and key.acl is not None and bool(key.acl.public_read)


def _bucket_of(access: Access) -> str:
    return access.resource.removeprefix("arn:aws:s3:::").partition("/")[0]


def _settings(bucket: str) -> Any:
    from moto.s3.models import s3_backends

    _, owner = s3_backends.bucket_accounts.get(bucket, ("aws", ""))
    found = s3_backends[owner]["aws"].buckets.get(bucket) if owner else None
    return None if found is None else found.public_access_block


def _would_be_public(text: str, bucket: str) -> bool:
    """Whether a policy would let everybody in; one that S3 refuses anyway is not told to be public."""
    try:
        validate_bucket_policy(text, bucket)
    except AwsError:
        return False
    return is_public(parse_policy(text))


def _is_for_all(statement: Statement) -> bool:
    principal = statement.principal
    listed = principal.get("AWS", []) if isinstance(principal, Mapping) else principal
    everybody = "*" in (listed if isinstance(listed, list) else [listed]) or statement.not_principal is not None
    return everybody and not any(_narrows(pairs) for pairs in statement.conditions.values())


def _narrows(pairs: Mapping[str, tuple[str, ...]]) -> bool:
    return any(
        key.lower() in _NARROWING and not any("*" in value or value in ("0.0.0.0/0", "::/0") for value in values)
        for key, values in pairs.items()
    )


def _opens(environ: Mapping[str, Any]) -> bool:
    granted = " ".join(
        str(environ.get(f"HTTP_X_AMZ_GRANT_{name}", "")) for name in ("READ", "WRITE", "FULL_CONTROL", "READ_ACP")
    )
    return environ.get("HTTP_X_AMZ_ACL", "") in _PUBLIC_ACLS or any(group in granted for group in _EVERYBODY)


def _blocked(principal: Principal, action: str, resource: str, what: str, setting: str) -> AwsError:
    message = (
        f'User: {principal.arn} is not authorized to perform: {action} on resource: "{resource}" because {what} are prevented by the '
        f"{setting} setting in S3 Block Public Access."
    )
    return AwsError("AccessDenied", message, 403)
