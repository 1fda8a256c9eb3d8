"""Deleting what the tasks of notebook 04 made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.aws.s3 import list_objects
from labkit.checks.context import Context
from labkit.checks.step_4 import places

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_AT_ONCE = 1000  # DeleteObjects takes no more


def clear(context: Context) -> None:
    """Delete the job (its bookmark goes with it), its script, and the folders in both buckets; the lab's own stay."""
    names = context.names
    context.clients.glue.delete_job(JobName=places.build_job_name(names))  # no error when there is none
    for bucket, prefix in (
        (names.processed_bucket, places.FOLDER),
        (names.raw_bucket, places.FOLDER),
        (names.assets_bucket, places.build_script_key(names)),
    ):
        _delete_folder(context, bucket, prefix)


def _delete_folder(context: Context, bucket: str, prefix: str) -> None:
    keys: list[ObjectIdentifierTypeDef] = [
        {"Key": item.key} for item in list_objects(context.clients.s3, bucket, prefix)
    ]
    for start in range(0, len(keys), _AT_ONCE):
        context.clients.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[start : start + _AT_ONCE]})
