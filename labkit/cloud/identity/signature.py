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
_SKEW = timedelta(minutes=15)
_WEEK_S = 604800
_LATEST = 32503680000  # the year 3000: a later end is none
_QUERY_ERROR, _WRONG = "AuthorizationQueryParametersError", "SignatureDoesNotMatch"
_HASH = re.compile(r"[0-9a-f]{64}")


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
        expires_s=min(int(expires), _WEEK_S) if expires.isascii() and expires.isdigit() else None,
    )


def check_expiry(environ: Mapping[str, Any], now: datetime) -> None:
    """AwsError for a presigned URL of S3 (version 4 or 2) whose time is over, has not come, or is longer than a week."""
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    ends: datetime | None = None
    if "X-Amz-Signature" in query:
        began = _moment(query.get("X-Amz-Date", ""))
        if began is None:
            raise AwsError(_QUERY_ERROR, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        if began - _SKEW > now:
            raise AwsError("AccessDenied", "Request is not yet valid", 403)
        ends = began + timedelta(seconds=_lifetime(query.get("X-Amz-Expires", "")))
    elif "Signature" in query and query.get("Expires", "").isdigit():
        ends = datetime.fromtimestamp(min(int(query["Expires"]), _LATEST), timezone.utc)
    if ends is not None and ends < now:
        raise AwsError("AccessDenied", "Request has expired", 403)


def check_clock(signature: Signature, service: str, now: datetime) -> None:
    """AwsError for a request whose time of signing is more than fifteen minutes off."""
    when = _moment(signature.when)
    is_long = signature.in_url and when is not None and when <= now  # for S3's URLs, see `check_expiry`
    lasts = max(_SKEW, timedelta(seconds=signature.expires_s or 0)) if is_long else _SKEW
    if when is None or (signature.in_url and service == "s3") or abs(now - when) <= lasts:
        return
    if service == "s3":
        raise AwsError(
            "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403
        )
    at, off = now.strftime(_FORM), "15 min."
    if when < now:
        limit = (now - _SKEW).strftime(_FORM)
        raise AwsError(_WRONG, f"Signature expired: {signature.when} is now earlier than {limit} ({at} - {off})", 403)
    limit = (now + _SKEW).strftime(_FORM)
    raise AwsError(
        _WRONG, f"Signature not yet current: {signature.when} is still later than {limit} ({at} + {off})", 403
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _FORM).replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def _lifetime(text: str) -> int:
    """The seconds that a presigned URL is good for."""
    if not text:
        needed = (
            "X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires"
        )
        raise AwsError(_QUERY_ERROR, f"Query-string authentication version 4 requires the {needed} parameters.")
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        raise AwsError(_QUERY_ERROR, "X-Amz-Expires should be a number")
    if int(text) < 0:
        raise AwsError(_QUERY_ERROR, "X-Amz-Expires must be non-negative")
    if int(text) > _WEEK_S:
        raise AwsError(
            _QUERY_ERROR,
            "X-Amz-Expires must be less than a week (in seconds) that is; the given X-Amz-Expires must be less than 604800 seconds",
        )
    return int(text)


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
        if body is not None and _HASH.fullmatch(told):
            return hashlib.sha256(body).hexdigest()  # the hash that was signed must be that of what came
        return told
    if signature.in_url and body is None:
        return "UNSIGNED-PAYLOAD"  # S3's URLs are; those of other services carry the hash of their empty body
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
