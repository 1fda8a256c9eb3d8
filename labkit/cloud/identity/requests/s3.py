"""S3: the action of every operation, and what stands beside it (tags, ACLs, locks, the source of a copy)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests import kept_tags
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.context import Context, LazyContext, tags_as
from labkit.cloud.identity.requests.rules import pass_role
from labkit.cloud.identity.requests.s3_address import copy_source
from labkit.cloud.identity.requests.s3_context import object_tags, s3_context
from labkit.cloud.identity.requests.s3_xml import elements

# Operations whose action has another name.
_ACTIONS = {
    "ListBuckets": "ListAllMyBuckets", "HeadBucket": "ListBucket", "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions", "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts", "HeadObject": "GetObject", "SelectObjectContent": "GetObject",
    "CopyObject": "PutObject", "PostObject": "PutObject", "CreateMultipartUpload": "PutObject", "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject", "CompleteMultipartUpload": "PutObject", "RenameObject": "PutObject",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration", "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS", "PutBucketCors": "PutBucketCORS", "DeleteBucketCors": "PutBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration", "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration", "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration", "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration", "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification", "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration", "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration", "DeleteBucketTagging": "PutBucketTagging",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock", "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock", "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration", "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "CreateBucketMetadataConfiguration": "CreateBucketMetadataTableConfiguration",
    "GetBucketMetadataConfiguration": "GetBucketMetadataTableConfiguration",
    "DeleteBucketMetadataConfiguration": "DeleteBucketMetadataTableConfiguration",
}  # fmt: skip
_CONFIGURATIONS = re.compile(
    r"(Get|Put|Delete|List)Bucket(Analytics|IntelligentTiering|Inventory|Metrics)Configurations?"
)
# With a versionId these have an action of their own.
_WITH_VERSIONS = (
    "GetObject GetObjectAcl GetObjectAttributes GetObjectTagging GetObjectTorrent DeleteObject PutObjectAcl PutObjectTagging"
    " DeleteObjectTagging"
)
_VERSIONED = {name: name.replace("Object", "ObjectVersion", 1) for name in _WITH_VERSIONS.split()}
_NEW_OBJECTS = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})
_GRANTS = tuple(f"HTTP_X_AMZ_GRANT_{name}" for name in ("FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"))


@lru_cache(maxsize=512)
def s3_action(operation: str) -> str:
    """The action of an operation, without a version."""
    configuration = _CONFIGURATIONS.fullmatch(operation)
    if configuration:
        return f"{'Get' if configuration[1] in ('Get', 'List') else 'Put'}{configuration[2]}Configuration"
    return _ACTIONS.get(operation, operation)


def s3_accesses(asked: Asked, query: Mapping[str, str], body: bytes) -> tuple[Access, ...]:
    """All that an S3 request needs."""
    bucket, key = asked.text("Bucket"), asked.text("Key")
    if asked.operation == "ListBuckets":
        # Policies grant it on `*` or on `arn:aws:s3:::*`; both match this.
        return (Access("s3:ListAllMyBuckets", "arn:aws:s3:::*", s3_context(asked, query)),)
    if asked.operation == "DeleteObjects":
        return tuple(_deletions(asked, query, body))
    context = _with_tags(asked, s3_context(asked, query), query, body)
    action = s3_action(asked.operation)
    if query.get("versionId"):
        action = _VERSIONED.get(action, action)
    arn = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
    main = [] if asked.operation == "OPTIONS" else [Access(f"s3:{action}", arn, context)]
    if asked.operation in ("CopyObject", "UploadPartCopy"):
        main = [
            *_source(asked, arn, context),
            *main,
        ]  # the source is looked at first: whether it is there, and whether it may be read
    return (*main, *_beside(asked, arn, context, query, body))


def _beside(asked: Asked, arn: str, context: Context, query: Mapping[str, str], body: bytes) -> Iterator[Access]:
    """What a request needs besides its own action."""
    if asked.operation in _NEW_OBJECTS or asked.operation == "PostObject":
        for action in _new_object_actions(asked):
            yield Access(action, arn, context)
    if asked.operation == "CreateBucket":
        for action in _new_bucket_actions(asked, body):
            yield Access(action, arn, context)
    if asked.operation == "GetObjectAttributes":
        yield Access("s3:GetObjectVersion" if query.get("versionId") else "s3:GetObject", arn, context)
    if asked.operation == "RenameObject":
        source = unquote(asked.header("x-amz-rename-source")).lstrip("/")
        yield Access("s3:GetObject", f"arn:aws:s3:::{source}", context)
        yield Access("s3:DeleteObject", f"arn:aws:s3:::{source}", context)
    if asked.operation in ("DeleteObject", "PutObjectRetention") and _bypasses(asked):
        yield Access("s3:BypassGovernanceRetention", arn, context)
    if asked.operation == "PutBucketReplication":
        roles = [one.text or "" for one in elements(body, "Role")]
        yield from pass_role(replace(asked, params={"Role": roles}), "Role", "s3.amazonaws.com")


def _new_object_actions(asked: Asked) -> Iterator[str]:
    environ = asked.environ
    if environ.get("HTTP_X_AMZ_ACL") or any(environ.get(name) for name in _GRANTS) or asked.params.get("acl"):
        yield "s3:PutObjectAcl"
    if environ.get("HTTP_X_AMZ_TAGGING") or asked.params.get("tagging"):
        yield "s3:PutObjectTagging"
    if environ.get("HTTP_X_AMZ_OBJECT_LOCK_MODE") or environ.get("HTTP_X_AMZ_OBJECT_LOCK_RETAIN_UNTIL_DATE"):
        yield "s3:PutObjectRetention"
    if environ.get("HTTP_X_AMZ_OBJECT_LOCK_LEGAL_HOLD"):
        yield "s3:PutObjectLegalHold"


def _new_bucket_actions(asked: Asked, body: bytes) -> Iterator[str]:
    environ = asked.environ
    if environ.get("HTTP_X_AMZ_ACL") or any(environ.get(name) for name in _GRANTS):
        yield "s3:PutBucketAcl"
    if str(environ.get("HTTP_X_AMZ_BUCKET_OBJECT_LOCK_ENABLED", "")).lower() == "true":
        yield "s3:PutBucketObjectLockConfiguration"
        yield "s3:PutBucketVersioning"
    if environ.get("HTTP_X_AMZ_OBJECT_OWNERSHIP"):
        yield "s3:PutBucketOwnershipControls"
    if elements(body, "Tag"):
        yield "s3:TagResource"


def _source(asked: Asked, arn: str, context: Context) -> Iterator[Access]:
    """Reading the source of a copy; its tags too when there are any and they are copied."""
    bucket, key, version = copy_source(asked.header("x-amz-copy-source"))
    source = f"arn:aws:s3:::{bucket}/{key}"
    tags = kept_tags.tags_of_object(bucket, key, version or None, asked.account)
    own: Context = {key: value for key, value in context.items() if key in _OF_ANY_REQUEST}
    own = {**own, **tags_as(tags, "s3:existingobjecttag/"), **({"s3:versionid": (version,)} if version else {})}
    yield Access("s3:GetObjectVersion" if version else "s3:GetObject", source, own)
    if tags and asked.operation == "CopyObject" and asked.header("x-amz-tagging-directive").upper() != "REPLACE":
        yield Access("s3:GetObjectVersionTagging" if version else "s3:GetObjectTagging", source, own)
        yield Access("s3:PutObjectTagging", arn, {**context, **_requested(tags)})


_OF_ANY_REQUEST = frozenset({"s3:resourceaccount", "s3:authtype", "s3:signatureversion", "s3:signatureage"})


def _deletions(asked: Asked, query: Mapping[str, str], body: bytes) -> Iterator[Access]:
    bucket, context = asked.text("Bucket"), s3_context(asked, query)
    # A body that names no key is refused by S3; until then it could be any.
    for key, version in delete_entries(body) or [("*", "")]:
        arn = f"arn:aws:s3:::{bucket}/{key}"
        own = {**context, "s3:versionid": (version,)} if version else context
        yield Access(
            "s3:DeleteObjectVersion" if version else "s3:DeleteObject", arn, _existing(asked, own, bucket, key, version)
        )
        if _bypasses(asked):
            yield Access("s3:BypassGovernanceRetention", arn, own)


def delete_entries(body: bytes) -> list[tuple[str, str]]:
    """The keys and versions (or an empty text) that a DeleteObjects names, in order."""
    found = []
    for entry in elements(body, "Object"):
        key = next((child.text or "" for child in entry if _name(child) == "Key"), "")
        version = next((child.text or "" for child in entry if _name(child) == "VersionId"), "")
        found.append((key, version))
    return found


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _bypasses(asked: Asked) -> bool:
    return asked.header("x-amz-bypass-governance-retention").lower() == "true"


def _requested(tags: Mapping[str, str]) -> Context:
    return {**tags_as(tags, "s3:requestobjecttag/"), "s3:requestobjecttagkeys": tuple(tags)}


def _with_tags(asked: Asked, context: Context, query: Mapping[str, str], body: bytes) -> Any:
    bucket, key = asked.text("Bucket"), asked.text("Key")
    header = asked.header("x-amz-tagging")
    tags = object_tags(header) if header else {}
    if asked.operation in ("PutObjectTagging", "PutBucketTagging", "CreateBucket"):
        tags = {_child(one, "Key"): _child(one, "Value") for one in elements(body, "Tag")}
    if asked.operation == "CreateBucket":
        places = [one.text or "" for one in elements(body, "LocationConstraint")]
        context = {**context, **({"s3:locationconstraint": (places[0],)} if places else {})}
    if tags and key:
        context = {**context, **_requested(tags)}
    elif tags:
        context = {**context, **tags_as(tags, "aws:requesttag/"), "aws:tagkeys": tuple(tags)}
    return _existing(asked, context, bucket, key, query.get("versionId", ""))


def _child(element: Any, name: str) -> str:
    return next((child.text or "" for child in element if _name(child) == name), "")


def _existing(asked: Asked, context: Context, bucket: str, key: str, version: str) -> LazyContext:
    def look_up() -> Context:
        of_bucket = tags_as(kept_tags.tags_of_bucket(bucket, asked.account), "s3:buckettag/")
        if not key:
            return {**of_bucket, **tags_as(kept_tags.tags_of_bucket(bucket, asked.account), "aws:resourcetag/")}
        return {
            **of_bucket,
            **tags_as(kept_tags.tags_of_object(bucket, key, version or None, asked.account), "s3:existingobjecttag/"),
        }

    return LazyContext(context, look_up)
