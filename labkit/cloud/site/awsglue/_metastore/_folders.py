"""Folders of tables and partitions: made when the catalog hears of them, deleted when it manages them."""

from __future__ import annotations

import os
import urllib.request
from urllib.parse import quote, urlencode

from awsglue import _aws
from awsglue._files import list_objects

_DELETE_BATCH = 1000  # DeleteObjects' limit


def make_folder(location: str | None) -> None:
    """Make the folder of an s3:// location, as a metastore does: Spark wants a table's folder to be there, empty or not."""
    if not location or not _aws.is_s3(location):
        return
    bucket, key = _aws.split_s3(location)
    words = urlencode({"op": "MKDIRS", "user.name": os.environ.get("HADOOP_USER_NAME", "")})
    endpoint = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
    url = f"{endpoint}/webhdfs/v1/{bucket}/{quote(key.strip('/'))}?{words}"
    urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=30).close()


def delete_folder(location: str | None) -> None:
    """Delete the objects below an s3:// location."""
    if not location or not _aws.is_s3(location):
        return
    bucket, key = _aws.split_s3(location)
    folder = key if not key or key.endswith("/") else f"{key}/"
    keys = [{"Key": found["Key"]} for found in list_objects(bucket, folder)]
    for start in range(0, len(keys), _DELETE_BATCH):
        batch = keys[start : start + _DELETE_BATCH]
        _aws.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
