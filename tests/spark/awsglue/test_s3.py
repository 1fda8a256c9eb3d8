"""Objects listed, read and purged through S3's API (moto in this process: no server, no network)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def s3(runtime_on_path: None) -> Iterator[Any]:
    from moto import mock_aws

    aws = importlib.import_module("awsglue._aws")
    with mock_aws():
        aws._session.cache_clear()
        aws.client.cache_clear()
        client = aws.client("s3")
        client.create_bucket(Bucket="lago")
        yield client
    aws._session.cache_clear()
    aws.client.cache_clear()


def put(s3: Any, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket="lago", Key=key, Body=key.encode())


def test_a_folder_is_not_a_prefix(s3: Any) -> None:
    files = importlib.import_module("awsglue._files")
    put(
        s3,
        "sales/a.csv",
        "sales/deep/b ñ.csv",
        "sales/",
        "sales/_temporary/x.csv",
        "sales/.hidden",
        "sales_2/c.csv",
        "sales/k=_1/d.csv",
    )
    assert [file.path for file in files.list_files("s3://lago/sales", recurse=False)] == ["s3://lago/sales/a.csv"]
    assert [file.path for file in files.list_files("s3a://lago/sales/", recurse=True)] == [
        "s3a://lago/sales/a.csv", "s3a://lago/sales/deep/b ñ.csv", "s3a://lago/sales/k=_1/d.csv",
    ]  # fmt: skip
    assert [file.size_bytes for file in files.list_files("s3://lago/sales/a.csv", recurse=False)] == [11]
    assert files.read_start(files.list_files("s3://lago/sales/a.csv", recurse=False)[0], 5) == b"sales"


def test_files_of_a_storage_class_can_be_left_out(s3: Any) -> None:
    files = importlib.import_module("awsglue._files")
    put(s3, "t/a")
    s3.put_object(Bucket="lago", Key="t/cold", Body=b"x", StorageClass="GLACIER")
    selection = importlib.import_module("awsglue._selection")
    listed = files.list_files("s3://lago/t/", recurse=False)
    for classes in (["GLACIER"], '["GLACIER", "DEEP_ARCHIVE"]'):
        kept = selection.without_excluded(listed, {"excludeStorageClasses": classes})
        assert [file.path for file in kept] == ["s3://lago/t/a"]


def test_purge_keeps_what_is_younger_than_a_week_unless_told(glue_context: Any, s3: Any) -> None:
    put(s3, "old/a", "old/deep/b", "older/c")
    glue_context.purge_s3_path("s3://lago/old/")
    assert s3.list_objects_v2(Bucket="lago")["KeyCount"] == 3
    glue_context.purge_s3_path("s3://lago/old", {"retentionPeriod": 0})
    assert [found["Key"] for found in s3.list_objects_v2(Bucket="lago")["Contents"]] == ["older/c"]


def test_a_path_that_is_not_s3_is_refused(glue_context: Any) -> None:
    with pytest.raises(ValueError, match="must look like s3://bucket/folder/"):
        glue_context.purge_s3_path("/tmp/x")
