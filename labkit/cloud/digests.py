"""What S3 refuses and moto lets through: bytes that are not the ones told, copies that change nothing, keys that are too long."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

_MAX_KEY_BYTES = 1024
_DIGESTS: Mapping[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda body: binascii.crc32(body).to_bytes(4, "big"),
    "SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "SHA256": lambda body: hashlib.sha256(body).digest(),
}


def install() -> None:
    """Wrap moto's PutObject, UploadPart, its copy, and all that is done with one key."""
    from moto.s3.models import S3Backend
    from moto.s3.responses import S3Response

    ways = {"put_object": _checked, "upload_part": _checked, "_key_response": _measured}
    for name, wrap in ways.items():
        setattr(S3Response, name, wrap(_plain(getattr(S3Response, name))))
    S3Backend.copy_object = _changing(_plain(S3Backend.copy_object))


def find_fault(headers: Mapping[str, str], body: bytes) -> tuple[str, str] | None:
    """S3's error code and words when the body is not what Content-MD5 or x-amz-checksum-… say; None when it is.

    A body sent in signed chunks has its checksum behind it, which is not looked at here.
    """
    told = headers.get("Content-MD5")
    if told is not None:
        if _size_of(told) != 16:
            return "InvalidDigest", "The Content-MD5 you specified was invalid."
        if base64.b64decode(told) != hashlib.md5(body, usedforsecurity=False).digest():
            return "BadDigest", "The Content-MD5 you specified did not match what we received."
    for name, digest in _DIGESTS.items():
        header = f"x-amz-checksum-{name.lower()}"
        told = headers.get(header)
        if told is None:
            continue
        found = digest(body)
        if _size_of(told) != len(found):
            return "InvalidRequest", f"Value for {header} header is invalid."
        if base64.b64decode(told) != found:
            return "BadDigest", f"The {name} you specified did not match the calculated checksum."
    return None


def _size_of(text: str) -> int | None:
    """Bytes that Base64 text stands for; None when it is not Base64."""
    try:
        return len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None


def _plain(method: Any) -> Any:
    """moto's own method, also when this process has wrapped it before (tests build clouds again and again)."""
    return getattr(method, "__wrapped__", method)


def _measured(method: Any) -> Any:
    def answer(response: Any, request: Any, full_url: str) -> Any:
        from moto.s3.exceptions import S3ClientError

        if len(response.parse_key_name().encode("utf-8", "surrogateescape")) > _MAX_KEY_BYTES:
            raise S3ClientError("KeyTooLongError", "Your key is too long")
        return method(response, request, full_url)

    answer.__wrapped__ = method  # type: ignore[attr-defined]
    return answer


def _checked(method: Any) -> Any:
    def take(response: Any) -> Any:
        from moto.s3.exceptions import S3ClientError

        fault = find_fault(response.headers, response.body or b"")
        if fault is not None:
            raise S3ClientError(*fault)
        return method(response)

    take.__wrapped__ = method  # type: ignore[attr-defined]
    return take


def _changing(copy: Any) -> Any:
    def copy_object(backend: Any, source: Any, bucket_name: str, key_name: str, **settings: Any) -> None:
        from moto.s3.exceptions import CopyObjectMustChangeSomething

        bucket = backend.get_bucket(bucket_name)
        onto_itself = (source.bucket_name, source.name) == (bucket_name, key_name)
        if onto_itself and not _changes(source, bucket, settings):
            raise CopyObjectMustChangeSomething
        copy(backend, source, bucket_name, key_name, **settings)

    copy_object.__wrapped__ = copy  # type: ignore[attr-defined]
    return copy_object


def _changes(source: Any, bucket: Any, settings: Mapping[str, Any]) -> bool:
    """Whether a copy onto itself changes something. moto takes the encryption that every bucket has for a setting; S3 does not."""
    rule = ((bucket.encryption or {}).get("Rule") or {}).get("ApplyServerSideEncryptionByDefault") or {}
    named = ("storage", "encryption", "website_redirect_location")
    return (
        any(settings.get(name) for name in named)
        or settings.get("mdirective") == "REPLACE"
        or rule.get("SSEAlgorithm", "AES256") != "AES256"
        or (source.encryption or "AES256") != "AES256"
        or bool(bucket.is_versioned and settings.get("provided_version_id"))
    )
