"""The code of a function or a layer, as a request brings it: a zip in the request, or one in S3."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api.request import not_here, refuse
from labkit.cloud.functions.kept import Archive

_MAX_UNZIPPED_BYTES = 262_144_000
_MAX_ZIP_BYTES = 52_428_800
_ENCRYPTED = 0x1  # of a member's flags: nobody gave Lambda a password
_BAD_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."


def read_code(code: Mapping[str, Any], scope: Scope) -> Archive:
    """The zip that a Code, a Content or an UpdateFunctionCode names; AwsError InvalidParameterValueException."""
    if code.get("ImageUri"):
        raise not_here("functions from container images (ImageUri)")
    if code.get("SourceKMSKeyArn") or code.get("S3ObjectStorageMode") == "REFERENCE":
        raise not_here("SourceKMSKeyArn and S3ObjectStorageMode REFERENCE")
    if code.get("ZipFile") is not None:
        if code.get("S3Bucket") or code.get("S3Key"):
            raise refuse("Please do not provide other FunctionCode parameters when providing a ZipFile.")
        body = _from_request(code["ZipFile"])
    elif code.get("S3Bucket") and code.get("S3Key"):
        body = _from_s3(code, scope)
    else:
        raise refuse("Please provide a source for function code.")
    _check_zip(body)
    return Archive(base64.b64encode(hashlib.sha256(body).digest()).decode("ascii"), body)


def check_together(archives: Sequence[Archive]) -> None:
    """AwsError when a function's code and its layers are too large together."""
    size = sum(_unzipped_size(archive.body) for archive in archives if archive.body)
    if len(archives) > 1 and size > _MAX_UNZIPPED_BYTES:
        told = f"exceeds the maximum allowed size of {_MAX_UNZIPPED_BYTES} bytes. The actual size is {size} bytes."
        raise refuse(f"Function code combined with layers {told}")


def _unzipped_size(body: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return sum(member.file_size for member in archive.infolist())


def _from_request(text: str) -> bytes:
    try:
        body = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise refuse(_BAD_ZIP) from None
    if len(body) > _MAX_ZIP_BYTES:
        cause = "Request must be smaller than 70167211 bytes for the CreateFunction operation"
        raise AwsError("RequestTooLargeException", cause, 413, {"Type": "User"})
    return body


def _from_s3(code: Mapping[str, Any], scope: Scope) -> bytes:
    from moto.s3.models import s3_backends

    backend = s3_backends[scope.account]["aws"]
    bucket = backend.buckets.get(code["S3Bucket"])
    if bucket is None:
        raise _s3_refusal("NoSuchBucket", "The specified bucket does not exist")
    if bucket.region_name != scope.region:
        where = f"The bucket is in this region: {bucket.region_name}. Please use this region to retry the request"
        raise _s3_refusal("PermanentRedirect", where)
    version = code.get("S3ObjectVersion")
    key = backend.get_object(code["S3Bucket"], code["S3Key"], version_id=version)
    if key is None or not hasattr(key, "value"):
        if version:
            raise _s3_refusal("NoSuchVersion", "The specified version does not exist.")
        raise _s3_refusal("NoSuchKey", "The specified key does not exist.")
    body: bytes = key.value
    return body


def _s3_refusal(code: str, message: str) -> AwsError:
    return refuse(f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")


def _check_zip(body: bytes) -> None:
    if not body:
        raise refuse("Uploaded file must be a non-empty zip")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise refuse(_BAD_ZIP) from None
    if not members:
        raise refuse("Uploaded file must be a non-empty zip")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise refuse(_BAD_ZIP)
    if sum(member.file_size for member in members) >= _MAX_UNZIPPED_BYTES:
        raise refuse(f"Unzipped size must be smaller than {_MAX_UNZIPPED_BYTES} bytes")
