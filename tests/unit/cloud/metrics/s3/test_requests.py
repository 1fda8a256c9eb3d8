"""How S3 requests are counted: which kind a request is, errors, bytes, and what costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud.database import Database
from labkit.cloud.documents import Documents
from labkit.cloud.metrics.s3.configurations import Configuration, Configurations
from labkit.cloud.metrics.s3.requests import S3Requests
from labkit.cloud.metrics.storage import MetricStorage
from tests.unit.cloud.metrics.asking import SCOPE

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


class Front:
    """The counted front, with an answer that the test sets."""

    def __init__(self, storage: MetricStorage, folder: Path) -> None:
        self.configurations = Configurations(Documents(Database(folder / "cloud.db")), SCOPE.account)
        self.configurations.put("bucket", Configuration("Entire"))
        self.configurations.put("bucket", Configuration("raw", "raw/"))
        self.answer: tuple[str, Iterable[bytes]] = ("200 OK", [b"ok"])
        self._storage = storage
        self._app = S3Requests(storage, self.configurations, SCOPE.account).watch(self._plain)

    def _plain(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(self.answer[0], [])
        return self.answer[1]

    def ask(self, method: str, path: str, query: str = "", body: int = 0, authorization: str = SIGNED) -> bytes:
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "127.0.0.1:4566",
            "CONTENT_LENGTH": str(body or ""), "HTTP_AUTHORIZATION": authorization,
        }  # fmt: skip
        return b"".join(self._app(environ, lambda *_: None))

    def sums(self, name: str = "Entire") -> dict[str, float]:
        """The sum of each metric of a FilterId, without latencies and zeros."""
        found = {}
        for metric, _ in self._storage.metrics(SCOPE, "AWS/S3"):
            if ("FilterId", name) in metric.dimensions and "Latency" not in metric.name:
                rows = self._storage.rows(SCOPE, metric, 0, 1 << 40)
                total = sum(row.aggregate.total for row in rows)
                if total:
                    found[metric.name] = total
        return found


@pytest.fixture
def front(storage: MetricStorage, tmp_path: Path) -> Front:
    return Front(storage, tmp_path)


@pytest.mark.parametrize(
    ("method", "path", "query", "kind"),
    [
        ("GET", "/bucket/a", "", "GetRequests"), ("GET", "/bucket/a", "X-Amz-Algorithm=x&X-Amz-Date=y", "GetRequests"),
        ("GET", "/bucket/a", "tagging", "GetRequests"), ("PUT", "/bucket/a", "", "PutRequests"),
        ("PUT", "/bucket/a", "partNumber=1&uploadId=x", "PutRequests"), ("HEAD", "/bucket/a", "", "HeadRequests"),
        ("HEAD", "/bucket", "", "HeadRequests"), ("POST", "/bucket/a", "uploads", "PostRequests"),
        ("DELETE", "/bucket/a", "", "DeleteRequests"), ("POST", "/bucket", "delete", "DeleteRequests"),
        ("GET", "/bucket", "list-type=2&prefix=", "ListRequests"), ("GET", "/bucket/", "", "ListRequests"),
        ("GET", "/bucket", "uploads", "ListRequests"), ("GET", "/bucket/a", "uploadId=x", "ListRequests"),
        ("GET", "/bucket", "versions", "ListRequests"),
        ("GET", "/bucket", "location", ""), ("PUT", "/bucket", "policy", ""), ("DELETE", "/bucket", "policy", ""),
        ("GET", "/webhdfs/v1/bucket/a", "op=OPEN&data=true", "GetRequests"),
        ("GET", "/webhdfs/v1/bucket/a", "op=GETFILESTATUS", "HeadRequests"),
        ("GET", "/webhdfs/v1/bucket/a", "op=LISTSTATUS", "ListRequests"),
    ],
)  # fmt: skip
def test_kinds_of_requests(front: Front, method: str, path: str, query: str, kind: str) -> None:
    front.ask(method, path, query)
    counted = {name: value for name, value in front.sums().items() if name.endswith("Requests")}
    assert counted == {"AllRequests": 1, **({kind: 1} if kind else {})}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/webhdfs/v1/bucket/a", "op=OPEN"),  # answered by a redirect, which S3 has none of
        ("/webhdfs/v1/bucket/out/_temporary/0/a", "op=OPEN&data=true"),
        ("/other/a", ""),
        ("/", ""),
    ],
)
def test_what_is_not_counted(front: Front, path: str, query: str) -> None:
    front.ask("GET", path, query)
    assert front.sums() == {}


def test_another_services_path_is_no_bucket(front: Front) -> None:
    front.ask("GET", "/bucket/functions", authorization=SIGNED.replace("/s3/", "/lambda/"))
    assert front.sums() == {}


def test_bytes_and_errors_are_summed(front: Front) -> None:
    front.ask("PUT", "/bucket/raw/a", body=100)
    front.answer = ("404 Not Found", [b"none"])
    front.ask("GET", "/bucket/b")
    front.answer = ("503 Slow Down", [])
    front.ask("GET", "/bucket/raw/b")
    assert front.sums() == {
        "AllRequests": 3, "PutRequests": 1, "GetRequests": 2, "BytesUploaded": 100, "BytesDownloaded": 6,
        "4xxErrors": 1, "5xxErrors": 1,
    }  # fmt: skip
    assert front.sums("raw") == {
        "AllRequests": 2, "PutRequests": 1, "GetRequests": 1, "BytesUploaded": 100, "BytesDownloaded": 2, "5xxErrors": 1,
    }  # fmt: skip


def test_a_streamed_body_is_counted_when_it_ends(front: Front) -> None:
    def blocks() -> Iterator[bytes]:
        assert front.sums() == {}
        yield b"abc"
        yield b"de"

    front.answer = ("200 OK", blocks())
    assert front.ask("GET", "/bucket/a") == b"abcde"
    assert front.sums()["BytesDownloaded"] == 5


def test_a_deleted_bucket_takes_its_configurations_along(front: Front) -> None:
    front.answer = ("409 Conflict", [])
    front.ask("DELETE", "/bucket")
    assert len(front.configurations.of("bucket")) == 2
    front.answer = ("204 No Content", [])
    front.ask("DELETE", "/bucket")
    assert front.configurations.of("bucket") == ()
