"""Each way to change an object is its own event ("Supported event types for SQS, SNS, and Lambda" of the S3 user guide)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import pytest

from tests.cloud.events.conftest import Ear

Aws = Callable[[str], Any]
KEY = "raw/año=2024/ventas 1+1 al 100%.csv"


def told(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["eventName"], unquote_plus(event["s3"]["object"]["key"])) for event in events]


def test_the_event_carries_the_ids_of_its_own_response(aws: Aws, ear: Ear) -> None:
    ear.configure()
    answer = aws("s3").put_object(Bucket=ear.bucket, Key=KEY, Body=b"12345", Tagging="k=v")
    (event,) = ear.hear_all()
    marks = {
        "x-amz-request-id": answer["ResponseMetadata"]["RequestId"],
        "x-amz-id-2": answer["ResponseMetadata"]["HostId"],
    }
    assert event["responseElements"] == marks
    assert len(marks["x-amz-request-id"]) == 16
    assert (event["eventVersion"], event["eventSource"], event["awsRegion"]) == ("2.6", "aws:s3", "us-east-1")
    assert event["requestParameters"] == {"sourceIPAddress": "127.0.0.1"}
    found = event["s3"]
    assert (found["configurationId"], found["bucket"]["name"]) == ("ear", ear.bucket)
    assert found["object"]["key"] == "raw/a%C3%B1o%3D2024/ventas+1%2B1+al+100%25.csv"
    assert (found["object"]["size"], found["object"]["eTag"]) == (5, answer["ETag"].strip('"'))
    assert set(found["object"]) == {"key", "size", "eTag", "sequencer"}


def test_put_copy_tags_acl_and_delete(aws: Aws, ear: Ear) -> None:
    ear.configure()
    s3, place = aws("s3"), {"Bucket": ear.bucket, "Key": KEY}
    # New buckets take no access lists, and no public ones.
    s3.delete_public_access_block(Bucket=ear.bucket)
    ownership = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=ear.bucket, OwnershipControls=ownership)
    s3.put_object(**place, Body=b"1", ACL="public-read")
    s3.copy_object(**place, CopySource=place, MetadataDirective="REPLACE", Metadata={"a": "b"})
    s3.copy_object(Bucket=ear.bucket, Key="copy", CopySource=place)
    s3.put_object_tagging(**place, Tagging={"TagSet": [{"Key": "k", "Value": "w"}]})
    s3.delete_object_tagging(**place)
    s3.put_object_acl(**place, ACL="public-read")
    s3.put_object_acl(**place, ACL="public-read")
    s3.delete_object(**place)
    s3.delete_object(**place)
    events = ear.hear_all()
    assert told(events) == [
        ("ObjectCreated:Put", KEY),
        ("ObjectCreated:Copy", KEY),
        ("ObjectCreated:Copy", "copy"),
        ("ObjectTagging:Put", KEY),
        ("ObjectTagging:Delete", KEY),
        ("ObjectAcl:Put", KEY),
        ("ObjectRemoved:Delete", KEY),
    ]
    assert set(events[3]["s3"]["object"]) == {"key", "eTag"}
    assert set(events[-1]["s3"]["object"]) == {"key", "sequencer"}
    of_key = [e["s3"]["object"]["sequencer"] for e in (events[0], events[1], events[-1])]
    assert of_key == sorted(set(of_key))


def test_a_form_upload_is_a_post(aws: Aws, ear: Ear) -> None:
    import requests

    ear.configure()
    form = aws("s3").generate_presigned_post(ear.bucket, "in/${filename}")
    answer = requests.post(form["url"], data=form["fields"], files={"file": ("a b.csv", b"abc")}, timeout=10)
    assert answer.status_code == 204
    (event,) = ear.hear_all()
    assert told([event]) == [("ObjectCreated:Post", "in/a b.csv")]
    assert event["responseElements"]["x-amz-request-id"] == answer.headers["x-amz-request-id"]
    assert (event["s3"]["object"]["size"], event["s3"]["object"]["eTag"]) == (3, "900150983cd24fb0d6963f7d28e17f72")


def test_a_multipart_upload_is_one_event_with_its_own_etag(aws: Aws, ear: Ear) -> None:
    ear.configure()
    s3, place = aws("s3"), {"Bucket": ear.bucket, "Key": "big"}
    upload = s3.create_multipart_upload(**place, Tagging="k=v")["UploadId"]
    parts = []
    for number, body in ((1, b"x" * (5 << 20)), (2, b"y")):
        etag = s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=body)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    answer = s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
    other = s3.create_multipart_upload(Bucket=ear.bucket, Key="aborted")["UploadId"]
    s3.abort_multipart_upload(Bucket=ear.bucket, Key="aborted", UploadId=other)
    (event,) = ear.hear_all()
    assert event["eventName"] == "ObjectCreated:CompleteMultipartUpload"
    assert (event["s3"]["object"]["size"], event["s3"]["object"]["eTag"]) == ((5 << 20) + 1, answer["ETag"].strip('"'))
    assert event["s3"]["object"]["eTag"].endswith("-2")


def test_versions_are_told_apart(aws: Aws, ear: Ear) -> None:
    s3, place = aws("s3"), {"Bucket": ear.bucket, "Key": "a"}
    s3.put_bucket_versioning(Bucket=ear.bucket, VersioningConfiguration={"Status": "Enabled"})
    ear.configure()
    first, second = (s3.put_object(**place, Body=body)["VersionId"] for body in (b"1", b"2"))
    marker = s3.delete_object(**place)["VersionId"]
    s3.delete_object(**place, VersionId=first)
    s3.delete_objects(Bucket=ear.bucket, Delete={"Objects": [{"Key": "a", "VersionId": marker}, {"Key": "a"}]})
    s3.delete_object(**place, VersionId="no-such-version")
    never = s3.delete_object(Bucket=ear.bucket, Key="never")
    events = ear.hear_all()
    names = [event["eventName"] for event in events]
    assert names == [
        *["ObjectCreated:Put"] * 2,
        "ObjectRemoved:DeleteMarkerCreated",
        *["ObjectRemoved:Delete"] * 2,
        *["ObjectRemoved:DeleteMarkerCreated"] * 2,
    ]
    # A versioned bucket gets a marker also for what was never there.
    assert never["DeleteMarker"]
    assert told(events)[-1] == ("ObjectRemoved:DeleteMarkerCreated", "never")
    markers = s3.list_object_versions(Bucket=ear.bucket, Prefix="never")["DeleteMarkers"]
    assert [marker["VersionId"] for marker in markers] == [never["VersionId"]]
    assert [event["s3"]["object"]["versionId"] for event in events[:5]] == [first, second, marker, first, marker]
    assert set(events[2]["s3"]["object"]) == {"key", "eTag", "versionId", "sequencer"}
    assert set(events[3]["s3"]["object"]) == {"key", "versionId", "sequencer"}


def test_each_key_of_delete_objects_is_an_event_unless_it_was_not_there(aws: Aws, ear: Ear) -> None:
    for key in ("a", "b"):
        aws("s3").put_object(Bucket=ear.bucket, Key=key, Body=b"")
    ear.configure(["s3:ObjectRemoved:*"])
    aws("s3").delete_objects(Bucket=ear.bucket, Delete={"Objects": [{"Key": k} for k in ("a", "none", "b")]})
    events = ear.hear(2)
    assert told(events) == [("ObjectRemoved:Delete", "a"), ("ObjectRemoved:Delete", "b")]


@pytest.mark.parametrize(
    ("prefix", "suffix", "heard"),
    [
        ("raw/", ".csv", ["raw/a.csv", "raw/año/b+c %.csv"]),
        ("raw/año/", "", ["raw/año/b+c %.csv", "raw/año/b.CSV"]),
        ("raw/año/b+c ", "", ["raw/año/b+c %.csv"]),
        ("", "%.csv", ["raw/año/b+c %.csv"]),
        ("Raw/", "", ["Raw/a.csv"]),
    ],
)
def test_filters_look_at_the_key_as_it_is(aws: Aws, ear: Ear, prefix: str, suffix: str, heard: list[str]) -> None:
    filters = {name: value for name, value in (("prefix", prefix), ("suffix", suffix)) if value}
    ear.configure(["s3:ObjectCreated:*"], **filters)
    for key in ("raw/a.csv", "raw/año/b+c %.csv", "raw/año/b.CSV", "Raw/a.csv", "other/a.csv"):
        aws("s3").put_object(Bucket=ear.bucket, Key=key, Body=b"")
    events = ear.hear(len(heard))
    assert sorted(unquote_plus(event["s3"]["object"]["key"]) for event in events) == sorted(heard)
