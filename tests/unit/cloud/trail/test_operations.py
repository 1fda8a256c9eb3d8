"""Which operation a request asks for, and with which parameters."""

from __future__ import annotations

import json

import pytest

from labkit.cloud.trail.operations import find_operation
from tests.unit.cloud.trail.heard_calls import heard

S3 = [
    ("GET", "/", "", "ListBuckets"),
    ("GET", "/b", "", "ListObjects"),
    ("GET", "/b", "list-type=2&prefix=x", "ListObjects"),
    ("PUT", "/b", "", "CreateBucket"),
    ("DELETE", "/b", "", "DeleteBucket"),
    ("HEAD", "/b", "", "HeadBucket"),
    ("PUT", "/b/k/ñ x", "", "PutObject"),
    ("GET", "/b/k", "", "GetObject"),
    ("HEAD", "/b/k", "", "HeadObject"),
    ("DELETE", "/b/k", "", "DeleteObject"),
    ("POST", "/b", "delete", "DeleteObjects"),
    ("POST", "/b/k", "uploads", "CreateMultipartUpload"),
    ("PUT", "/b/k", "partNumber=1&uploadId=3", "UploadPart"),
    ("POST", "/b/k", "uploadId=3", "CompleteMultipartUpload"),
    ("DELETE", "/b/k", "uploadId=3", "AbortMultipartUpload"),
    ("GET", "/b/k", "uploadId=3", "ListParts"),
    ("GET", "/b", "uploads", "ListMultipartUploads"),
    ("GET", "/b", "versions", "ListObjectVersions"),
    ("PUT", "/b", "notification", "PutBucketNotification"),
    ("PUT", "/b", "lifecycle", "PutBucketLifecycle"),
    ("PUT", "/b", "policy", "PutBucketPolicy"),
    ("GET", "/b", "location", "GetBucketLocation"),
    ("PUT", "/b", "publicAccessBlock", "PutBucketPublicAccessBlock"),
    ("GET", "/b", "analytics&id=1", "GetBucketAnalyticsConfiguration"),
    ("PUT", "/b/k", "tagging", "PutObjectTagging"),
    ("GET", "/b/k", "acl", "GetObjectAcl"),
]


@pytest.mark.parametrize(("method", "path", "query", "name"), S3)
def test_s3_requests_have_cloudtrails_names(method: str, path: str, query: str, name: str) -> None:
    assert find_operation(heard("s3", method, path, query=query)).name == name


def test_copies_are_told_by_their_header_and_buckets_may_stand_in_the_host() -> None:
    copy = {"HTTP_X_AMZ_COPY_SOURCE": "b/y"}
    assert find_operation(heard("s3", "PUT", "/b/k", **copy)).name == "CopyObject"
    assert find_operation(heard("s3", "PUT", "/b/k", query="partNumber=1&uploadId=3", **copy)).name == "UploadPartCopy"
    found = find_operation(heard("s3", "PUT", "/k ñ", query="tagging", HTTP_HOST="datos.s3.amazonaws.com"))
    assert (found.name, found.params) == (
        "PutObjectTagging",
        {"bucketName": "datos", "Host": "datos.s3.amazonaws.com", "key": "k ñ", "tagging": ""},
    )


LAMBDA = [
    ("POST", "/2015-03-31/functions", "CreateFunction", {}),
    ("GET", "/2015-03-31/functions/", "ListFunctions", {}),
    ("POST", "/2015-03-31/functions/f/invocations", "Invoke", {"FunctionName": "f"}),
    ("GET", "/2015-03-31/functions/f/configuration", "GetFunctionConfiguration", {"FunctionName": "f"}),
    ("DELETE", "/2015-03-31/functions/f/policy/sid", "RemovePermission", {"FunctionName": "f", "StatementId": "sid"}),
    ("PUT", "/2017-10-31/functions/f/concurrency", "PutFunctionConcurrency", {"FunctionName": "f"}),
]


@pytest.mark.parametrize(("method", "path", "name", "params"), LAMBDA)
def test_lambdas_paths(method: str, path: str, name: str, params: dict[str, str]) -> None:
    found = find_operation(heard("lambda", method, path))
    assert (found.name, found.params) == (name, params)


def test_a_package_is_not_read() -> None:
    body = {"FunctionName": "f", "Code": {"ZipFile": "UEsDB" * 1000}, "Runtime": "python3.11"}
    found = find_operation(heard("lambda", "POST", "/2015-03-31/functions", body=body))
    assert found.params == {"FunctionName": "f", "Code": {"ZipFile": ""}, "Runtime": "python3.11"}


def test_forms_are_read_by_the_model() -> None:
    body = b"Action=CreateRole&RoleName=x&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=c&Tags.member.2.Value="
    form = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    found = find_operation(heard("iam", action="CreateRole", body=body, **form))
    assert found.params == {"RoleName": "x", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]}
    body = b"Action=CreateTopic&Name=t&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=n"
    found = find_operation(heard("sns", action="CreateTopic", body=body, **form))
    assert found.params == {"Name": "t", "Attributes": {"DisplayName": "n"}}


@pytest.mark.parametrize("body", [b"", b"{not json", b"[1]", b"\xff\xfe", json.dumps("x").encode()])
def test_what_is_no_list_of_parameters_has_none(body: bytes) -> None:
    assert find_operation(heard("glue", action="StartJobRun", body=body)).params == {}
    assert find_operation(heard("glue", action="NoSuchCall", body=body)).name == "NoSuchCall"


def test_cbor_calls_are_named_by_their_path() -> None:
    path = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms"
    found = find_operation(
        heard("cloudwatch", path=path, body=b"\xbfjMaxRecords\x05\xff", CONTENT_TYPE="application/cbor")
    )
    assert (found.name, found.params) == ("DescribeAlarms", {"MaxRecords": 5})
