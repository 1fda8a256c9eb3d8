"""Sending a file once: only when S3 has none, or one with other content."""

from __future__ import annotations

from labkit.aws.call import AwsCall
from labkit.aws.s3 import find_metadata
from labkit.aws.session import Clients
from labkit.steps.lab import DIGEST_KEY, Upload, compute_digest


def plan_upload(clients: Clients, upload: Upload) -> list[AwsCall]:
    """Return the upload as a call, or nothing when the object already holds this content."""
    digest = compute_digest(upload.path)
    found = find_metadata(clients.s3, upload.bucket, upload.key)
    if found is not None and found.get(DIGEST_KEY) == digest:
        return []
    return [build_upload_call(upload, digest, verb="create" if found is None else "update")]


def build_upload_call(upload: Upload, digest: str, verb: str) -> AwsCall:
    """The upload as a call, with the digest in the metadata; `verb` is "create" or "update"."""
    params = {
        "Filename": str(upload.path),
        "Bucket": upload.bucket,
        "Key": upload.key,
        "ExtraArgs": {"Metadata": {DIGEST_KEY: digest}},
    }
    reason = "plan.reason.upload" if verb == "create" else "plan.reason.upload_changed"
    return AwsCall("s3", "upload_file", params, verb, "s3-object", upload.uri, price="s3_put", reason=reason)
