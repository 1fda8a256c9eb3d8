"""Counts S3 requests where a bucket has a metrics configuration (AWS/S3 with BucketName and FilterId, by the minute).

It stands around the whole front, so that refused requests and Spark's are counted too. Without a configuration for the bucket a request
costs a dict look-up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.metrics.s3.configurations import Configuration, Configurations
from labkit.cloud.metrics.s3.rest import bucket_and_key
from labkit.cloud.metrics.storage import MetricStorage
from labkit.cloud.store import Store, StoredObject

_GATEWAY = "/webhdfs/v1/"
# What Hadoop's operations would be on S3; writes are counted where the object comes into being (`CountedStore`).
_HADOOP = {"GETFILESTATUS": "HeadRequests", "LISTSTATUS": "ListRequests"}
_BY_METHOD = {"GET": "GetRequests", "PUT": "PutRequests", "HEAD": "HeadRequests", "POST": "PostRequests"}
_LISTS = ("list-type", "versions", "uploads", "uploadId")
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class Measured:
    """One request; times are seconds of the performance counter."""

    bucket: str
    key: str
    kind: str
    uploaded: int
    began: float
    status: int = 0
    first_byte: float = 0.0
    downloaded: int = 0


class S3Requests:
    """Counts requests by the configurations of their buckets."""

    def __init__(self, storage: MetricStorage, configurations: Configurations, account: str) -> None:
        self._storage = storage
        self._configurations = configurations
        self._account = account
        self._scopes: dict[str, Scope] = {}

    def watch(self, app: Wsgi) -> Wsgi:
        """The same application, counted."""

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            measured = self._begin(environ)
            if measured is None:
                return app(environ, start_response)
            began = measured

            def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                began.status = int(status[:3])
                began.first_byte = time.perf_counter()
                return start_response(status, headers, *more)

            body = app(environ, start)
            if isinstance(body, list):
                measured.downloaded = sum(len(block) for block in body)
                self.count(measured)
                return body
            return self._streamed(body, measured)

        return answer

    def count(self, measured: Measured) -> None:
        """Record a request that has ended."""
        if measured.kind == "Bucket" and measured.status == 204:
            self._configurations.forget(measured.bucket)
            self._scopes.pop(measured.bucket, None)
            return
        told = _told(measured, time.perf_counter())
        scope = self._scopes.get(measured.bucket)
        if scope is None:
            scope = self._scopes[measured.bucket] = Scope(self._account, _region(self._account, measured.bucket))
        minute = int(time.time() // 60 * 60)
        for one in self._configurations.of(measured.bucket):
            if one.measures(measured.key, lambda: _tags(self._account, measured.bucket, measured.key)):
                dimensions = (("BucketName", measured.bucket), ("FilterId", one.id))
                self._storage.count(scope, "AWS/S3", dimensions, told, minute)

    def configured(self, bucket: str) -> tuple[Configuration, ...]:
        """The configurations of a bucket."""
        return self._configurations.of(bucket)

    def store(self) -> CountedStore:
        """A store whose writes count as requests, for the gateway."""
        return CountedStore(self)

    def _begin(self, environ: dict[str, Any]) -> Measured | None:
        path = environ["PATH_INFO"]
        if path.startswith(_GATEWAY):
            return self._begin_hadoop(environ, path)
        bucket, key = bucket_and_key(path, environ.get("HTTP_HOST", ""))
        if not self._configurations.of(bucket) or not _is_s3(environ):
            return None
        query = environ.get("QUERY_STRING", "")
        kind = _kind(environ["REQUEST_METHOD"], key, query)
        uploaded = int(environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH") or environ.get("CONTENT_LENGTH") or 0)
        key = key.encode("latin-1").decode("utf-8", "replace")
        return Measured(bucket, key, kind, uploaded, time.perf_counter())

    def _begin_hadoop(self, environ: dict[str, Any], path: str) -> Measured | None:
        bucket, _, key = path[len(_GATEWAY) :].partition("/")
        if (
            not self._configurations.of(bucket)
            or "_temporary" in key
            or ".spark-staging" in key
            or ".hive-staging" in key
        ):
            return None
        query = environ.get("QUERY_STRING", "")
        fields = dict(part.partition("=")[::2] for part in query.split("&"))
        operation = fields.get("op", "").upper()
        kind = "GetRequests" if operation == "OPEN" and "data" in fields else _HADOOP.get(operation)
        if kind is None:
            return None
        key = "" if kind == "ListRequests" else key.encode("latin-1").decode("utf-8", "replace")
        return Measured(bucket, key, kind, 0, time.perf_counter())

    def _streamed(self, body: Iterable[bytes], measured: Measured) -> Iterator[bytes]:
        try:
            for block in body:
                measured.downloaded += len(block)
                yield block
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
            self.count(measured)


class CountedStore(Store):
    """A store whose writes are S3 requests: Spark's, through the gateway."""

    def __init__(self, requests: S3Requests) -> None:
        super().__init__()
        self._requests = requests

    def put(self, bucket: str, key: str, body: bytes | Path, content_type: str | None = None) -> StoredObject:
        """As Store.put, and a PutObject."""
        began = time.perf_counter()
        written = super().put(bucket, key, body, content_type)
        self._count(bucket, key, "PutRequests", began, written.size_bytes)
        return written

    def copy(self, bucket: str, source: str, target: str) -> None:
        """As Store.copy, and a CopyObject, which is a PUT."""
        began = time.perf_counter()
        super().copy(bucket, source, target)
        self._count(bucket, target, "PutRequests", began)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """As Store.delete, and a DeleteObject or a DeleteObjects, as S3A and EMRFS send them."""
        began, told = time.perf_counter(), list(keys)
        super().delete(bucket, told)
        if told:
            self._count(bucket, told[0] if len(told) == 1 else "", "DeleteRequests", began)

    def _count(self, bucket: str, key: str, kind: str, began: float, uploaded: int = 0) -> None:
        if self._requests.configured(bucket):
            now = time.perf_counter()
            self._requests.count(Measured(bucket, key, kind, uploaded, began, 200, now))


def _is_s3(environ: dict[str, Any]) -> bool:
    """A bucket may be called as another service's first path part: the signature tells."""
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    return not authorization or "/s3/aws4_request" in authorization or authorization.startswith("AWS ")


def _kind(method: str, key: str, query: str) -> str:
    told = {part.partition("=")[0] for part in query.split("&")} if query else set()
    names = {name for name in told if name != "x-id" and not name.startswith("X-Amz-")}
    if method == "GET" and (not key or "uploadId" in names):
        return (
            "ListRequests"
            if not names or names & {*_LISTS, "prefix", "delimiter", "marker", "max-keys", "encoding-type"}
            else ""
        )
    if method == "DELETE" or (method == "POST" and "delete" in names):
        return "DeleteRequests" if key or "delete" in names else ("Bucket" if not names else "")
    if not key and method != "HEAD":
        return "PostRequests" if method == "POST" else ""
    return _BY_METHOD.get(method, "")


def _told(measured: Measured, now: float) -> list[tuple[str, float, str]]:
    told = [("AllRequests", 1.0, "Count")]
    if measured.kind and measured.kind != "Bucket":
        told.append((measured.kind, 1.0, "Count"))
    status = measured.status
    told += [("4xxErrors", float(400 <= status < 500), "Count"), ("5xxErrors", float(status >= 500), "Count")]
    if measured.downloaded:
        told.append(("BytesDownloaded", float(measured.downloaded), "Bytes"))
    if measured.uploaded:
        told.append(("BytesUploaded", float(measured.uploaded), "Bytes"))
    first = measured.first_byte or now
    told.append(("FirstByteLatency", _milliseconds(first - measured.began), "Milliseconds"))
    told.append(("TotalRequestLatency", _milliseconds(now - measured.began), "Milliseconds"))
    return told


def _milliseconds(seconds: float) -> float:
    """To three digits, so that a busy minute has hundreds of different values and not thousands."""
    return float(f"{seconds * 1000:.3g}")


def _region(account: str, bucket: str) -> str:
    from moto.s3.models import s3_backends

    found = s3_backends[account]["aws"].buckets.get(bucket)
    return "us-east-1" if found is None else str(found.region_name)


def _tags(account: str, bucket: str, key: str) -> dict[str, str]:
    """The tags of an object; empty when it is gone."""
    from moto.s3.models import s3_backends

    backend = s3_backends[account]["aws"]
    found = backend.buckets.get(bucket)
    stored = found.keys.get(key) if found is not None else None
    return (
        dict(backend.tagger.get_tag_dict_for_resource(stored.arn))
        if stored is not None and hasattr(stored, "arn")
        else {}
    )
