"""Deleting what the tasks of notebook 3 made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from labkit.aws.s3 import list_objects
from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.step_3 import places

_GONE = ("EntityNotFoundException", "NoSuchBucket")


def clear(context: Context) -> None:
    """Delete the two tables, the crawlers, the classifier and the folders of the tasks; the lab's own stay."""
    glue, database = context.clients.glue, context.names.database
    for crawler in (places.CUSTOMERS_CRAWLER, places.MONTHS_CRAWLER, places.REFUSED_CRAWLER):
        _try(partial(glue.delete_crawler, Name=context.names.own(crawler)))
    _try(partial(glue.delete_classifier, Name=context.names.own(places.CUSTOMERS_CLASSIFIER)))
    for table in (places.CUSTOMERS_TABLE, places.MONTHS_TABLE):
        _try(partial(glue.delete_table, DatabaseName=database, Name=table))
    for prefix in (places.CUSTOMERS_PREFIX, places.MONTHS_PREFIX):
        delete_folder(context, context.names.raw_bucket, prefix)


def delete_folder(context: Context, bucket: str, prefix: str) -> None:
    """Delete the objects under a prefix, as DeleteObjects takes them: a thousand at a time."""
    keys = [{"Key": item.key} for item in list_objects(context.clients.s3, bucket, prefix)]
    for start in range(0, len(keys), 1000):
        context.clients.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[start : start + 1000]})  # type: ignore[typeddict-item]


def _try(call: Callable[[], Any]) -> None:
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        if error_code(error) not in _GONE:
            raise
