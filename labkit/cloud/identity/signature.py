"""Signature Version 4 of requests whose secret key the local cloud knows (docs.aws.amazon.com/IAM, "Signature Version 4 signing").

Keys of users and sessions are checked as AWS checks them. A static key that the account did not issue (`test`) has no secret here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from labkit.cloud.call import AwsError

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<credential>[^,\s]+),\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>\w+)"
)
_FORM = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Signature:
    """What a signed request carries; `scope` is date/region/service/aws4_request, `in_url` true for a presigned URL."""

    access_key: str
    scope: str
    signed_headers: tuple[str, ...]
    value: str
    when: str
    token: str
    in_url: bool
    expires_s: int | None = None


def read_signature(environ: Mapping[str, Any]) -> Signature | None:
    """The signature of a request in its header or its URL; None when there is none of version 4."""
    found = _HEADER.match(environ.get("HTTP_AUTHORIZATION", ""))
    if found:
        key, _, scope = found["credential"].partition("/")
        when, token = environ.get("HTTP_X_AMZ_DATE", ""), environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")
        return Signature(key, scope, tuple(found["headers"].split(";")), found["signature"], when, token, in_url=False)
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    if "X-Amz-Signature" not in query:
        return None
    key, _, scope = query.get("X-Amz-Credential", "").partition("/")
    expires = query.get("X-Amz-Expires", "")
    return Signature(
        access_key=key,
        scope=scope,
        signed_headers=tuple(query.get("X-Amz-SignedHeaders", "").split(";")),
        value=query["X-Amz-Signature"],
        when=query.get("X-Amz-Date", ""),
        token=query.get("X-Amz-Security-Token", ""),
        in_url=True,
        expires_s=int(expires) if expires.isdigit() else None,
    )


def check_expiry(environ: Mapping[str, Any], now: datetime) -> None:
    """AwsError AccessDenied for a presigned URL (of version 4 or 2) whose time is over."""
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    ends: datetime | None = None
    if "X-Amz-Signature" in query and query.get("X-Amz-Expires", "").isdigit():
        try:
            began = datetime.strptime(query.get("X-Amz-Date", ""), _FORM).replace(tzinfo=timezone.utc)
        except ValueError:
            raise AwsError("AuthorizationQueryParametersError", "X-Amz-Date must be in ISO8601 Long Format") from None
        ends = began + timedelta(seconds=int(query["X-Amz-Expires"]))
    elif "Signature" in query and query.get("Expires", "").isdigit():
        ends = datetime.fromtimestamp(int(query["Expires"]), timezone.utc)
    if ends is not None and ends < now:
        raise AwsError("AccessDenied", "Request has expired", 403)


def is_right(signature: Signature, secret: str, environ: Mapping[str, Any], body: bytes | None) -> bool:
    """Whether the request was signed with a secret key; `body` is None where its hash stands in a header (S3)."""
    scope = signature.scope.split("/")
    if len(scope) != 4:
        return False
    canonical = _canonical_request(signature, environ, body, scope[2])
    text = "\n".join(
        ("AWS4-HMAC-SHA256", signature.when, signature.scope, hashlib.sha256(canonical.encode()).hexdigest())
    )
    expected = hmac.new(signing_key(secret, *scope[:3]), text.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature.value)


def _canonical_request(signature: Signature, environ: Mapping[str, Any], body: bytes | None, service: str) -> str:
    path, _, query = str(environ.get("RAW_URI") or environ.get("PATH_INFO", "")).partition("?")
    # Every service but S3 signs the path encoded once more.
    uri = path if service == "s3" else quote(path, safe="/~")
    pairs = [part.partition("=")[::2] for part in query.split("&") if part]
    kept = sorted((name, value) for name, value in pairs if unquote(name) != "X-Amz-Signature")
    headers = "".join(f"{name}:{_header(environ, name)}\n" for name in signature.signed_headers)
    parts = (
        str(environ["REQUEST_METHOD"]),
        uri or "/",
        "&".join(f"{name}={value}" for name, value in kept),
        headers,
        ";".join(signature.signed_headers),
        _payload_hash(signature, environ, body),
    )
    return "\n".join(parts)


def _payload_hash(signature: Signature, environ: Mapping[str, Any], body: bytes | None) -> str:
    told = str(environ.get("HTTP_X_AMZ_CONTENT_SHA256", ""))
    if told:
        return told
    if signature.in_url:
        return "UNSIGNED-PAYLOAD"
    return hashlib.sha256(body or b"").hexdigest()


def _header(environ: Mapping[str, Any], name: str) -> str:
    key = name.upper().replace("-", "_")
    value = environ.get(key) if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else environ.get(f"HTTP_{key}", "")
    return " ".join(str(value or "").split())


@lru_cache(maxsize=256)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that signs for a day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
