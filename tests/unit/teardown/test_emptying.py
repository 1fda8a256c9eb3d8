"""Emptying a bucket: by the thousand, and by name what S3 keeps."""

from __future__ import annotations

from datetime import datetime, timezone
from threading import Lock
from typing import Any

import pytest

from labkit import i18n
from labkit.errors import LabError
from labkit.teardown.emptying import empty_bucket
from labkit.teardown.shelves.buckets import SHELF
from labkit.teardown.thing import Thing
from tests.unit.teardown.fakes import Pages, refusal

UNTIL = datetime(2027, 1, 2, 12, 0, tzinfo=timezone.utc)


class Bucket:
    """S3 with one versioned bucket: versions by (key, version); `held` are refused, with what HeadObject says of them."""

    def __init__(
        self, versions: int, held: dict[str, dict[str, Any]] | None = None, code: str = "AccessDenied"
    ) -> None:
        self.held, self.code = held or {}, code
        self.versions = [{"Key": f"k{number}", "VersionId": f"v{number}"} for number in range(versions)]
        self.versions += [{"Key": key, "VersionId": "held"} for key in self.held]
        self.markers = [{"Key": "gone", "VersionId": "marker"}]
        self.batches: list[int] = []
        self.aborted: list[str] = []
        self.exists = True
        self.lock = Lock()

    def get_paginator(self, name: str) -> Pages:
        if name == "list_multipart_uploads":
            return Pages({"Uploads": [{"Key": "half", "UploadId": "u1"}]}, {})
        starts = range(0, max(len(self.versions), 1), 1000)
        pages: list[dict[str, Any]] = [{"Versions": self.versions[start : start + 1000]} for start in starts]
        return Pages(*pages, {"DeleteMarkers": self.markers}, {})

    def abort_multipart_upload(self, **params: Any) -> None:
        self.aborted.append(params["UploadId"])

    def delete_objects(self, **params: Any) -> dict[str, Any]:
        wanted = params["Delete"]["Objects"]
        self.batches.append(len(wanted))
        errors = [{**item, "Code": self.code, "Message": "no"} for item in wanted if item["Key"] in self.held]
        gone = {item["Key"] for item in wanted} - set(self.held)
        with self.lock:  # several batches arrive at once
            self.versions = [item for item in self.versions if item["Key"] not in gone]
            self.markers = [item for item in self.markers if item["Key"] not in gone]
        return {"Errors": errors}

    def head_object(self, **params: Any) -> dict[str, Any]:
        assert params["VersionId"] == "held"
        return self.held[params["Key"]]

    def delete_bucket(self, **_params: Any) -> None:
        if self.versions or self.markers:
            raise refusal("BucketNotEmpty", "DeleteBucket")
        self.exists = False


class Clients:
    def __init__(self, s3: Any) -> None:
        self.s3 = s3


@pytest.fixture(autouse=True)
def english() -> Any:
    i18n.use_language("en")
    yield
    i18n.use_language("es")


def test_by_the_thousand_with_markers_and_unfinished_uploads() -> None:
    s3: Any = Bucket(2_500)
    assert empty_bucket(s3, "b") == []
    assert (sorted(s3.batches), s3.versions, s3.markers, s3.aborted) == ([1, 500, 1000, 1000], [], [], ["u1"])


@pytest.mark.parametrize(
    ("facts", "code", "key", "words"),
    [
        ({"ObjectLockLegalHoldStatus": "ON"}, "AccessDenied", "error.teardown.legal_hold", "Status=OFF"),
        (
            {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": UNTIL},
            "AccessDenied",
            "error.teardown.governance",
            "--bypass-governance-retention",
        ),
        (
            {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": UNTIL},
            "AccessDenied",
            "error.teardown.compliance",
            f"after {UNTIL.astimezone():%Y-%m-%d %H:%M}",
        ),
        ({}, "AccessDenied", "error.teardown.objects", "get-bucket-policy"),
        ({}, "InternalError", "error.teardown.objects", "InternalError"),
    ],
)
def test_what_s3_keeps_is_named_and_the_rest_is_gone(facts: dict[str, Any], code: str, key: str, words: str) -> None:
    s3 = Bucket(3, {"kept": facts}, code)
    clients: Any = Clients(s3)
    with pytest.raises(LabError) as raised:
        SHELF.delete(clients, Thing("s3-bucket", "b"))
    assert raised.value.key == key
    assert words in str(raised.value)
    assert "kept" in str(raised.value)
    assert [item["Key"] for item in s3.versions] == ["kept"]
    assert s3.exists


def test_a_bucket_that_somebody_writes_to_meanwhile_is_emptied_again() -> None:
    s3 = Bucket(1)
    real = s3.delete_bucket

    def late(**params: Any) -> None:
        if len(s3.batches) < 3:
            s3.versions.append({"Key": "late", "VersionId": "1"})
        real(**params)

    s3.delete_bucket = late  # type: ignore[method-assign]
    clients: Any = Clients(s3)
    SHELF.delete(clients, Thing("s3-bucket", "b"))
    assert not s3.exists
