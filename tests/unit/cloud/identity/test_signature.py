"""What botocore signs is accepted, and nothing that differs from it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from labkit.cloud.call import AwsError
from labkit.cloud.identity.signature import check_clock, check_expiry, is_right, read_signature

KEYS = Credentials("AKIAQ3EGQ7XEXAMPLE00", "secret/with+signs", "token")


def sign(service: str, path: str, body: bytes = b"", method: str = "POST", **headers: str) -> dict[str, Any]:
    """The WSGI environment of a request that botocore signed."""
    request = AWSRequest(method, f"http://127.0.0.1:4566{path}", data=body, headers=headers)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(KEYS, service, "us-east-1").add_auth(request)
    return environ_of(request)


def environ_of(request: AWSRequest) -> dict[str, Any]:
    url = urlsplit(request.prepare().url)
    uri = url.path + (f"?{url.query}" if url.query else "")
    found: dict[str, Any] = {"REQUEST_METHOD": request.method, "RAW_URI": uri, "QUERY_STRING": url.query}
    found["HTTP_HOST"] = url.netloc
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        found[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return found


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("glue", "/"),
        ("lambda", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af/invocations"),
        ("lambda", "/2015-03-31/functions/f/invocations?Qualifier=%24LATEST"),
        ("s3", "/lab/a%20b/%C3%B1%2Bx%3D1.csv"),
        ("s3", "/lab/a//b/..%2Fc"),
        ("s3", "/lab?list-type=2&prefix=a%2Fb&delimiter=%2F&encoding-type=url"),
        ("s3", "/lab/key?uploads"),
    ],
)
def test_a_right_signature_is_accepted(service: str, path: str) -> None:
    environ = sign(
        service, path, b'{"a": 1}', **{"Content-Type": "application/json", "X-Amz-Target": "AWSGlue.GetJobs"}
    )
    signature = read_signature(environ)
    assert signature is not None
    assert (signature.access_key, signature.token) == (KEYS.access_key, "token")
    assert is_right(signature, KEYS.secret_key, environ, b'{"a": 1}')


def test_a_wrong_secret_body_header_or_path_is_not() -> None:
    environ = sign("glue", "/", b"{}", **{"X-Amz-Target": "AWSGlue.GetJobs"})
    signature = read_signature(environ)
    assert signature is not None
    assert is_right(signature, KEYS.secret_key, environ, b"{}")
    assert not is_right(signature, "another", environ, b"{}")
    assert not is_right(signature, KEYS.secret_key, environ, b"{ }")
    assert not is_right(signature, KEYS.secret_key, {**environ, "HTTP_X_AMZ_TARGET": "AWSGlue.DeleteJob"}, b"{}")
    assert not is_right(signature, KEYS.secret_key, {**environ, "RAW_URI": "/x"}, b"{}")


def test_a_presigned_url_is_checked_and_ends() -> None:
    request = AWSRequest("GET", "http://127.0.0.1:4566/lab/a%20b.csv")
    S3SigV4QueryAuth(KEYS, "s3", "us-east-1", expires=60).add_auth(request)
    environ = environ_of(request)
    signature = read_signature(environ)
    assert signature is not None
    assert signature.in_url
    assert is_right(signature, KEYS.secret_key, environ, None)
    assert not is_right(
        signature, KEYS.secret_key, {**environ, "RAW_URI": environ["RAW_URI"].replace("a%20b", "c")}, None
    )
    now = datetime.now(timezone.utc)
    check_expiry(environ, now)
    with pytest.raises(AwsError, match="Request has expired"):
        check_expiry(environ, now + timedelta(seconds=62))


def test_a_url_of_signature_version_2_ends_too() -> None:
    environ = {"QUERY_STRING": "AWSAccessKeyId=test&Signature=x&Expires=1000"}
    check_expiry(environ, datetime.fromtimestamp(999, timezone.utc))
    with pytest.raises(AwsError, match="Request has expired"):
        check_expiry(environ, datetime.fromtimestamp(1001, timezone.utc))


def test_an_unsigned_request_has_no_signature() -> None:
    assert read_signature({"QUERY_STRING": "list-type=2"}) is None


@pytest.mark.parametrize("token", ["", "session"])
def test_urls_and_forms_of_signature_version_2(token: str) -> None:
    import boto3
    from botocore.config import Config

    from labkit.cloud.identity.signature_v2 import IssuedKey, is_right_form, is_right_v2

    key = IssuedKey("AKIAQ3EGQ7XEXAMPLE00", "secret", token)
    s3 = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:4566",
        region_name="us-east-1",
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
        aws_session_token=token or None,
        config=Config(signature_version="s3"),
    )
    params = {"Bucket": "lab", "Key": "a b/ñ+", "ContentType": "text/csv"}
    url = urlsplit(s3.generate_presigned_url("put_object", Params=params))
    environ = {"REQUEST_METHOD": "PUT", "RAW_URI": f"{url.path}?{url.query}", "QUERY_STRING": url.query}
    assert is_right_v2(key, environ, "lab")
    assert not is_right_v2(IssuedKey(key.id, "another", token), environ, "lab")
    assert not is_right_v2(IssuedKey(key.id, key.secret, "another"), environ, "lab")
    assert not is_right_v2(key, {**environ, "REQUEST_METHOD": "GET"}, "lab")
    assert not is_right_v2(key, {"REQUEST_METHOD": "GET", "RAW_URI": "/lab/a"}, "lab")
    for version in ("s3", "s3v4"):
        signer = boto3.client(
            "s3",
            region_name="us-east-1",
            aws_access_key_id=key.id,
            aws_secret_access_key=key.secret,
            aws_session_token=token or None,
            config=Config(signature_version=version),
        )
        fields = signer.generate_presigned_post("lab", "k")["fields"]
        assert is_right_form(key, fields)
        assert not is_right_form(IssuedKey(key.id, "another", token), fields)
        assert not is_right_form(key, {**fields, "policy": fields["policy"] + "="})


def test_a_request_is_signed_about_when_it_comes() -> None:
    signature = read_signature(sign("glue", "/", b"{}"))
    assert signature is not None
    now = datetime.now(timezone.utc)
    check_clock(signature, "glue", now + timedelta(minutes=14))
    with pytest.raises(AwsError, match="SignatureDoesNotMatch: Signature expired"):
        check_clock(signature, "glue", now + timedelta(minutes=16))
    with pytest.raises(AwsError, match="Signature not yet current"):
        check_clock(signature, "sts", now - timedelta(minutes=16))
    with pytest.raises(AwsError, match="RequestTimeTooSkewed"):
        check_clock(signature, "s3", now + timedelta(minutes=16))


@pytest.mark.parametrize(
    ("expires", "words"),
    [("", "requires the X-Amz-Algorithm"), ("x", "should be a number"), ("-1", "non-negative"), ("604801", "a week")],
)
def test_a_presigned_url_says_how_long_it_is_good_for(expires: str, words: str) -> None:
    environ = {"QUERY_STRING": f"X-Amz-Signature=0&X-Amz-Date=20261129T120000Z&X-Amz-Expires={expires}"}
    with pytest.raises(AwsError, match=words):
        check_expiry(environ, datetime(2026, 11, 29, 12, tzinfo=timezone.utc))
    with pytest.raises(AwsError, match="not yet valid"):
        check_expiry(
            {"QUERY_STRING": environ["QUERY_STRING"].replace(f"Expires={expires}", "Expires=60")},
            datetime(2026, 11, 29, 11, 40, tzinfo=timezone.utc),
        )


def test_the_hash_that_was_signed_is_that_of_the_body() -> None:
    environ = sign("glue", "/", b"{}", **{"X-Amz-Content-Sha256": hashlib.sha256(b"{}").hexdigest()})
    signature = read_signature(environ)
    assert signature is not None
    assert is_right(signature, KEYS.secret_key, environ, b"{}")
    assert not is_right(signature, KEYS.secret_key, environ, b"{ }")


def test_a_url_of_another_service_ends_too() -> None:
    environ = {"QUERY_STRING": "X-Amz-Signature=0&X-Amz-Date=20261129T120000Z&X-Amz-Expires=1800"}
    signature = read_signature(environ)
    assert signature is not None
    check_clock(signature, "sts", datetime(2026, 11, 29, 12, 29, tzinfo=timezone.utc))
    with pytest.raises(AwsError, match="Signature expired"):
        check_clock(signature, "sts", datetime(2026, 11, 29, 12, 31, tzinfo=timezone.utc))
