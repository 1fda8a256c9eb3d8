"""Which S3 operation a request asks for, and its parameters as CloudTrail shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from labkit.cloud.trail.s3_configurations import read_configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labkit.cloud.trail.heard import Heard

# A bucket may stand in the host (`datos.s3.amazonaws.com`, `datos.localhost:4566`).
_BUCKET_HOST = re.compile(r"(?P<bucket>.+?)\.(s3[.-].*|localhost(:\d+)?|s3\.localhost\..*)")
# Signatures and SDK marks are no parameters.
_LEFT_OUT = (
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-signedheaders",
    "x-id",
)
# CloudTrail keeps S3's older names.
_RENAMED = {
    "ListObjectsV2": "ListObjects",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
}


@dataclass(frozen=True)
class _Rule:
    name: str
    keys: frozenset[str]
    values: tuple[tuple[str, str], ...]
    copies: bool


def s3_operation(heard: Heard) -> tuple[str, dict[str, Any]]:
    """CloudTrail's name of the operation and its request parameters (bucketName, Host, key, the query)."""
    host = heard.headers.get("HTTP_HOST", "")
    bucket, key = bucket_and_key(heard.headers, heard.request.path)
    query = dict(parse_qsl(heard.query, keep_blank_values=True))
    level = "key" if key else "bucket" if bucket else "service"
    copies = "HTTP_X_AMZ_COPY_SOURCE" in heard.headers
    name = _name(heard.request.method, level, query, copies=copies, heard=heard)
    shown: dict[str, Any] = {} if not bucket else {"bucketName": bucket}
    shown["Host"] = host
    if key:
        shown["key"] = key
    if copies:
        shown["x-amz-copy-source"] = heard.headers["HTTP_X_AMZ_COPY_SOURCE"]
    shown |= {name: value for name, value in query.items() if name.lower() not in _LEFT_OUT}
    if level == "bucket" and heard.request.method == "PUT":
        shown |= read_configuration(name, heard.body)
    return _RENAMED.get(name, name), shown


def bucket_and_key(environ: Mapping[str, str], path: str) -> tuple[str, str]:
    """The bucket and the key of a request; "" for what it does not name."""
    match = _BUCKET_HOST.fullmatch(environ.get("HTTP_HOST", ""))
    if match:
        return match["bucket"], path.lstrip("/")
    bucket, _, key = path.lstrip("/").partition("/")
    return bucket, key


def _name(method: str, level: str, query: dict[str, str], *, copies: bool, heard: Heard) -> str:
    if method == "POST" and level == "bucket" and "multipart/form-data" in heard.headers.get("CONTENT_TYPE", ""):
        return "PostObject"
    if method == "OPTIONS":
        return "PreflightRequest"
    for rule in _rules().get((method, level), ()):
        if rule.keys <= query.keys() and (copies or not rule.copies) and all(query.get(k) == v for k, v in rule.values):
            return rule.name
    return f"{method.capitalize()}{level.capitalize()}"


@cache
def _rules() -> dict[tuple[str, str], list[_Rule]]:
    """The operations by method and level, those that ask for most first."""
    from labkit.cloud.trail.operations import service_model

    model = service_model("s3")
    table: dict[tuple[str, str], list[_Rule]] = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        uri, _, query = operation.http["requestUri"].partition("?")
        if name in ("ListDirectoryBuckets", "WriteGetObjectResponse", "RenameObject"):
            continue
        level = "key" if "{Key+}" in uri else "bucket" if "{Bucket}" in uri else "service"
        pairs = [part.partition("=") for part in query.split("&") if part and not part.startswith("x-id")]
        required = _required(operation.input_shape, "querystring")
        rule = _Rule(
            name,
            frozenset({key for key, _, _ in pairs} | required),
            tuple((key, value) for key, _, value in pairs if value),
            "x-amz-copy-source" in _required(operation.input_shape, "header"),
        )
        table.setdefault((operation.http["method"], level), []).append(rule)
    for rules in table.values():
        rules.sort(key=lambda rule: (-rule.copies, -len(rule.keys), -len(rule.values), _plainness(rule.name)))
    return table


def _plainness(name: str) -> int:
    """`?notification` and `?lifecycle` are asked for by two operations of the model: the one that is not deprecated wins."""
    return 0 if name.endswith("Configuration") else 1


def _required(shape: Any, location: str) -> set[str]:
    if shape is None:
        return set()
    members = ((name, shape.members[name]) for name in shape.required_members)
    return {
        str(m.serialization.get("name", name)).lower()
        if location == "header"
        else str(m.serialization.get("name", name))
        for name, m in members
        if m.serialization.get("location") == location
    }
