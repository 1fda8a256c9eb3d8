"""Buckets: emptied first, because S3 deletes none that holds anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from labkit.aws.error_codes import DENIED, error_code
from labkit.aws.session import Clients
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.teardown.absent import is_missing, read_tags, unless_missing
from labkit.teardown.emptying import Held, empty_bucket
from labkit.teardown.thing import Shelf, Thing

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

KIND = "s3-bucket"
# Something may still write while the bucket is being emptied; what does so for longer must be stopped first.
_ROUNDS = 3


def _list(clients: Clients) -> list[Thing]:
    """The caller's own: HeadBucket says 403 for another account's bucket and for a policy that denies everyone alike."""
    pages = clients.s3.get_paginator("list_buckets").paginate()
    return [
        Thing(KIND, item["Name"], item.get("CreationDate"), f"arn:aws:s3:::{item['Name']}")
        for page in pages
        for item in page.get("Buckets", [])
    ]


def _read_tags(clients: Clients, thing: Thing) -> Mapping[str, str] | None:
    return read_tags(
        lambda: {tag["Key"]: tag["Value"] for tag in clients.s3.get_bucket_tagging(Bucket=thing.name)["TagSet"]}
    )


def _delete(clients: Clients, thing: Thing) -> None:
    from botocore.exceptions import ClientError

    s3, name = clients.s3, thing.name
    for attempt in range(_ROUNDS):
        try:
            held = _empty(s3, name)
            if held:
                raise _build_held(name, held)
            s3.delete_bucket(Bucket=name)
        except ClientError as error:
            if is_missing(error):
                return
            if error_code(error) != "BucketNotEmpty" or attempt == _ROUNDS - 1:
                raise
        else:
            return


def _empty(s3: S3Client, name: str) -> list[Held]:
    """Empty it; a policy of the bucket that stands in the way goes first, as the bucket would have taken it along."""
    from botocore.exceptions import ClientError

    try:
        return empty_bucket(s3, name)
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        denied = error
    try:
        unless_missing(s3.delete_bucket_policy, Bucket=name)
        return empty_bucket(s3, name)
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        # The owner's root user is never shut out from a bucket's policy, whatever it says:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html
        raise build_lesson(LabError, "error.teardown.bucket_denied", bucket=name, reason=str(denied)) from error


def _build_held(bucket: str, held: list[Held]) -> LabError:
    one = next((item for item in held if item.legal_hold), held[0])
    count, key, version = len(held), one.key, one.version
    if one.legal_hold:
        return build_lesson(LabError, "error.teardown.legal_hold", bucket=bucket, count=count, key=key, version=version)
    ends = [item.until for item in held if item.until is not None]
    until = f"{max(ends).astimezone():%Y-%m-%d %H:%M}" if ends else "?"
    modes = {item.mode for item in held}
    if "COMPLIANCE" in modes:
        return build_lesson(
            LabError, "error.teardown.compliance", bucket=bucket, count=count, key=key, version=version, until=until
        )
    if "GOVERNANCE" in modes:
        return build_lesson(
            LabError, "error.teardown.governance", bucket=bucket, count=count, key=key, version=version, until=until
        )
    return build_lesson(
        LabError, "error.teardown.objects", bucket=bucket, count=count, key=key, version=version, code=one.code
    )


def _exists(clients: Clients, name: str) -> bool:
    return any(thing.name == name for thing in _list(clients))


SHELF = Shelf(KIND, _list, _read_tags, _delete, _exists, "aws s3 rb s3://{name} --force {where}", keeps_date=False)
