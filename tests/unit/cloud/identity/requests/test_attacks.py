"""Requests that no client of good will sends: nothing may be had with them that their permissions do not give."""

from __future__ import annotations

import gzip
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest

from labkit.cloud.identity.requests.needed import NeededAccess, needed_accesses, needs_body
from labkit.cloud.request import read_request

ACCOUNT = "123456789012"


def ask(method: str, uri: str, service: str = "s3", body: bytes = b"", **headers: str) -> NeededAccess:
    path, _, query = uri.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote(path, "latin-1"),
        "RAW_URI": uri,
        "QUERY_STRING": query,
        "HTTP_HOST": "127.0.0.1:4566",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=AKIA/20240101/us-east-1/{service}/aws4_request, Signature=x",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        **headers,
    }
    environ = {name: value for name, value in environ.items() if value != ""} | {"QUERY_STRING": query}
    request = read_request(environ)
    return needed_accesses(request, environ, body if needs_body(request, environ) else b"", ACCOUNT)


def actions(needed: NeededAccess) -> list[str]:
    return [access.action for access in needed.accesses]


def resources(needed: NeededAccess) -> list[str]:
    return [access.resource.removeprefix("arn:aws:s3:::") for access in needed.accesses]


@pytest.mark.parametrize(
    ("method", "uri", "expected"),
    [
        ("GET", "/lab/k?acl&tagging", {"s3:GetObjectAcl", "s3:GetObjectTagging"}),
        ("GET", "/lab?policy&acl", {"s3:GetBucketPolicy", "s3:GetBucketAcl"}),
        ("PUT", "/lab?policy&versioning", {"s3:PutBucketPolicy", "s3:PutBucketVersioning"}),
        ("PUT", "/lab/k?acl&uploadId=u&partNumber=1", {"s3:PutObjectAcl", "s3:PutObject"}),
        ("PUT", "/lab/k?tagging&retention", {"s3:PutObjectTagging", "s3:PutObjectRetention"}),
        ("DELETE", "/lab/k?tagging&uploadId=u", {"s3:DeleteObjectTagging", "s3:AbortMultipartUpload"}),
        ("DELETE", "/lab?policy&cors", {"s3:DeleteBucketPolicy", "s3:PutBucketCORS"}),
        ("GET", "/lab?versions&list-type=2", {"s3:ListBucketVersions", "s3:ListBucket"}),
    ],
)
def test_a_request_that_names_two_things_needs_both(method: str, uri: str, expected: set[str]) -> None:
    assert set(actions(ask(method, uri))) == expected


@pytest.mark.parametrize(
    ("method", "uri", "action"),
    [
        ("GET", "/lab/k?prefix=x&partNumber=1", "s3:GetObject"),
        ("GET", "/lab?prefix=policy&marker=acl", "s3:ListBucket"),
        ("GET", "/lab?list-type=2&fetch-owner=true&start-after=tagging", "s3:ListBucket"),
        ("GET", "/lab?inventory&id=1", "s3:GetInventoryConfiguration"),
        ("PUT", "/lab/k?x-id=PutObject", "s3:PutObject"),
        ("GET", "/lab/k?x-id=GetObjectAcl", "s3:GetObject"),
        ("GET", "/lab/k?ACL", "s3:GetObject"),
        ("HEAD", "/lab/k?acl", "s3:GetObject"),
        ("PUT", "/lab", "s3:CreateBucket"),
        ("PUT", "/lab/", "s3:CreateBucket"),
        ("DELETE", "/lab?foo", "s3:DeleteBucket"),
    ],
)
def test_what_is_no_subresource_changes_nothing(method: str, uri: str, action: str) -> None:
    assert actions(ask(method, uri)) == [action]


@pytest.mark.parametrize(
    ("uri", "resource"),
    [
        ("/lab/a%2Fb", "lab/a/b"),
        ("/lab/a%252Fb", "lab/a%2Fb"),
        ("/lab//a", "lab//a"),
        ("/lab/%2e%2e/secret/x", "lab/../secret/x"),
        ("/lab/../secret/x", "lab/../secret/x"),
        ("/lab/a+b", "lab/a+b"),
        ("/lab/a%20b", "lab/a b"),
        ("/lab/%C3%B1", "lab/ñ"),
        ("/lab/*", "lab/*"),
        ("/lab/a?versionId=", "lab/a"),
        ("//lab/a", "lab/lab/a"),
        ("http://127.0.0.1:4566/lab/a", "lab/a"),
        ("/lab/http://x/y", "lab/http://x/y"),
    ],
)
def test_a_key_is_what_the_service_takes_it_for(uri: str, resource: str) -> None:
    assert resources(ask("GET", uri)) == [resource]


@pytest.mark.parametrize(
    ("header", "resource", "action"),
    [
        ("src/a%3FversionId%3D7", "src/a?versionId=7", "s3:GetObject"),
        ("/src/a?versionId=7", "src/a", "s3:GetObjectVersion"),
        ("src/a?x=1&versionId=7", "src/a", "s3:GetObjectVersion"),
        ("src/a%2Fb%20c+d", "src/a/b c+d", "s3:GetObject"),
        ("//src/a", "a/", "s3:GetObject"),
        ("http://other/src/a", "src/a", "s3:GetObject"),
        ("src", "src/", "s3:GetObject"),
        ("//[src/a", "//[src/a/", "s3:GetObject"),
    ],
)
def test_the_source_of_a_copy_is_what_the_service_takes_it_for(header: str, resource: str, action: str) -> None:
    first = ask("PUT", "/lab/k", HTTP_X_AMZ_COPY_SOURCE=header).accesses[0]
    assert (first.resource, first.action) == (f"arn:aws:s3:::{resource}", action)


@pytest.mark.parametrize(
    ("host", "uri", "resource"),
    [
        ("lab.s3.amazonaws.com", "/a%20b", "lab/a b"),
        ("lab.s3.us-east-1.amazonaws.com", "//a", "lab//a"),
        ("lab.localhost:4566", "/x/y", "lab/x/y"),
        ("s3.amazonaws.com", "/lab/k", "lab/k"),
        ("s3.eu-west-1.amazonaws.com", "/lab/k", "lab/k"),
        ("localhost:4566", "/lab/k", "lab/k"),
        ("[::1]:4566", "/lab/k", "lab/k"),
        ("localhost.localstack.cloud:4566", "/lab/k", "lab/k"),
    ],
)
def test_a_bucket_may_stand_in_the_host(host: str, uri: str, resource: str) -> None:
    assert resources(ask("GET", uri, HTTP_HOST=host)) == [resource]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<Delete", b"{}", b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY k "secret">]><Delete><Object><Key>&k;</Key></Object></Delete>',
        b"<Delete/>",
    ],
)  # fmt: skip
def test_a_batch_delete_that_cannot_be_read_is_one_of_any_key(body: bytes) -> None:
    assert resources(ask("POST", "/lab?delete", body=body)) == ["lab/*"]


def test_every_key_of_a_batch_delete_is_asked_for_wherever_it_stands() -> None:
    body = b'<D:Delete xmlns:D="x"><Object><Key>a</Key></Object><Other><Object><Key>b<!-- c -->c</Key></Object></Other></D:Delete>'
    assert resources(ask("POST", "/lab?delete", body=body)) == ["lab/a", "lab/bc"]


def test_the_key_of_an_upload_form_is_read_and_so_are_its_acl_and_tags() -> None:
    fields = {"key": "up/${filename}", "acl": "public-read", "x-amz-credential": "x"}
    parts = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    file = '--B\r\nContent-Disposition: form-data; name="file"; filename="a ñ.csv"\r\nContent-Type: text/csv\r\n\r\n1,2\r\n--B--\r\n'
    needed = ask("POST", "/lab", body=(parts + file).encode(), CONTENT_TYPE="multipart/form-data; boundary=B")
    assert needed.operation == "PostObject"
    assert resources(needed) == ["lab/up/a ñ.csv", "lab/up/a ñ.csv"]
    assert actions(needed) == ["s3:PutObject", "s3:PutObjectAcl"]
    assert resources(ask("POST", "/lab", body=b"nonsense")) == ["lab/*"]


def test_s3_control_is_no_bucket() -> None:
    needed = ask("PUT", "/v20180820/configuration/publicAccessBlock", HTTP_X_AMZ_ACCOUNT_ID=ACCOUNT)
    assert [(one.action, one.resource) for one in needed.accesses] == [("s3:PutAccountPublicAccessBlock", "*")]
    assert actions(ask("PUT", "/v20180820/configuration/publicAccessBlock")) == ["s3:"]
    assert actions(ask("GET", "/configuration/publicAccessBlock", HTTP_HOST="1.s3-control.amazonaws.com")) != [
        "s3:GetObject"
    ]


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("uri", "body", "headers"),
    [
        ("/?Action=GetUser", b"Action=DeleteUser&UserName=u", {"CONTENT_TYPE": FORM}),
        ("/", b"Action=GetUser&UserName=u", {"CONTENT_TYPE": FORM, "HTTP_X_AMZ_TARGET": "x.DeleteUser"}),
        ("/?Action=GetUser&Action=DeleteUser", b"", {}),
        ("/", b"Action=GetUser&Action=DeleteUser", {"CONTENT_TYPE": FORM}),
        ("/?Action=GetUser", b"Action=DeleteUser", {"CONTENT_TYPE": "text/plain"}),
        ("/?Action=GetUser", b"", {"HTTP_ACTION": "DeleteUser"}),
        ("/?Action=GetUser&%41%63tion=DeleteUser", b"", {}),
        ("/", b"Action=GetUser&A%43tion=x&A%63ti%6Fn=DeleteUser", {"CONTENT_TYPE": FORM}),
    ],
)
def test_two_operations_of_one_request_need_both(uri: str, body: bytes, headers: dict[str, str]) -> None:
    assert {"iam:GetUser", "iam:DeleteUser"} <= set(actions(ask("POST", uri, "iam", body, **headers)))


def test_an_operation_hidden_in_the_text_of_a_json_body_is_seen() -> None:
    body = b'{"Name": "/a", "x": "&Action=DeleteParameter&"}'
    needed = ask("POST", "/", "ssm", body, HTTP_X_AMZ_TARGET="AmazonSSM.GetParameter")
    assert actions(needed) == ["ssm:GetParameter", "ssm:DeleteParameter"]
    harmless = b'{"Name": "/a", "Value": "https://x/?a=1&Action=Look&b"}'
    assert actions(ask("POST", "/", "ssm", harmless, HTTP_X_AMZ_TARGET="AmazonSSM.PutParameter")) == [
        "ssm:PutParameter"
    ]


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("f", "f"),
        ("f:live", "f:live"),
        ("123456789012:f", "f"),
        ("123456789012:function:f:2", "f:2"),
        ("us-east-1:123456789012:function:f", "f"),
        ("function:f", "f"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST", "f:$LATEST"),
        ("arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af", "f"),
        ("no%20name", "no name"),
    ],
)
def test_a_function_is_the_one_that_the_service_reads(name: str, resource: str) -> None:
    needed = ask("POST", f"/2015-03-31/functions/{name}/invocations", "lambda", b"{}")
    assert needed.accesses[0].resource == f"arn:aws:lambda:us-east-1:123456789012:function:{resource}"


def test_what_a_function_is_invoked_with_is_not_read() -> None:
    for path, read in (("/2015-03-31/functions/f/invocations", False), ("/2015-03-31/functions", True)):
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_LENGTH": "2"}
        scope = "AWS4-HMAC-SHA256 Credential=AKIA/20240101/us-east-1/lambda/aws4_request, Signature=x"
        environ = {**environ, "HTTP_AUTHORIZATION": scope, "HTTP_HOST": "127.0.0.1", "QUERY_STRING": ""}
        assert needs_body(read_request(environ), environ) is read


def test_of_two_values_the_first_counts() -> None:
    path = "/2015-03-31/functions/f/invocations?Qualifier=live&Qualifier=test"
    assert ask("POST", path, "lambda").accesses[0].resource.endswith(":function:f:live")
    assert resources(ask("GET", "/lab?list-type=2&prefix=a&prefix=b")) == ["lab"]
    assert ask("GET", "/lab?list-type=2&prefix=a&prefix=b").accesses[0].context["s3:prefix"] == ("a",)
    form = b"Action=GetUser&UserName=first&UserName=second"
    assert ask("POST", "/", "iam", form, CONTENT_TYPE=FORM).accesses[0].resource.endswith("user/first")


@pytest.mark.parametrize(
    "path",
    [
        "/2015-03-31/functions/f%2Fpolicy",
        "/2015-03-31/functions/f%2Finvocations",
        "/2015-03-31/functions%2Ff",
        "/2015-03-31/functions/f/nothing",
        "/nowhere",
    ],
)
def test_a_lambda_path_that_is_none_of_its_operations_needs_what_nobody_grants(path: str) -> None:
    needed = ask("GET", path, "lambda")
    assert (needed.operation, actions(needed)) == ("", ["lambda:"])


def test_what_only_the_service_can_read_is_read_as_the_service_reads_it() -> None:
    target = {"HTTP_X_AMZ_TARGET": "AmazonAthena.StartQueryExecution"}
    for body in (
        b'{"WorkGroup": "secret", "x": "\\ud800"}',
        b'{"WorkGroup": "secret", "x": NaN}',
        '{"WorkGroup": "secret"}'.encode("utf-16"),
        b'{"WorkGroup": "primary", "WorkGroup": "secret"}',
    ):
        assert [one.resource.rpartition(":")[2] for one in ask("POST", "/", "athena", body, **target).accesses] == [
            "workgroup/secret"
        ]
    packed = gzip.compress(b'{"WorkGroup": "secret"}')
    zipped = ask("POST", "/", "athena", packed, HTTP_CONTENT_ENCODING="gzip", **target)
    assert zipped.accesses[0].resource.endswith("workgroup/secret")


@pytest.mark.parametrize(
    ("uri", "headers"),
    [
        ("/?Action=StartQueryExecution", {}),
        ("/?WorkGroup=primary", {"HTTP_X_AMZ_TARGET": "AmazonAthena.StartQueryExecution"}),
        (
            "/",
            {
                "HTTP_X_AMZ_TARGET": "AmazonAthena.StartQueryExecution",
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
            },
        ),
    ],
)
def test_a_json_service_reads_its_body_whatever_stands_around_it(uri: str, headers: dict[str, str]) -> None:
    needed = ask("POST", uri, "athena", b'{"WorkGroup": "secret"}', **headers)
    assert needed.accesses[0].resource.endswith("workgroup/secret")


@pytest.mark.parametrize("headers", [{}, {"HTTP_X_AMZ_TARGET": "x.GetUser"}])
def test_a_query_service_reads_its_form_whatever_it_looks_like(headers: dict[str, str]) -> None:
    body = b'{"a":"&Action=DeleteUser&UserName=victim&"}'
    needed = ask("POST", "/", "iam", body, CONTENT_TYPE=FORM, **headers)
    assert {one.resource.rpartition(":")[2] for one in needed.accesses} == {"user/victim"}


@pytest.mark.parametrize("body", [b"[]", b"null", b"{", b"\xff\xfe", b'"x"', b"1", b""])
def test_a_body_that_is_no_object_names_nothing(body: bytes) -> None:
    needed = ask("POST", "/", "glue", body, HTTP_X_AMZ_TARGET="AWSGlue.DeleteJob")
    assert [(one.action, one.resource.rpartition(":")[2]) for one in needed.accesses] == [("glue:DeleteJob", "job/*")]


@pytest.mark.parametrize("value", [{}, [], None, True, 1.5, [[["x"]]], {"a": {"b": "c"}}])
def test_a_parameter_of_a_wrong_type_breaks_nothing(value: Any) -> None:
    import orjson

    for service, target, name in [
        ("glue", "AWSGlue.GetTable", "DatabaseName"),
        ("glue", "AWSGlue.CreateJob", "Role"),
        ("glue", "AWSGlue.BatchGetJobs", "JobNames"),
        ("dynamodb", "DynamoDB_20120810.BatchGetItem", "RequestItems"),
        ("dynamodb", "DynamoDB_20120810.TransactWriteItems", "TransactItems"),
        ("dynamodb", "DynamoDB_20120810.ExecuteStatement", "Statement"),
        ("events", "AWSEvents.PutEvents", "Entries"),
        ("kms", "TrentService.Decrypt", "CiphertextBlob"),
        ("logs", "Logs_20140328.GetLogEvents", "logGroupIdentifier"),
        ("ssm", "AmazonSSM.GetParameters", "Names"),
        ("secretsmanager", "secretsmanager.GetSecretValue", "SecretId"),
    ]:
        assert ask("POST", "/", service, orjson.dumps({name: value}), HTTP_X_AMZ_TARGET=target).operation


def test_a_service_without_rules_is_asked_for_its_operation() -> None:
    needed = ask("POST", "/", "kinesis", b"{}", HTTP_X_AMZ_TARGET="Kinesis_20131202.PutRecord")
    assert [(one.action, one.resource) for one in needed.accesses] == [("kinesis:PutRecord", "*")]


def test_a_wide_or_deep_form_is_read_in_little_time() -> None:
    wide = "&".join(f"Tags.member.{number}.Key=k" for number in range(1, 3000))
    deep = "A" + ".a" * 5000 + "=1"
    body = f"Action=TagUser&UserName=u&{wide}&{deep}".encode()
    assert actions(ask("POST", "/", "iam", body, CONTENT_TYPE=FORM)) == ["iam:TagUser"]
    too_many = ("Action=TagUser&UserName=u" + "&a=b" * 20_000).encode()
    assert actions(ask("POST", "/", "iam", too_many, CONTENT_TYPE=FORM))[0] == "iam:TagUser"
