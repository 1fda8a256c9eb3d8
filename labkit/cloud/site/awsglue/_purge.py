"""purge_s3_path: old objects deleted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from . import _aws
from ._files import list_objects
from ._refusal import refuse

_DEFAULT_HOURS = 168.0
_BATCH = 1000  # DeleteObjects' limit


def purge_path(path: str, options: Mapping[str, Any]) -> int:
    """Delete the objects below a path that are older than `retentionPeriod` hours; how many were deleted."""
    if options.get("manifestFilePath"):
        raise refuse('purge_s3_path with "manifestFilePath"')
    bucket, key = _aws.split_s3(path)
    folder = key if not key or key.endswith("/") else f"{key}/"
    oldest = time.time() - 3600 * float(options.get("retentionPeriod", _DEFAULT_HOURS))
    skipped = set(options.get("excludeStorageClasses") or ())
    keys = [
        {"Key": found["Key"]}
        for found in list_objects(bucket, key)
        if (found["Key"] == key or found["Key"].startswith(folder))
        and found["LastModified"].timestamp() <= oldest
        and found.get("StorageClass", "STANDARD") not in skipped
    ]
    for start in range(0, len(keys), _BATCH):
        reply = _aws.client("s3").delete_objects(
            Bucket=bucket, Delete={"Objects": keys[start : start + _BATCH], "Quiet": True}
        )
        if reply.get("Errors"):
            first = reply["Errors"][0]
            raise RuntimeError(
                f"purge_s3_path could not delete s3://{bucket}/{first.get('Key')}: {first.get('Message')}"
            )
    return len(keys)
