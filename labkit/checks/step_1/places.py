"""Where the tasks of notebook 01 leave what they make: one bucket of the student's own beside the lab's."""

from __future__ import annotations

from typing import Any

from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.finding import NotAttempted
from labkit.names import Names

# Two prefixes of that bucket belong to tasks 1.2 and 1.3; the layout of task 1.1 is everything else.
PREFIXES = "prefixes/"
VERSIONS = "versions/"
VERSIONED_FILE = "clientes.csv"


def build_sources_bucket(names: Names) -> str:
    """The bucket of the four sources; the notebook builds the same name."""
    return f"{names.raw_bucket}-sources"


def find_sources_bucket(context: Context) -> str:
    """Its name. NotAttempted while it is missing; a ClientError in AWS's words when its policy keeps even the check out."""
    from botocore.exceptions import ClientError

    s3: Any = context.clients.s3
    bucket = build_sources_bucket(context.names)
    try:
        s3.list_objects_v2(Bucket=bucket, MaxKeys=1)
    except ClientError as error:
        if error_code(error) == "NoSuchBucket":
            raise NotAttempted("task_1.bucket_missing", bucket=bucket) from error
        raise
    return bucket
