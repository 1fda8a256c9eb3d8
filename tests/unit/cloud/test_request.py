from __future__ import annotations

import io
from typing import Any

import pytest

from labkit.cloud.http import encode_request_line
from labkit.cloud.request import read_body, read_request

SCOPE = "Credential=AKIATEST/20241231/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"


def environ(**fields: Any) -> dict[str, Any]:
    return {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": "", "wsgi.input": io.BytesIO(), **fields}


def test_a_json_call_names_its_action_in_a_header() -> None:
    request = read_request(
        environ(
            REQUEST_METHOD="POST",
            HTTP_X_AMZ_TARGET="AWSGlue.StartJobRun",
            HTTP_AUTHORIZATION="AWS4-HMAC-SHA256 " + SCOPE.format(service="glue"),
        )
    )
    assert (request.service, request.region, request.action) == ("glue", "eu-west-1", "StartJobRun")
    assert request.access_key == "AKIATEST"
    assert request.changes_something


def test_a_query_call_names_its_action_in_the_form_and_leaves_the_body_readable() -> None:
    body = b"Action=ListRoles&Version=2010-05-08"
    fields = environ(
        REQUEST_METHOD="POST",
        CONTENT_TYPE="application/x-www-form-urlencoded; charset=utf-8",
        CONTENT_LENGTH=str(len(body)),
        HTTP_AUTHORIZATION="AWS4-HMAC-SHA256 " + SCOPE.format(service="iam"),
    )
    fields["wsgi.input"] = io.BytesIO(body)
    request = read_request(fields)
    assert (request.service, request.action, request.changes_something) == ("iam", "ListRoles", False)
    assert read_body(fields) == body


def test_a_presigned_url_is_read_from_its_query() -> None:
    query = "X-Amz-Credential=AKIAPRE%2F20241231%2Fus-east-1%2Fs3%2Faws4_request"
    request = read_request(environ(REQUEST_METHOD="PUT", QUERY_STRING=query))
    assert (request.service, request.access_key, request.changes_something) == ("s3", "AKIAPRE", True)


def test_an_unsigned_request_is_s3() -> None:
    request = read_request(environ(PATH_INFO="/bucket/a\xc3\xb1o"))
    assert (request.service, request.region, request.path) == ("s3", "us-east-1", "/bucket/año")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"GET /a HTTP/1.1\r\n", b"GET /a HTTP/1.1\r\n"),
        (b"\r\n", b"\r\n"),
        ("GET /año=1?op=OPEN HTTP/1.1\r\n".encode(), b"GET /a%C3%B1o=1?op=OPEN HTTP/1.1\r\n"),
        (b"GET /p q/x y HTTP/1.1\r\n", b"GET /p%20q/x%20y HTTP/1.1\r\n"),
    ],
)
def test_letters_that_java_sends_raw_are_encoded(line: bytes, expected: bytes) -> None:
    assert encode_request_line(line) == expected


def test_an_upload_form_of_a_browser_tells_who_signed_it() -> None:
    fields = {
        "key": "in/${filename}",
        "x-amz-credential": "AKIAFORM/20241231/eu-west-1/s3/aws4_request",
        "policy": "e30=",
    }
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    body = "".join([*parts, "--b--\r\n"]).encode()
    given = environ(
        REQUEST_METHOD="POST",
        PATH_INFO="/bucket",
        CONTENT_TYPE="multipart/form-data; boundary=b",
        CONTENT_LENGTH=str(len(body)),
        **{"wsgi.input": io.BytesIO(body)},
    )
    request = read_request(given)
    assert (request.service, request.region, request.access_key) == ("s3", "eu-west-1", "AKIAFORM")
    assert read_body(given) == body
