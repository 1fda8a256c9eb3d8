"""Browser uploads (POST Object): what the policy of the form allows (docs.aws.amazon.com/AmazonS3, "POST policy")."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from labkit.cloud.call import AwsError

# Fields that no condition need speak of.
_FREE_FIELDS = frozenset({"file", "policy", "signature", "x-amz-signature", "awsaccesskeyid"})
_SIGNED = ("x-amz-credential", "x-amz-signature", "awsaccesskeyid", "signature")


def check_form(environ: Mapping[str, Any], body: bytes, bucket: str, key: str, now: datetime) -> None:
    """AwsError for a form whose policy has run out or does not allow its fields or the size of its file.

    `key` is what the object was taken to be called when permissions were looked at: moto must read the same.
    """
    fields, size, filename = _read_form(environ, body)
    if fields.get("key", "*").replace("${filename}", filename) != key:
        raise AwsError("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
    if "policy" not in fields:
        if any(name in fields for name in _SIGNED):
            raise AwsError(
                "InvalidArgument",
                "Bucket POST must contain a field named 'policy'.  If it is specified, please check the order of the fields.",
            )
        return
    policy = _read_policy(fields["policy"])
    if _expiration(policy) <= now:
        raise AwsError("AccessDenied", "Invalid according to Policy: Policy expired.", 403)
    _check_conditions(policy["conditions"], {**fields, "bucket": bucket}, size, given="bucket" in fields)


def _read_form(environ: Mapping[str, Any], body: bytes) -> tuple[dict[str, str], int, str]:
    """The fields by lower-case name, the size of the file and its name, as moto reads them."""
    from werkzeug.formparser import parse_form_data

    form, files = parse_form_data({**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})[1:]
    fields = {name.lower(): form[name] for name in form}
    upload = files.get("file")
    if upload is None:
        return fields, len(fields.get("file", "").encode()), ""
    with upload.stream as stream:
        return fields, len(stream.read()), (upload.filename or "").rpartition("/")[2]


def _read_policy(text: str) -> Mapping[str, Any]:
    try:
        policy = json.loads(base64.b64decode(text))
    except (ValueError, binascii.Error):
        policy = None
    if not isinstance(policy, dict) or not isinstance(policy.get("conditions"), list):
        raise AwsError("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.")
    return policy


def _expiration(policy: Mapping[str, Any]) -> datetime:
    text = str(policy.get("expiration", ""))
    for form in ("%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=timezone.utc)
        except ValueError:
            continue
    raise AwsError("InvalidPolicyDocument", f"Invalid Policy: Invalid 'expiration' value: '{text}'")


def _check_conditions(conditions: list[Any], fields: Mapping[str, str], size: int, *, given: bool) -> None:
    named = set()
    for kind, name, value in _conditions(conditions):
        if kind == "content-length-range":
            _check_size(size, int(name), int(value))
            continue
        named.add(name)
        if not _holds(kind, name, str(value), fields.get(name, "")):
            told = json.dumps([kind, f"${name}", value])
            raise AwsError("AccessDenied", f"Invalid according to Policy: Policy Condition failed: {told}", 403)
    extra = [
        name
        for name in fields
        if name not in named | _FREE_FIELDS and not name.startswith("x-ignore-") and (name != "bucket" or given)
    ]
    if extra:
        raise AwsError("AccessDenied", f"Invalid according to Policy: Extra input fields: {', '.join(extra)}", 403)


def _conditions(conditions: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Each as (kind, name or smallest size, value or largest size)."""
    for one in conditions:
        if isinstance(one, dict) and len(one) == 1:
            ((name, value),) = one.items()
            yield "eq", str(name).lower(), value
        elif isinstance(one, list) and len(one) == 3 and str(one[0]).lower() == "content-length-range":
            if not all(str(bound).isdigit() for bound in one[1:]):
                raise AwsError("InvalidPolicyDocument", f"Invalid Policy: Invalid Condition: {json.dumps(one)}")
            yield "content-length-range", one[1], one[2]
        elif isinstance(one, list) and len(one) == 3 and str(one[0]).lower() in ("eq", "starts-with"):
            yield str(one[0]).lower(), str(one[1]).removeprefix("$").lower(), one[2]
        else:
            raise AwsError("InvalidPolicyDocument", f"Invalid Policy: Invalid Condition: {json.dumps(one)}")


def _holds(kind: str, name: str, value: str, given: str) -> bool:
    if kind == "eq":
        return given == value
    # A list of content types must begin so in each of its members.
    parts = given.split(",") if name == "content-type" else [given]
    return all(part.strip().startswith(value) for part in parts)


def _check_size(size: int, least: int, most: int) -> None:
    if size > most:
        raise AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400)
    if size < least:
        raise AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400)
