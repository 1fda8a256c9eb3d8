"""Replies and errors in the form that each AWS protocol wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

from labkit.cloud.call import AwsError
from labkit.cloud.events.marks import host_mark, request_mark

StartResponse = Callable[..., Any]


def json_reply(
    start_response: StartResponse, document: Any, request_id: str, status: str = "200 OK"
) -> Iterable[bytes]:
    """A reply of the JSON 1.1 protocol (Glue, Athena, Logs)."""
    body = json.dumps(document, default=_json_value, ensure_ascii=False).encode()
    start_response(
        status,
        [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("Content-Length", str(len(body))),
            ("x-amzn-RequestId", request_id),
        ],
    )
    return [body]


def error_reply(
    start_response: StartResponse, service: str, error: AwsError, request_id: str, *, form: bool = False
) -> Iterable[bytes]:
    """An error of the service's protocol: XML for S3 and for what was asked as a form (IAM, STS, Redshift …), JSON for the rest."""
    if service == "s3":
        body = _s3_error(error, request_id)
    elif form:
        body = _query_error(error, request_id)
    else:
        document = {"__type": error.code, "message": error.message, "Message": error.message, **error.fields}
        body = json.dumps(document, ensure_ascii=False).encode()
    kind = "application/xml" if body.startswith(b"<") else "application/x-amz-json-1.1"
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", request_id),
        ("x-amzn-ErrorType", error.code),
    ]
    start_response(f"{error.status} Error", headers)
    return [body]


def _s3_error(error: AwsError, request_id: str) -> bytes:
    mark = request_mark(request_id)
    fields = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in error.fields.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>{fields}"
        f"<RequestId>{mark}</RequestId><HostId>{host_mark(mark)}</HostId></Error>"
    ).encode()


def _query_error(error: AwsError, request_id: str) -> bytes:
    kind = "Sender" if error.status < 500 else "Receiver"
    return (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


def _json_value(value: Any) -> Any:
    """Times are epoch seconds in the JSON protocol."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a JSON value")
