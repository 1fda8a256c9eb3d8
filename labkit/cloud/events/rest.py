"""The two S3 calls that the events engine answers: Put- and GetBucketNotificationConfiguration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from labkit.cloud.call import AwsError
from labkit.cloud.events.check import check_configuration
from labkit.cloud.events.configuration import keep_configuration, render_configuration
from labkit.cloud.events.origin import current_origin
from labkit.cloud.events.permission import Source
from labkit.cloud.events.rules import read_rules, wants_event_bridge
from labkit.cloud.request import AwsRequest, read_body

if TYPE_CHECKING:
    from labkit.cloud.events.publisher import S3Events

_VIRTUAL_HOST = re.compile(r"(?P<bucket>.+)\.(s3[.-].*|s3\.localhost.*|localhost)(:\d+)?")


class EventsRest:
    """A REST handler for the front."""

    def __init__(self, events: S3Events, account: str) -> None:
        self._events = events
        self._account = account

    def __call__(
        self, request: AwsRequest, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes] | None:
        """The reply to a call about notifications; None for any other, and where moto says NoSuchBucket."""
        if request.service != "s3" or request.method not in ("GET", "PUT"):
            return None
        if "notification" not in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True):
            return None
        bucket = self._find_bucket(_bucket_name(request.path, environ.get("HTTP_HOST", "")))
        if bucket is None:
            return None
        if environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER", self._account) != self._account:
            raise AwsError("AccessDenied", "Access Denied", 403)
        body = b"" if request.method == "PUT" else render_configuration(bucket)
        if request.method == "PUT":
            self._put(bucket, environ)
        headers = [("Content-Type", "application/xml")] if body else []
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _put(self, bucket: Any, environ: dict[str, Any]) -> None:
        body = read_body(environ)
        rules = read_rules(body)
        skip = environ.get("HTTP_X_AMZ_SKIP_DESTINATION_VALIDATION", "").lower() == "true"
        source = Source(bucket.name, self._account)
        check_configuration(rules, source, str(bucket.region_name), skip_targets=skip)
        keep_configuration(bucket, rules, event_bridge=wants_event_bridge(body))
        if not skip:
            targets = [(rule.service, rule.target) for rule in rules if rule.service != "lambda"]
            self._events.send_tests(bucket.name, targets, current_origin().request_id)

    def _find_bucket(self, name: str) -> Any:
        from moto.s3.models import s3_backends

        return s3_backends[self._account]["aws"].buckets.get(name)


def _bucket_name(path: str, host: str) -> str:
    in_host = _VIRTUAL_HOST.fullmatch(host)
    return in_host["bucket"] if in_host else path.lstrip("/").split("/", 1)[0]
