"""The S3 request that the events engine looks at before moto does."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from labkit.cloud.events.check import check_notification_configuration
from labkit.cloud.request import AwsRequest, read_body

_VIRTUAL_HOST = re.compile(r"(?P<bucket>.+)\.(s3[.-].*|s3\.localhost.*|localhost)(:\d+)?")


class EventsRest:
    """A REST handler for the front: checks PutBucketNotificationConfiguration, and leaves the answer to moto."""

    def __init__(self, account: str) -> None:
        self._account = account

    def __call__(
        self, request: AwsRequest, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes] | None:
        """Always None: moto answers, with the body as it can read it. AwsError when S3 would refuse."""
        del start_response
        if request.service != "s3" or request.method != "PUT":
            return None
        if "notification" not in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True):
            return None
        bucket = _bucket_name(request.path, environ.get("HTTP_HOST", ""))
        region = _bucket_region(bucket, self._account)
        if region is None:
            return None  # moto says NoSuchBucket
        skip = environ.get("HTTP_X_AMZ_SKIP_DESTINATION_VALIDATION", "").lower() == "true"
        body = check_notification_configuration(read_body(environ), bucket, self._account, region, skip_targets=skip)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return None


def _bucket_name(path: str, host: str) -> str:
    in_host = _VIRTUAL_HOST.fullmatch(host)
    return in_host["bucket"] if in_host else path.lstrip("/").split("/", 1)[0]


def _bucket_region(bucket: str, account: str) -> str | None:
    from moto.s3.models import s3_backends

    found = s3_backends[account]["aws"].buckets.get(bucket)
    return None if found is None else str(found.region_name)
