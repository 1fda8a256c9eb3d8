"""The HTTP server: Cheroot, with what moto and S3 need of the WSGI environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.wsgi import Gateway_10, Server

# Enough for a sync Lambda call per student tool, Spark's readers and a notebook at once; an idle thread costs a few KiB.
_THREADS = 48
_KEEP_ALIVE_S = 60
# Spark opens a file before it has rows for it, and a Parquet file sends nothing before its first row group is full.
_BODY_S = 3600


class _Gateway(Gateway_10):
    """Adds the undecoded path (S3 keys may hold an encoded slash) and metadata header names that have underscores."""

    def get_environ(self) -> dict[str, Any]:
        from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY, environ_key_for_header

        environ: dict[str, Any] = super().get_environ()
        environ["RAW_URI"] = environ["REQUEST_URI"]
        names = [name.decode("latin-1") for name in self.req.inheaders if b"_" in name]
        kept = {environ_key_for_header(name): name for name in names if name.lower().startswith("x-amz-meta-")}
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = kept
        return environ


class _Request(HTTPRequest):
    """Java's HTTP client sends letters outside ASCII as raw UTF-8 in the request line; Cheroot wants them encoded."""

    def read_request_line(self) -> bool:
        read = self.rfile.readline
        self.rfile.readline = lambda *size: encode_request_line(read(*size))
        try:
            return bool(super().read_request_line())
        finally:
            del self.rfile.readline

    def respond(self) -> None:
        """Answer; while the body comes and the answer goes, silence is no reason to hang up."""
        self.conn.socket.settimeout(_BODY_S)
        try:
            super().respond()
        finally:
            self.conn.socket.settimeout(self.server.timeout)


class _Connection(HTTPConnection):
    RequestHandlerClass = _Request


def encode_request_line(line: bytes) -> bytes:
    """Percent-encode what may not stand in a URI; an ordinary line comes back as it is."""
    if line.isascii() and line.count(b" ") <= 2:
        return line
    method, _, rest = line.partition(b" ")
    uri, _, protocol = rest.rpartition(b" ")
    encoded = b"".join(b"%%%02X" % byte if byte > 126 or byte == 32 else bytes([byte]) for byte in uri)
    return b" ".join((method, encoded, protocol))


class HttpServer(Server):
    """A threaded HTTP/1.1 server on loopback; `prepare` takes the port (OSError), `serve` answers until `stop`.

    The application may be set (`wsgi_app`) after the port is taken: it must know its own address.
    """

    ConnectionClass = _Connection
    keep_alive_conn_limit = 200
    timeout = _KEEP_ALIVE_S

    def __init__(self, port: int, app: Callable[..., Iterable[bytes]] | None = None) -> None:
        super().__init__(("127.0.0.1", port), app, numthreads=_THREADS, request_queue_size=128)
        self.gateway = _Gateway
        self.shutdown_timeout = 1

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Clients that hang up are daily life (Spark closes a stream once it has read enough)."""
        import logging

        logging.getLogger(__name__).log(level, msg, exc_info=traceback)
