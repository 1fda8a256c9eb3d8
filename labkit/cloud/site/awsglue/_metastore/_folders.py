"""Folders of tables and partitions: made when the catalog hears of them, deleted when it manages them."""

from __future__ import annotations

import os
import urllib.request
from urllib.parse import quote, urlencode

from awsglue import _aws
from awsglue._purge import purge_path


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
    """Delete the objects below an s3:// location; a MetaException names the first that could not be deleted."""
    from pymetastore.hive_metastore import ttypes as hive

    if not location or not _aws.is_s3(location):
        return
    try:
        purge_path(location, {"retentionPeriod": 0})
    except RuntimeError as error:
        raise hive.MetaException(str(error)) from error
