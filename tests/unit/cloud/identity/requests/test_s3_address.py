"""Buckets and keys are read from a request exactly as moto reads them: an upgrade of moto that reads otherwise fails here."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest

from labkit.cloud.identity.requests.s3_address import bucket_and_key

ACCOUNT = "123456789012"
HOSTS = (
    "127.0.0.1:4566", "localhost", "localhost:4566", "[::1]:4566", "lab.localhost:4566", "my.lab.localhost", "s3.localhost:4566",
    "lab.s3.amazonaws.com", "my.lab.s3.amazonaws.com", "s3.amazonaws.com", "s3.us-east-1.amazonaws.com", "s3-us-west-2.amazonaws.com",
    "lab.s3.eu-west-1.amazonaws.com", "lab.s3.dualstack.us-east-1.amazonaws.com", "s3.dualstack.us-east-1.amazonaws.com",
    "localhost.localstack.cloud:4566", "lab.s3.localhost.localstack.cloud:4566", "www.lab.localhost", "glue.us-east-1.amazonaws.com",
)  # fmt: skip
PIECES = (
    "lab", "a", "/", "//", "%2F", "%2f", "..", ".", "%2E", "+", "%20", "%2B", "%25", "%C3%B1", "%F0%9F%98%80", "%FF", "~", "*", "'", "(",
    "%00", ";", ",", "=", ":", "@", "&", "$", "!", "#", "%3F", "-", "_",
)  # fmt: skip


def of_moto(environ: dict[str, Any]) -> tuple[str, str]:
    from moto.core.request import Request
    from moto.s3.responses import S3Response

    request = Request(environ)
    response = S3Response()
    response.request, response.headers, response.raw_path = request, request.headers, request.raw_path
    return response.parse_bucket_name_from_url(request, request.raw_url) or "", response.parse_key_name()


def environ_of(host: str, uri: str) -> dict[str, Any]:
    path, _, query = uri.partition("?")
    return {
        "REQUEST_METHOD": "GET", "PATH_INFO": unquote(path, "latin-1"), "RAW_URI": uri, "QUERY_STRING": query, "HTTP_HOST": host,
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "4566", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(b""),
    }  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_bucket_and_key_are_those_of_moto(host: str) -> None:
    chance = random.Random(host)
    uris = ["/", "/lab", "/lab/", "/lab/k", "/lab//k", "/lab/%2Fk", "/lab/a%252Fb?acl", "/lab?list-type=2"]
    uris += ["/" + "".join(chance.choices(PIECES, k=chance.randint(1, 7))) for _ in range(150)]
    wrong = []
    for uri in uris:
        theirs, ours = of_moto(environ_of(host, uri)), bucket_and_key(environ_of(host, uri), ACCOUNT)
        # moto leaves a bucket's percent signs as they are: no bucket has such a name, whichever way it is read.
        if (unquote(theirs[0]), theirs[1]) != ours:
            wrong.append((uri, theirs, ours))
    assert not wrong
