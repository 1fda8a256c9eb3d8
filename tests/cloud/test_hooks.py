"""The places where moto is extended: each fails here when an upgrade of moto moves it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]


def new_bucket(aws: Aws) -> str:
    name = f"hooks-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=name)
    return name


def object_files(cloud: Any) -> set[Path]:
    return {path for path in (cloud.state_dir / "objects").rglob("*") if path.is_file()}


def test_an_objects_bytes_are_a_file_of_the_state_folder(aws: Aws, cloud: Any) -> None:
    bucket, before = new_bucket(aws), object_files(cloud)
    body = uuid.uuid4().bytes * 100
    aws("s3").put_object(Bucket=bucket, Key="a/b", Body=body)
    assert body in [path.read_bytes() for path in object_files(cloud) - before]


def test_a_multipart_upload_is_one_object(aws: Aws) -> None:
    s3, bucket = aws("s3"), new_bucket(aws)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    parts = []
    for number, size in ((1, 5 << 20), (2, 1000)):
        data = bytes([number]) * size
        etag = s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, Body=data)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": parts})
    body = s3.get_object(Bucket=bucket, Key="big")["Body"].read()
    assert (len(body), body[0], body[-1]) == ((5 << 20) + 1000, 1, 2)
    assert s3.get_object(Bucket=bucket, Key="big", Range="bytes=5242879-5242881")["Body"].read() == b"\x01\x02\x02"


def test_bytes_that_are_not_the_ones_told_are_refused(aws: Aws) -> None:
    s3, bucket = aws("s3"), new_bucket(aws)
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(Bucket=bucket, Key="a", Body=b"1", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    with pytest.raises(ClientError, match="The SHA256 you specified did not match the calculated checksum"):
        s3.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=1, Body=b"1", ChecksumSHA256="A" * 43 + "=")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize(("letter", "most"), [("x", 1024), ("\u00f1", 512)])
def test_a_key_has_at_most_1024_bytes(aws: Aws, letter: str, most: int) -> None:
    s3, bucket = aws("s3"), new_bucket(aws)
    s3.put_object(Bucket=bucket, Key=letter * most, Body=b"")
    with pytest.raises(ClientError, match=r"KeyTooLongError.*Your key is too long"):
        s3.put_object(Bucket=bucket, Key=letter * (most + 1), Body=b"")


def test_a_copy_onto_itself_must_change_something(aws: Aws) -> None:
    s3, bucket = aws("s3"), new_bucket(aws)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    here = {"Bucket": bucket, "Key": "a", "CopySource": {"Bucket": bucket, "Key": "a"}}
    with pytest.raises(ClientError, match="copy an object to itself without changing"):
        s3.copy_object(**here)
    s3.copy_object(**here, StorageClass="STANDARD_IA")
    s3.copy_object(**here, MetadataDirective="REPLACE", Metadata={"b": "1"})
    assert s3.head_object(Bucket=bucket, Key="a")["Metadata"] == {"b": "1"}


def test_copies_and_versions_keep_their_own_bytes(aws: Aws) -> None:
    s3, bucket = aws("s3"), new_bucket(aws)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"2")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a"})
    s3.delete_object(Bucket=bucket, Key="a")
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="a")
    assert s3.get_object(Bucket=bucket, Key="a", VersionId=first)["Body"].read() == b"1"
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"2"


def test_metadata_names_keep_their_underscores_and_keys_their_encoded_slashes(aws: Aws) -> None:
    s3, bucket = aws("s3"), new_bucket(aws)
    for key in ("a%2Fb", "a b+c", "ñ=ü/€", "a//b"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"con_raya": "si"})
        found = s3.get_object(Bucket=bucket, Key=key)
        assert (found["Body"].read().decode(), found["Metadata"]) == (key, {"con_raya": "si"})
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [
        "a b+c",
        "a%2Fb",
        "a//b",
        "ñ=ü/€",
    ]


def test_aws_own_policies_are_there_with_their_documents(aws: Aws) -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
    version = aws("iam").get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = aws("iam").get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert any("glue:*" in statement["Action"] for statement in document["Statement"])


@pytest.mark.parametrize(
    ("service", "call", "params"),
    [
        ("ec2", "run_instances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}),
        ("emr", "list_clusters", {}),
        ("redshift", "describe_clusters", {}),
        ("redshift-data", "list_statements", {}),
    ],
)
def test_a_service_that_nothing_here_carries_out_is_refused_by_name(
    aws: Aws, service: str, call: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(aws(service), call)(**params)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_glue_call_that_moto_would_pretend_is_refused(aws: Aws) -> None:
    with pytest.raises(ClientError, match="does not carry out glue:CreateSession"):
        aws("glue").create_session(Id="s", Role="arn:aws:iam::123456789012:role/x", Command={"Name": "glueetl"})


def test_cloudwatchs_metrics_are_ours(aws: Aws) -> None:
    """moto would keep each value by itself and know no percentile."""
    cloudwatch, space = aws("cloudwatch"), f"hooks-{uuid.uuid4().hex[:8]}"
    now = datetime.now(timezone.utc)
    data = [{"MetricName": "m", "Values": [1.0, 2.0, 3.0], "Timestamp": now}]
    cloudwatch.put_metric_data(Namespace=space, MetricData=data)
    found = cloudwatch.get_metric_statistics(
        Namespace=space, MetricName="m", StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=1), Period=7200,
        ExtendedStatistics=["p50"],
    )  # fmt: skip
    assert found["Datapoints"][0]["ExtendedStatistics"] == {"p50": 2.0}


def test_motos_control_pages_and_other_hosts_are_closed(cloud: Any) -> None:
    import requests

    assert requests.post(f"{cloud.endpoint_url}/moto-api/reset", timeout=5).status_code == 404
    answer = requests.get(cloud.endpoint_url, headers={"Host": "evil.example"}, timeout=5)
    assert (answer.status_code, "AccessDenied" in answer.text) == (403, True)


def test_the_cloud_listens_on_loopback_only(cloud: Any) -> None:
    import psutil

    addresses = {c.laddr.ip for c in psutil.Process(cloud.pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    assert addresses == {"127.0.0.1"}


def test_broken_requests_are_answered_as_aws_would(cloud: Any) -> None:
    import requests

    headers = {
        "X-Amz-Target": "AWSGlue.StartJobRun",
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20240101/us-east-1/glue/aws4_request, SignedHeaders=h, Signature=0",
    }
    for body in ("{not json", "[1]", "null"):
        answer = requests.post(cloud.endpoint_url, data=body, headers=headers, timeout=5)
        assert (answer.status_code, answer.json()["__type"]) == (400, "SerializationException")
