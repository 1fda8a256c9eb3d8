from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from urllib.parse import unquote_plus

import pytest

from labkit.cloud.events.record import ObjectChange, Sequencer, build_event, encode_key

CHANGE = ObjectChange(
    event_name="s3:ObjectCreated:Put",
    bucket="bsg-data-raw",
    owner="123456789012",
    region="us-east-1",
    key="raw_sales/año=2024/red flower+1.csv",
    size_bytes=1024,
    etag="d41d8cd98f00b204e9800998ecf8427e",
    version_id=None,
    sequencer="0018A",
    when=datetime(2026, 11, 23, 10, 20, 30, 456789, tzinfo=timezone.utc),
    principal="AWS:AIDAEXAMPLE",
    source_ip="127.0.0.1",
    request_id="C3D13FE58DE4C810",
)


def test_the_record_has_awss_shape() -> None:
    (record,) = build_event(CHANGE, "trigger")["Records"]
    identity = record["responseElements"].pop("x-amz-id-2")
    assert len(identity) > 40
    assert record == {
        "eventVersion": "2.6",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-23T10:20:30.456Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "trigger",
            "bucket": {
                "name": "bsg-data-raw",
                "ownerIdentity": {"principalId": "123456789012"},
                "arn": "arn:aws:s3:::bsg-data-raw",
            },
            "object": {
                "key": "raw_sales/a%C3%B1o%3D2024/red+flower%2B1.csv",
                "size": 1024,
                "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                "sequencer": "0018A",
            },
        },
    }


@pytest.mark.parametrize("key", ["dir/a b.csv", "a@b", "100%.csv", "a+b", "año=2024/ñ.csv", "日本/x", "a&b=c;d"])
def test_keys_are_form_encoded_with_slashes_kept(key: str) -> None:
    encoded = encode_key(key)
    assert unquote_plus(encoded) == key
    assert encoded.count("/") == key.count("/")
    assert " " not in encoded


def test_a_delete_has_no_size_and_a_version_only_when_versioned() -> None:
    gone = dataclasses.replace(CHANGE, event_name="s3:ObjectRemoved:Delete")
    assert set(build_event(gone, "i")["Records"][0]["s3"]["object"]) == {"key", "sequencer"}
    marker = dataclasses.replace(CHANGE, event_name="s3:ObjectRemoved:DeleteMarkerCreated", version_id="v1")
    assert set(build_event(marker, "i")["Records"][0]["s3"]["object"]) == {"key", "eTag", "versionId", "sequencer"}


def test_a_restored_archive_tells_until_when_it_can_be_read() -> None:
    until = datetime(2026, 11, 30, tzinfo=timezone.utc)
    change = dataclasses.replace(
        CHANGE, event_name="s3:ObjectRestore:Completed", restored_until=until, storage_class="GLACIER"
    )
    assert build_event(change, "i")["Records"][0]["glacierEventData"] == {
        "restoreEventData": {
            "lifecycleRestorationExpiryTime": "2026-11-30T00:00:00.000Z",
            "lifecycleRestoreStorageClass": "GLACIER",
        }
    }


@pytest.mark.parametrize("name", ["s3:ObjectTagging:Put", "s3:ObjectTagging:Delete", "s3:ObjectAcl:Put"])
def test_what_does_not_change_the_content_has_neither_size_nor_sequencer(name: str) -> None:
    change = dataclasses.replace(CHANGE, event_name=name)
    assert set(build_event(change, "i")["Records"][0]["s3"]["object"]) == {"key", "eTag"}


def test_sequencers_grow_even_when_the_clock_stands_or_goes_back() -> None:
    times = iter([100, 100, 50, 5000])
    sequencer = Sequencer(lambda: next(times))
    found = [sequencer.next() for _ in range(4)]
    assert found == sorted(set(found))
    assert {len(text) for text in found} == {18}
    assert int(found[-1], 16) == 5000
