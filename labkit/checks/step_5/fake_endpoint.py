"""An endpoint on loopback that answers the calls of one handler under test from a FakeAccount."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from labkit.checks.step_5.fake_glue import FakeAccount, Refused, compute_etag

_XML = "application/xml"


class FakeEndpoint:
    """Answers from `account`, which a check changes between scenarios."""

    def __init__(self, account: FakeAccount) -> None:
        self.account = account
        self.url = ""


@contextmanager
def serve_account(account: FakeAccount) -> Iterator[FakeEndpoint]:
    """Listen on a free port of loopback for as long as the block lasts."""
    endpoint = FakeEndpoint(account)
    kind = type("Handler", (_Handler,), {"endpoint": endpoint})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    endpoint: FakeEndpoint
    protocol_version = "HTTP/1.1"
    # A reply is small and complete: waiting to fill a packet would cost 40 ms a call.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_words: Any) -> None:
        """Say nothing: a check's process prints its result only."""

    def do_POST(self) -> None:
        body = self._read()
        target = self.headers.get("X-Amz-Target", "")
        service, _, operation = target.partition(".")
        if service != "AWSGlue":
            name = target or f"{self.path} {body[:60].decode('utf-8', 'replace')}"
            self.endpoint.account.note(service or "?", operation or name, {}, "NotAnsweredHere")
            self._send_glue_error(Refused("NotAnsweredHere", f"{name} is not answered while a handler is checked"))
            return
        params = json.loads(body or b"{}")
        try:
            found = self.endpoint.account.glue(operation, params)
        except Refused as refused:
            self.endpoint.account.note("glue", operation, params, refused.code)
            self._send_glue_error(refused)
            return
        self.endpoint.account.note("glue", operation, params)
        self._send(200, json.dumps(found).encode(), {"Content-Type": "application/x-amz-json-1.1"})

    def do_PUT(self) -> None:
        body = self._read()
        condition = self.headers.get("If-None-Match", ""), self.headers.get("If-Match", "")
        params = {"name": self._name(), "IfNoneMatch": condition[0], "IfMatch": condition[1]}
        self._answer_s3(
            "PutObject", params, lambda: {"ETag": f'"{self.endpoint.account.put(self._name(), body, *condition)}"'}
        )

    def do_DELETE(self) -> None:
        name = self._name()
        self._answer_s3(
            "DeleteObject", {"name": name}, lambda: self.endpoint.account.objects.pop(name, None) and {}, 204
        )

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        account, name = self.endpoint.account, self._name()
        bucket, _, key = name.partition("/")
        if not key:
            query = parse_qs(urlsplit(self.path).query)
            prefix = query.get("prefix", [""])[0]
            account.note("s3", "ListObjectsV2", {"bucket": bucket, "prefix": prefix})
            self._send(200, _list_document(bucket, account.list_keys(bucket, prefix)), {"Content-Type": _XML})
            return
        operation = "HeadObject" if self.command == "HEAD" else "GetObject"
        try:
            body = account.read(name)
        except Refused as refused:
            account.note("s3", operation, {"name": name}, refused.code)
            self._send_s3_error(refused)
            return
        account.note("s3", operation, {"name": name})
        self._send(200, body, {"ETag": f'"{compute_etag(body)}"', "Last-Modified": "Tue, 03 Nov 2026 08:15:30 GMT"})

    def _answer_s3(self, operation: str, params: dict[str, Any], act: Any, status: int = 200) -> None:
        account = self.endpoint.account
        try:
            self._refuse_unanswered(operation)
            headers = act() or {}
        except Refused as refused:
            account.note("s3", operation, params, refused.code)
            self._send_s3_error(refused)
            return
        account.note("s3", operation, params)
        self._send(status, b"", headers)

    def _refuse_unanswered(self, operation: str) -> None:
        """Copies, parts, tags and access lists are none of a marker's business."""
        copied = self.headers.get("x-amz-copy-source")
        if copied or urlsplit(self.path).query not in ("", f"x-id={operation}"):
            raise Refused("NotAnsweredHere", f"s3 {operation} with {copied or self.path} is not answered", 501)

    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def _read(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return _join_chunks(body) if "aws-chunked" in self.headers.get("Content-Encoding", "") else body

    def _send_glue_error(self, refused: Refused) -> None:
        body = json.dumps({"__type": refused.code, "Message": str(refused)}).encode()
        self._send(
            refused.status, body, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": refused.code}
        )

    def _send_s3_error(self, refused: Refused) -> None:
        body = f"<Error><Code>{refused.code}</Code><Message>{escape(str(refused))}</Message></Error>".encode()
        self._send(refused.status, body, {"Content-Type": _XML})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(body)


def _list_document(bucket: str, found: list[tuple[str, int]]) -> bytes:
    items = "".join(f"<Contents><Key>{escape(key)}</Key><Size>{size}</Size></Contents>" for key, size in found)
    head = f"<Name>{bucket}</Name><KeyCount>{len(found)}</KeyCount><IsTruncated>false</IsTruncated>"
    return f'<?xml version="1.0"?><ListBucketResult>{head}{items}</ListBucketResult>'.encode()


def _join_chunks(body: bytes) -> bytes:
    """The content of an aws-chunked body: sizes in hexadecimal before each piece."""
    found, rest = b"", body
    while rest:
        line, _, rest = rest.partition(b"\r\n")
        size = int(line.split(b";")[0] or b"0", 16)
        if not size:
            break
        found, rest = found + rest[:size], rest[size + 2 :]
    return found
