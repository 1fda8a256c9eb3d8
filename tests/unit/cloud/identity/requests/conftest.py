"""Requests as boto3 really sends them, turned into what a WSGI server hands on: no server, no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from labkit.cloud import hooks
from labkit.cloud.identity.requests.needed import NeededAccess, needed_accesses, needs_body
from labkit.cloud.request import read_request

ACCOUNT = hooks.ACCOUNT
ENDPOINT = "http://127.0.0.1:4566"


@lru_cache(maxsize=1)
def session() -> Any:
    import boto3

    return boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name="us-east-1")


@lru_cache(maxsize=64)
def client(service: str, style: str = "path") -> Any:
    from botocore.config import Config

    config = Config(s3={"addressing_style": style}, parameter_validation=False, retries={"max_attempts": 0})
    endpoint = ENDPOINT if style == "path" else None
    return session().client(service, endpoint_url=endpoint, config=config)


def environ_of(request: Any) -> dict[str, Any]:
    """The WSGI environment of a prepared request, with the raw path that our server adds."""
    parts = urlsplit(request.url)
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    body = body.encode() if isinstance(body, str) else bytes(body)
    text = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in request.headers.items()}
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in text.items()}
    return {
        **headers,
        "HTTP_HOST": headers.get("HTTP_HOST", parts.netloc),
        "CONTENT_TYPE": headers.get("HTTP_CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(body)),
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote(parts.path, "latin-1") or "/",
        "RAW_URI": (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        "QUERY_STRING": parts.query,
        "wsgi.input": BytesIO(body),
        "labkit.test.body": body,
    }


@lru_cache(maxsize=1)
def _answer() -> Any:
    from botocore.awsrequest import AWSResponse

    return lambda: AWSResponse("http://x", 500, {}, _Nothing())


class _Nothing:
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield b""


def capture(service: str, operation: str, params: dict[str, Any], style: str = "path") -> dict[str, Any]:
    """What boto3 would send for a call."""
    caught: list[Any] = []

    def before_send(request: Any, **_: Any) -> Any:
        caught.append(request)
        return _answer()()

    aws = client(service, style)
    aws.meta.events.register_first("before-send.*", before_send, unique_id="capture")
    try:
        aws._make_api_call(operation, params)
    except Exception as error:
        if not caught:
            raise AssertionError(f"{service}:{operation} was not sent: {error}") from error
    finally:
        aws.meta.events.unregister("before-send.*", unique_id="capture")
    return environ_of(caught[0])


def ask_environ(environ: dict[str, Any]) -> NeededAccess:
    request = read_request(environ)
    body = environ["labkit.test.body"] if needs_body(request, environ) else b""
    return needed_accesses(request, environ, body, ACCOUNT)


Ask = Callable[..., NeededAccess]


@pytest.fixture
def ask() -> Ask:
    """`ask("glue", "GetJob", JobName="sales")`: what the request of this call needs."""

    def needed(service: str, operation: str, style: str = "path", /, **params: Any) -> NeededAccess:
        return ask_environ(capture(service, operation, params, style))

    return needed


@pytest.fixture(autouse=True)
def no_state() -> None:
    hooks.set_environment()
