"""S3 Control: the account's block of public access, access points, jobs. Its requests are signed as S3's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.identity.requests.rules import Rules

_POINTS = (
    "CreateAccessPoint GetAccessPoint DeleteAccessPoint PutAccessPointPolicy GetAccessPointPolicy DeleteAccessPointPolicy"
    " GetAccessPointPolicyStatus"
)
_JOBS = "DescribeJob UpdateJobPriority UpdateJobStatus GetJobTagging PutJobTagging DeleteJobTagging"
_LENSES = (
    "GetStorageLensConfiguration PutStorageLensConfiguration DeleteStorageLensConfiguration GetStorageLensConfigurationTagging"
    " PutStorageLensConfigurationTagging DeleteStorageLensConfigurationTagging"
)
S3_CONTROL = Rules(
    prefix="s3",
    arn="arn:aws:s3:{region}:{account}:",
    resources={
        "accesspoint/{Name}": _POINTS,
        "job/{JobId}": _JOBS,
        "storage-lens/{ConfigId}": _LENSES,
        "storage-lens-group/{Name}": "CreateStorageLensGroup GetStorageLensGroup UpdateStorageLensGroup DeleteStorageLensGroup",
        "@{ResourceArn}": "TagResource UntagResource ListTagsForResource",
    },
    actions={
        "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
        "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
        "DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
    },
    passes={"CreateJob": "RoleArn"},
    passed_to="batchoperations.s3.amazonaws.com",
)


def is_s3_control(path: str, environ: Mapping[str, Any]) -> bool:
    """Whether moto takes a request that is signed for S3 as S3 Control's."""
    return path.startswith("/v20180820/") or "s3-control" in str(environ.get("HTTP_HOST", ""))
