"""Signature Version 2 of S3, which botocore still uses for presigned URLs unless it is told otherwise, and signed upload forms."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from labkit.cloud.identity.signature import signing_key

_IN_URL = ("content-md5", "content-type")


@dataclass(frozen=True)
class IssuedKey:
    """A key that the account issued: its id, its secret, and the session token (empty for a user's own key)."""

    id: str
    secret: str
    token: str


def is_right_v2(key: IssuedKey, environ: Mapping[str, Any], bucket: str) -> bool:
    """Whether an S3 request was signed so with a key; False too when it carries no signature of version 2."""
    from botocore.auth import HmacV1Auth
    from botocore.compat import HTTPHeaders
    from botocore.credentials import Credentials

    uri = str(environ.get("RAW_URI") or environ.get("PATH_INFO", ""))
    query = {name: values[0] for name, values in parse_qs(urlsplit(uri).query, keep_blank_values=True).items()}
    given, expires = query.get("Signature", ""), query.get("Expires", "")
    headers = HTTPHeaders()
    if given:
        # What was a header when the URL was signed is a parameter of it now.
        kept = {name.lower(): value for name, value in query.items() if name.lower().startswith(("x-amz-", *_IN_URL))}
    else:
        scheme, _, rest = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        given = rest.rpartition(":")[2]
        if scheme != "AWS" or not given:
            return False
        kept = _headers(environ)
        expires = "" if "x-amz-date" in kept else str(environ.get("HTTP_DATE", ""))
    for name, value in kept.items():
        headers[name] = value
    signer = HmacV1Auth(Credentials(key.id, key.secret))
    custom = signer.canonical_custom_headers(headers)  # type: ignore[arg-type]
    path = urlsplit(uri).path
    full = path if path == f"/{bucket}" or path.startswith(f"/{bucket}/") else f"/{bucket}{path}"
    first = [str(environ["REQUEST_METHOD"]), kept.get("content-md5", ""), kept.get("content-type", ""), expires]
    text = "\n".join([*first, *([custom] if custom else []), signer.canonical_resource(urlsplit(uri), auth_path=full)])
    return kept.get("x-amz-security-token", "") == key.token and hmac.compare_digest(signer.sign_string(text), given)


def is_right_form(key: IssuedKey, fields: Mapping[str, Any]) -> bool:
    """Whether the policy of an upload form was signed with a key, in either version."""
    policy, given = str(fields.get("policy") or ""), str(fields.get("x-amz-signature") or fields.get("signature") or "")
    if str(fields.get("x-amz-security-token") or "") != key.token:
        return False
    scope = str(fields.get("x-amz-credential") or "").split("/")[1:]
    if len(scope) == 4:
        expected = hmac.new(signing_key(key.secret, *scope[:3]), policy.encode(), hashlib.sha256).hexdigest()
    else:
        expected = base64.b64encode(hmac.new(key.secret.encode(), policy.encode(), hashlib.sha1).digest()).decode()
    return bool(policy) and hmac.compare_digest(expected, given)


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    found = {
        "content-type": str(environ.get("CONTENT_TYPE", "")),
        "content-md5": str(environ.get("HTTP_CONTENT_MD5", "")),
    }
    for name, value in environ.items():
        if name.startswith("HTTP_X_AMZ_"):
            found[name[5:].lower().replace("_", "-")] = str(value)
    return found
