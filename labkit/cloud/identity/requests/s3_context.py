"""S3's condition keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl

from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.s3_address import copy_source

# Headers that are condition keys under their own name.
_HEADERS = (
    "x-amz-acl", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write",
    "x-amz-grant-write-acp", "x-amz-metadata-directive", "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-customer-algorithm", "x-amz-storage-class",
    "x-amz-website-redirect-location", "x-amz-object-ownership", "x-amz-content-sha256", "x-amz-bucket-namespace",
    "if-none-match", "if-match",
)  # fmt: skip
_WIRE = tuple((f"HTTP_{name.upper().replace('-', '_')}", f"s3:{name}") for name in _HEADERS)
_CONDITIONAL_WRITES = frozenset({"PutObject", "CompleteMultipartUpload", "CopyObject", "DeleteObject", "PostObject"})
_LISTS = frozenset({"ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads"})


def s3_context(asked: Asked, query: Mapping[str, str]) -> Context:
    """The keys that a request of S3 carries."""
    context: Context = {"s3:resourceaccount": (asked.account,)}
    environ = asked.environ
    for wire, key in _WIRE:
        if environ.get(wire):
            context[key] = (str(environ[wire]),)
    if asked.operation not in _CONDITIONAL_WRITES:
        context.pop("s3:if-none-match", None)
        context.pop("s3:if-match", None)
    context.update(_signature(environ, query))
    if query.get("versionId"):
        context["s3:versionid"] = (query["versionId"],)
    if asked.operation in _LISTS:
        context.update(_listing(query))
    if environ.get("HTTP_X_AMZ_COPY_SOURCE"):
        bucket, key, _ = copy_source(asked.header("x-amz-copy-source"))
        context["s3:x-amz-copy-source"] = (f"{bucket}/{key}",)  # as policies write it
    context.update(_lock(environ))
    return context


def object_tags(header: str) -> dict[str, str]:
    """The tags of an `x-amz-tagging` header."""
    return dict(parse_qsl(header, keep_blank_values=True))


def _listing(query: Mapping[str, str]) -> Context:
    names = {"prefix": "s3:prefix", "delimiter": "s3:delimiter", "max-keys": "s3:max-keys"}
    # A listing that names no prefix has no such key: a policy that wants one is not met (docs: "the request must include it").
    return {key: (query[name],) for name, key in names.items() if name in query}


def _signature(environ: Mapping[str, Any], query: Mapping[str, str]) -> Context:
    header = str(environ.get("HTTP_AUTHORIZATION", ""))
    if header:
        version = header.split(" ", 1)[0] if header.startswith("AWS4-") else "AWS"
        return {"s3:authtype": ("REST-HEADER",), "s3:signatureversion": (version,)}
    if "X-Amz-Algorithm" in query:
        context: Context = {"s3:authtype": ("REST-QUERY-STRING",), "s3:signatureversion": (query["X-Amz-Algorithm"],)}
        age = _age_ms(query.get("X-Amz-Date", ""))
        return context if age is None else {**context, "s3:signatureage": (str(age),)}
    if "Signature" in query:
        return {"s3:authtype": ("REST-QUERY-STRING",), "s3:signatureversion": ("AWS",)}
    return {}


def _age_ms(text: str) -> int | None:
    try:
        signed = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return max(0, int((datetime.now(timezone.utc) - signed).total_seconds() * 1000))


def _lock(environ: Mapping[str, Any]) -> Context:
    names = {
        "HTTP_X_AMZ_OBJECT_LOCK_MODE": "s3:object-lock-mode",
        "HTTP_X_AMZ_OBJECT_LOCK_RETAIN_UNTIL_DATE": "s3:object-lock-retain-until-date",
        "HTTP_X_AMZ_OBJECT_LOCK_LEGAL_HOLD": "s3:object-lock-legal-hold",
    }
    found: Context = {key: (str(environ[wire]),) for wire, key in names.items() if environ.get(wire)}
    until = found.get("s3:object-lock-retain-until-date")
    days = remaining_days(until[0]) if until else None
    return found if days is None else {**found, "s3:object-lock-remaining-retention-days": (str(days),)}


def remaining_days(until: str) -> int | None:
    """Whole days until a moment; None when the text is no moment."""
    try:
        moment = datetime.fromisoformat(until.replace("Z", "+00:00"))
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return max(0, -((datetime.now(timezone.utc) - aware).days + 1) + 1)
