"""S3 operations that moto takes for others: it looks at the subresources that it knows and does what the plain request would have done.

DeleteBucketAnalyticsConfiguration would delete the bucket, RenameObject would overwrite the object with nothing, GetObjectRetention would
answer with the object's bytes. They are refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.identity.requests.reading import read_s3
from labkit.cloud.identity.requests.s3_control import is_s3_control
from labkit.cloud.request import AwsRequest

_CONFIGURED = ("Analytics", "IntelligentTiering", "Metrics")
TAKEN_FOR_OTHERS = frozenset(
    {f"{verb}Bucket{kind}Configuration" for verb in ("Get", "Put", "Delete") for kind in _CONFIGURED}
    | {f"ListBucket{kind}Configurations" for kind in _CONFIGURED}
    | {
        "DeleteBucketInventoryConfiguration",
        "GetBucketRequestPayment",
        "PutBucketRequestPayment",
        "GetBucketAbac",
        "PutBucketAbac",
    }
    | {f"{verb}BucketMetadata{kind}Configuration" for verb in ("Create", "Get", "Delete") for kind in ("", "Table")}
    | {f"UpdateBucketMetadata{kind}TableConfiguration" for kind in ("Annotation", "Inventory", "Journal")}
    | {"CreateSession", "GetObjectRetention", "GetObjectTorrent", "RenameObject", "UpdateObjectEncryption"}
    | {"GetObjectAnnotation", "PutObjectAnnotation", "DeleteObjectAnnotation", "ListObjectAnnotations"}
)


def refuse_what_is_taken_for_another(request: AwsRequest, environ: Mapping[str, Any]) -> None:
    """AwsError NotImplemented for an S3 operation that moto would mistake."""
    if request.service != "s3" or not environ.get("QUERY_STRING") or is_s3_control(request.path, environ):
        return
    operation = read_s3(request, environ).operation
    if operation in TAKEN_FOR_OTHERS:
        raise AwsError(
            "NotImplemented", f"labkit's local cloud does not carry out s3:{operation}, so it refuses it.", 501
        )
