"""What is kept of one request while it is answered; everything that costs time is done later by the recorder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.identity.admission import current_admission, enter
from labkit.cloud.identity.principal import Principal
from labkit.cloud.request import AwsRequest, read_body
from labkit.cloud.trail.s3_operations import bucket_and_key

# Larger bodies carry data (objects, packages), not parameters.
_MAX_BODY_BYTES = 1 << 20
_MAX_REPLY_BYTES = 1 << 18
_MAX_CONFIGURATION_BYTES = 1 << 16
_HEADERS = ("HTTP_HOST", "HTTP_X_AMZ_COPY_SOURCE", "HTTP_X_AMZ_INVOCATION_TYPE", "CONTENT_TYPE")
# S3 tells its own; the others' comes first where a reply has both.
_REQUEST_IDS = ("x-amzn-requestid", "x-amz-request-id")


@dataclass
class Heard:
    """One request and its answer; `body` is empty where it is no list of parameters, times are epoch seconds."""

    request: AwsRequest
    request_id: str
    query: str
    source_ip: str
    user_agent: str
    headers: dict[str, str]
    body: bytes = b""
    status: int = 0
    reply: bytes = b""
    reply_headers: dict[str, str] = field(default_factory=dict)
    ended_at: float = 0.0
    # Who the gate let in; None when it let nobody in.
    principal: Principal | None = None

    def watch(self, start_response: Callable[..., Any]) -> Callable[..., Any]:
        """`start_response` that also takes down the status and the request id that the client is told."""

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            admission = current_admission()
            self.principal = admission.principal if admission is not None else None
            self.status = int(status.split(" ", 1)[0])
            self.reply_headers = {name.lower(): value for name, value in headers}
            for name in reversed(_REQUEST_IDS) if self.request.service == "s3" else _REQUEST_IDS:
                if name in self.reply_headers:
                    self.request_id = self.reply_headers[name]
                    break
            return start_response(status, headers, *rest)

        return started

    def end(self, environ: dict[str, Any], reply: Iterable[bytes]) -> None:
        """Take down what was answered; a reply that is still to be made (an object) is left alone."""
        self.ended_at = time.time()
        if not self.body and self.request.service == "lambda":
            self.body = _read_again(environ)
        failed = self.status >= 400
        if isinstance(reply, list) and (failed or self.request.changes_something):
            self.reply = b"".join(reply) if sum(map(len, reply)) <= _MAX_REPLY_BYTES else b""


def hear(request: AwsRequest, environ: dict[str, Any], request_id: str) -> Heard:
    """Begin to listen; the parameters of a call that names its action are read here, and can be read again."""
    enter(None)  # this thread's last request is another one
    length = int(environ.get("CONTENT_LENGTH") or 0)
    most = _MAX_BODY_BYTES if request.action or "/operation/" in request.path else 0
    if request.service == "s3" and request.method == "PUT" and not bucket_and_key(environ, request.path)[1]:
        most = _MAX_CONFIGURATION_BYTES
    return Heard(
        request,
        request_id,
        environ.get("QUERY_STRING", ""),
        environ.get("REMOTE_ADDR") or "127.0.0.1",
        environ.get("HTTP_USER_AGENT", ""),
        {name: environ[name] for name in _HEADERS if name in environ},
        read_body(environ) if 0 < length <= most else b"",
    )


def _read_again(environ: dict[str, Any]) -> bytes:
    """The body of a REST call, when somebody has put it back after reading it."""
    get = getattr(environ.get("wsgi.input"), "getvalue", None)
    return bytes(get()) if get is not None else b""
