"""What moto would take for another S3 operation is refused; what it answers is let through."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.request import read_request
from labkit.cloud.unanswered import TAKEN_FOR_OTHERS, refuse_what_is_taken_for_another


def ask(method: str, uri: str) -> None:
    path, _, query = uri.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "RAW_URI": uri,
        "QUERY_STRING": query,
        "HTTP_HOST": "127.0.0.1",
    }
    refuse_what_is_taken_for_another(read_request(environ), environ)


@pytest.mark.parametrize(
    ("method", "uri", "operation"),
    [
        ("DELETE", "/lab?analytics&id=1", "DeleteBucketAnalyticsConfiguration"),
        ("DELETE", "/lab?inventory&id=1", "DeleteBucketInventoryConfiguration"),
        ("PUT", "/lab?requestPayment", "PutBucketRequestPayment"),
        ("GET", "/lab/k?retention", "GetObjectRetention"),
        ("GET", "/lab/k?torrent", "GetObjectTorrent"),
        ("GET", "/lab?intelligent-tiering", "ListBucketIntelligentTieringConfigurations"),
        ("PUT", "/lab/k?encryption", "UpdateObjectEncryption"),
    ],
)
def test_an_operation_that_moto_would_mistake_is_refused(method: str, uri: str, operation: str) -> None:
    with pytest.raises(AwsError, match=f"does not carry out s3:{operation}") as refused:
        ask(method, uri)
    assert (refused.value.code, refused.value.status) == ("NotImplemented", 501)


@pytest.mark.parametrize(
    ("method", "uri"),
    [
        ("DELETE", "/lab?policy"), ("PUT", "/lab?inventory&id=1"), ("GET", "/lab/k?acl"), ("GET", "/lab?list-type=2"), ("PUT", "/lab/k"),
        ("PUT", "/lab/k?retention"), ("POST", "/lab/k?uploads"), ("GET", "/lab?versions"), ("GET", "/v20180820/jobs?x=1"),
    ],
)  # fmt: skip
def test_what_moto_answers_is_let_through(method: str, uri: str) -> None:
    ask(method, uri)


def test_every_name_is_an_operation_of_s3() -> None:
    from botocore.loaders import Loader

    assert set(Loader().load_service_model("s3", "service-2")["operations"]) >= TAKEN_FOR_OTHERS
