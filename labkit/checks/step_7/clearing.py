"""Deleting what the tasks of notebook 7 made."""

from __future__ import annotations

from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.step_7.places import WORKGROUP, WORKGROUP_PREFIX


def clear(context: Context) -> None:
    """Delete the workgroup and the results that it wrote."""
    from botocore.exceptions import ClientError

    from labkit.aws.s3 import list_objects

    try:
        context.clients.athena.delete_work_group(WorkGroup=WORKGROUP, RecursiveDeleteOption=True)
    except ClientError as error:
        if error_code(error) != "InvalidRequestException":
            raise
    bucket = context.names.results_bucket
    keys = [{"Key": item.key} for item in list_objects(context.clients.s3, bucket, WORKGROUP_PREFIX)]
    for start in range(0, len(keys), 1000):
        context.clients.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[start : start + 1000]})  # type: ignore[typeddict-item]
