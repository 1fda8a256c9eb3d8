"""The four S3 calls about metrics configurations, which moto lacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, unquote

from labkit.cloud.call import AwsError
from labkit.cloud.metrics.s3.configurations import (
    NAMESPACE,
    Configurations,
    no_such_configuration,
    read_configuration,
    render_configuration,
)
from labkit.cloud.request import AwsRequest, read_body

_VIRTUAL_HOST = re.compile(r"(?P<bucket>.+)\.(s3[.-].*|s3\.localhost.*|localhost)(:\d+)?")
_PAGE = 100
Start = Callable[..., Any]


class MetricsRest:
    """A REST handler for the front: `?metrics`, with and without `id`."""

    def __init__(self, configurations: Configurations, account: str) -> None:
        self._configurations = configurations
        self._account = account

    def __call__(self, request: AwsRequest, environ: dict[str, Any], start_response: Start) -> Iterable[bytes] | None:
        """The reply to a call about metrics configurations; None for any other."""
        text = environ.get("QUERY_STRING", "")
        if request.service != "s3" or "metrics" not in text:
            return None
        query = parse_qs(text, keep_blank_values=True)
        bucket, key = bucket_and_key(request.path, environ.get("HTTP_HOST", ""))
        if "metrics" not in query or key:
            return None
        self._require(bucket, environ)
        name = query.get("id", [""])[0]
        if request.method == "PUT":
            self._configurations.put(bucket, read_configuration(read_body(environ), name))
            return _reply(start_response, "200 OK", "")
        if request.method == "DELETE":
            self._configurations.delete(bucket, name)
            return _reply(start_response, "204 No Content", "")
        if request.method != "GET":
            raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
        if "id" in query:
            found = next((one for one in self._configurations.of(bucket) if one.id == name), None)
            if found is None:
                raise no_such_configuration()
            return _reply(start_response, "200 OK", render_configuration(found))
        return _reply(start_response, "200 OK", self._list(bucket, query.get("continuation-token", [""])[0]))

    def _list(self, bucket: str, token: str) -> str:
        """At most 100 a page, as S3 gives them."""
        found = [one for one in self._configurations.of(bucket) if one.id > token]
        shown, more = found[:_PAGE], len(found) > _PAGE
        parts = "".join(render_configuration(one, root=False) for one in shown)
        parts += f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>"
        if token:
            parts += f"<ContinuationToken>{token}</ContinuationToken>"
        if more:
            parts += f"<NextContinuationToken>{shown[-1].id}</NextContinuationToken>"
        return f'<ListMetricsConfigurationsResult xmlns="{NAMESPACE}">{parts}</ListMetricsConfigurationsResult>'

    def _require(self, bucket: str, environ: dict[str, Any]) -> None:
        from moto.s3.models import s3_backends

        if bucket not in s3_backends[self._account]["aws"].buckets:
            fields = {"BucketName": bucket}
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404, fields)
        if environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER", self._account) != self._account:
            raise AwsError("AccessDenied", "Access Denied", 403)


def bucket_and_key(path: str, host: str) -> tuple[str, str]:
    """What a path (decoded) or a host and a path name."""
    in_host = _VIRTUAL_HOST.fullmatch(host)
    if in_host:
        return in_host["bucket"], path.lstrip("/")
    bucket, _, key = path.lstrip("/").partition("/")
    return unquote(bucket), key


def _reply(start_response: Start, status: str, body: str) -> Iterable[bytes]:
    data = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode() if body else b""
    headers = [("Content-Type", "application/xml")] if data else []
    start_response(status, [*headers, ("Content-Length", str(len(data)))])
    return [data]
