"""Names that S3 gives no bucket (docs.aws.amazon.com/AmazonS3, "General purpose bucket naming rules")."""

from __future__ import annotations

import re

from labkit.cloud.call import AwsError

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_PREFIXES = ("xn--", "sthree-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def require_bucket_name(name: str) -> None:
    """AwsError InvalidBucketName for a name that a new bucket cannot have; moto looks at its length only."""
    wrong = (
        not _NAME.fullmatch(name)
        or ".." in name
        or _ADDRESS.fullmatch(name)
        or name.startswith(_PREFIXES)
        or name.endswith(_SUFFIXES)
    )
    if wrong:
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.", 400)
