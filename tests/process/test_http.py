"""The HTTP server: what it waits for, and what not."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cloud.http import HttpServer

if TYPE_CHECKING:
    from collections.abc import Iterator

_SILENCE_S = 0.4


class _ImpatientServer(HttpServer):
    timeout = _SILENCE_S / 2


def _echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def port() -> Iterator[int]:
    server = _ImpatientServer(0, _echo)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server.bind_addr[1]
    finally:
        server.stop()
        thread.join(timeout=10)


def test_a_body_may_come_as_slowly_as_it_likes(port: int) -> None:
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as client:
        client.sendall(b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
        time.sleep(_SILENCE_S)
        client.sendall(b"cd")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
