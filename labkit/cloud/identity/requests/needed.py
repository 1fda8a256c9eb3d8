"""What a request needs: its operation, its parameters, and every access that must be allowed before it is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.reading import read_s3
from labkit.cloud.identity.requests.rules import accesses_of
from labkit.cloud.identity.requests.s3 import s3_accesses
from labkit.cloud.identity.requests.s3_control import is_s3_control
from labkit.cloud.identity.requests.tables import rules_of
from labkit.cloud.identity.requests.wire import read_named
from labkit.cloud.request import AwsRequest, read_body

_INVOCATION = re.compile(r"/(?:invocations|invoke-async|response-streaming-invocations)/?$")
_MAX_LAMBDA_BYTES = 70_167_211
TOO_LONG = b"\0too long to be read"
_READS_AN_OBJECT = frozenset({"GetObject", "HeadObject", "CopyObject", "UploadPartCopy", "GetObjectAttributes"})


@dataclass(frozen=True)
class NeededAccess:
    """What one request needs.

    `operation` is botocore's name (empty where nothing could be recognised), `params` its top-level parameters as far as they were read.
    The first access to objects is to the one that is read; `to_learn_of_absence` must be allowed for that object to be reported as
    missing (NoSuchKey) instead of AccessDenied. `per_key` is true where the accesses are those of single keys (S3's DeleteObjects): the
    ones that are denied are reported one by one and the others carried out.
    """

    operation: str
    accesses: tuple[Access, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    per_key: bool = False
    to_learn_of_absence: tuple[Access, ...] = ()


def needed_accesses(request: AwsRequest, environ: Mapping[str, Any], body: bytes, account: str) -> NeededAccess:
    """The accesses that a request needs; `body` may be empty where `needs_body` says that it is not looked at."""
    service = _service(request, environ)
    if service == "s3":
        return _s3(request, environ, body, account)
    named = read_named(service, request, environ, body)
    asked = Asked(service, named.operation, named.params, request.region, account, environ, request.access_key)
    accesses = accesses_of(rules_of(service), asked)
    for other in named.also:
        accesses += accesses_of(rules_of(service), replace(asked, operation=other))
    return NeededAccess(named.operation, accesses, named.params)


def needs_body(request: AwsRequest, environ: Mapping[str, Any]) -> bool:
    """Whether the body must be read before the accesses are known: never the bytes of an object."""
    if request.service == "lambda":
        # What a function is invoked with bears on nothing, and what is too long to be taken is refused unread.
        too_long = int(environ.get("CONTENT_LENGTH") or 0) > _MAX_LAMBDA_BYTES
        return request.method in ("POST", "PUT") and not too_long and not _INVOCATION.search(request.path)
    if request.service != "s3":
        return True
    if request.method not in ("PUT", "POST") or is_s3_control(request.path, environ):
        return False
    return read_s3(request, environ).reads_body


def read_whole(request: AwsRequest, environ: dict[str, Any]) -> bytes:
    """The body that was signed, whether or not it bears on permissions; TOO_LONG for one that is refused unread."""
    if request.service == "lambda" and int(environ.get("CONTENT_LENGTH") or 0) > _MAX_LAMBDA_BYTES:
        return TOO_LONG
    return read_body(environ)


def _service(request: AwsRequest, environ: Mapping[str, Any]) -> str:
    return "s3control" if request.service == "s3" and is_s3_control(request.path, environ) else request.service


def _s3(request: AwsRequest, environ: Mapping[str, Any], body: bytes, account: str) -> NeededAccess:
    read = read_s3(request, environ)
    params = read.with_form(body)
    asked = Asked("s3", read.operation, params, request.region, account, environ, request.access_key)
    accesses = s3_accesses(asked, read.query, body if read.reads_body else b"")
    for other in read.also:
        accesses += s3_accesses(replace(asked, operation=other), read.query, body)
    absent: tuple[Access, ...] = ()
    if read.operation in _READS_AN_OBJECT and accesses:
        # What is read is asked for first.
        absent = (Access("s3:ListBucket", accesses[0].resource.partition("/")[0]),)
    return NeededAccess(read.operation, accesses, params, read.operation == "DeleteObjects" and not read.also, absent)
