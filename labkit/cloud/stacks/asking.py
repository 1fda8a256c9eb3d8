"""How CloudFormation calls the other services: as whoever asked for the stack, through the same front as everybody.

So each call of a stack passes the gate with its real action and resource, is checked, recorded and saved like any other
(docs.aws.amazon.com/AWSCloudFormation, "AWS CloudFormation service role": without a role the caller's credentials are used).
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.events.origin import current_origin
from labkit.cloud.identity.admission import current_admission
from labkit.cloud.identity.callers import find_secret
from labkit.cloud.identity.gate import ON_BEHALF

SERVICE = "cloudformation.amazonaws.com"
_SESSION = "AWSCloudFormation"
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Keys = tuple[str, str, str]


@dataclass
class Reach:
    """The way from a stack to the services; `role_credentials` is the cloud's own (role, session name, scope)."""

    role_credentials: Callable[[str, str, Scope], Any]
    endpoint_url: str
    front: Wsgi | None = None
    _clients: dict[tuple[str, str, Keys], Any] = field(default_factory=dict)
    _session: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, scope: Scope, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Make a call (`operation` in boto3's spelling) and return its reply; AwsError in the service's own words."""
        from botocore.exceptions import ClientError, ParamValidationError

        keys = self._keys(scope)
        client = self._client(service, scope.region, keys)
        try:
            reply: dict[str, Any] = getattr(client, operation)(**params)
        except ClientError as error:
            found = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise AwsError(found.get("Code", "Unknown"), found.get("Message", ""), status) from error
        except ParamValidationError as error:
            raise AwsError("ValidationError", f"Properties validation failed: {error}") from error
        return reply

    def _keys(self, scope: Scope) -> Keys:
        admission = current_admission()
        role = str(admission.params.get("RoleARN") or "") if admission is not None else ""
        if role:
            found = self.role_credentials(role, _SESSION, scope)
            return found.access_key, found.secret_key, found.token
        key = current_origin().access_key or "test"
        return key, *(find_secret(key, scope.account) or ("test", ""))

    def _client(self, service: str, region: str, keys: Keys) -> Any:
        with self._lock:
            found = self._clients.get((service, region, keys))
            if found is None:
                if len(self._clients) > 64:  # sessions come and go
                    self._clients.clear()
                found = self._clients[service, region, keys] = self._new_client(service, region, keys)
            return found

    def _new_client(self, service: str, region: str, keys: Keys) -> Any:
        from botocore.config import Config
        from botocore.session import Session

        if self._session is None:
            self._session = Session()
        client = self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
            aws_session_token=keys[2] or None,
            config=Config(retries={"total_max_attempts": 1}, user_agent=SERVICE, s3={"addressing_style": "path"}),
        )
        client.meta.events.register("before-send.*", self._send)
        return client

    def _send(self, request: Any, **_: Any) -> Any:
        """Answer a prepared request without a socket: what is sent over the network here would wait for one of our own threads."""
        from botocore.awsrequest import AWSResponse

        answer = _Answer()
        # The request of the stack is this thread's; the front keeps what it answers by thread.
        thread = threading.Thread(target=answer.take, args=(self.front, _environ(request)), name="stack-call")
        thread.start()
        thread.join()
        if answer.error is not None:
            raise answer.error
        headers: Any = answer.headers  # botocore wraps them
        return AWSResponse(request.url, answer.status, headers, _Raw(answer.body))


class _Raw(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: Any) -> Iterable[bytes]:
        yield self.read()


@dataclass
class _Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: BaseException | None = None

    def take(self, front: Wsgi, environ: dict[str, Any]) -> None:
        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            self.status, self.headers = int(status.split(" ", 1)[0]), dict(headers)
            return lambda data: None

        try:
            self.body = b"".join(front(environ, start_response))
        except BaseException as error:  # noqa: BLE001 - the asking thread raises it
            self.error = error


def _environ(request: Any) -> dict[str, Any]:
    from urllib.parse import unquote_to_bytes

    url = urlsplit(request.url)
    body = request.body or b""
    data = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
    path = unquote_to_bytes(url.path or "/").decode("latin-1")
    address = url.path + (f"?{url.query}" if url.query else "")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": url.query,
        "RAW_URI": address,
        "REQUEST_URI": address,
        "SERVER_NAME": url.hostname or "127.0.0.1",
        "SERVER_PORT": str(url.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": current_origin().source_ip,
        "HTTP_HOST": url.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(data),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        ON_BEHALF: SERVICE,
    }
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    environ["CONTENT_LENGTH"] = str(len(data))
    return environ
