"""An S3 request, read: bucket, key, query, and the operation that they make together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from labkit.cloud.hooks import ACCOUNT
from labkit.cloud.identity.requests.s3_address import bucket_and_key
from labkit.cloud.identity.requests.s3_operations import s3_operations
from labkit.cloud.request import AwsRequest

# What is looked at of a body: which keys are deleted, a new bucket's region, tags, the role of a replication.
_BODIES = frozenset(
    {"DeleteObjects", "CreateBucket", "PutBucketTagging", "PutObjectTagging", "PutBucketReplication", "PostObject"}
    | {"PutObjectRetention", "PutObjectLegalHold", "RestoreObject", "SelectObjectContent"}
)
# Of a form: what bears on permissions, and who signed its policy.
_KEPT_FIELDS = (
    "acl", "tagging", "AWSAccessKeyId", "x-amz-credential", "policy", "signature", "x-amz-signature", "x-amz-security-token",
)  # fmt: skip
_FIELD = re.compile(
    rb'name="(?P<name>[^"]*)"(?:; *filename="(?P<file>[^"]*)")?[^\r\n]*(?:\r\n[^\r\n]+)*\r\n\r\n(?P<value>.*?)\r\n--',
    re.DOTALL,
)


@dataclass(frozen=True)
class S3Request:
    """What an S3 request asks for; `also` are further operations that its query names."""

    operation: str
    params: Mapping[str, Any]
    query: Mapping[str, str]
    also: tuple[str, ...]

    @property
    def reads_body(self) -> bool:
        """Whether its body bears on what it needs."""
        return self.operation in _BODIES or any(other in _BODIES for other in self.also)

    def with_form(self, body: bytes) -> dict[str, Any]:
        """The parameters, with the fields of a browser's upload form."""
        if self.operation != "PostObject":
            return dict(self.params)
        return {**self.params, **_form_upload(body)}


def read_s3(request: AwsRequest, environ: Mapping[str, Any]) -> S3Request:
    """Take an S3 request apart."""
    bucket, key = bucket_and_key(environ, ACCOUNT)
    text = str(environ.get("QUERY_STRING", ""))
    query: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True) if text else ():
        query.setdefault(name, value)
    operations, params = s3_operations(request.method, bucket, key, query, environ)
    first, *also = operations or [request.method]
    return S3Request(first, params, query, tuple(also))


def _form_upload(body: bytes) -> dict[str, str]:
    """The fields that stand in a form before its file; the key is what the object will be called."""
    fields: dict[str, str] = {}
    file = ""
    for found in _FIELD.finditer(body):
        name = found["name"].decode("utf-8", "replace")
        if name == "file":
            file = (found["file"] or b"").decode("utf-8", "replace")
            break
        fields[name] = found["value"].decode("utf-8", "replace")
    key = fields.get("key", "*").replace("${filename}", file.rpartition("/")[2])
    lowered = {name.lower(): value for name, value in fields.items()}
    kept = {name: lowered[name.lower()] for name in _KEPT_FIELDS if lowered.get(name.lower())}
    return {"Key": key, **kept}
