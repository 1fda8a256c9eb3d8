"""From a request that was heard to CloudTrail's record of it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from html import unescape
from typing import Any

from labkit.cloud.identity.principal import Principal
from labkit.cloud.trail.elements import show
from labkit.cloud.trail.heard import Heard
from labkit.cloud.trail.kinds import event_name, event_region, event_source, is_data, is_read
from labkit.cloud.trail.operations import Operation, find_operation, service_model
from labkit.cloud.trail.resources import find_resources, record_resources
from labkit.cloud.trail.user_identity import stamp, user_identity, user_name

# docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
EVENT_VERSION = "1.11"
_CODE = re.compile(rb"<Code>(.*?)</Code>", re.DOTALL)
_MESSAGE = re.compile(rb"<Message>(.*?)</Message>", re.DOTALL)
# A HEAD has no body that could name the error.
_HEAD_CODES = {
    403: "AccessDenied",
    ("HeadObject", 404): "NoSuchKey",
    ("HeadBucket", 404): "NoSuchBucket",
    412: "PreconditionFailed",
}
_MAX_MESSAGE = 1024


@dataclass(frozen=True)
class TrailEvent:
    """One event as it is stored; `at` is epoch seconds, `resources` are (type, name), `record` CloudTrail's JSON."""

    event_id: str
    at: float
    region: str
    is_management: bool
    is_read: bool
    source: str
    name: str
    user_name: str
    access_key: str
    error: str
    resources: tuple[tuple[str, str], ...]
    record: dict[str, Any]


def build_event(heard: Heard, account: str, find_caller: Callable[[str | None], Principal | None]) -> TrailEvent:
    """The event of one request."""
    request, operation = heard.request, find_operation(heard)
    service = request.service
    principal = heard.principal or find_caller(request.access_key)
    code, message = find_error(heard, operation.name)
    params = show(operation.params, operation.shape, service) or None
    reads = is_read(service, operation.name)
    answer = None if code or (reads and service != "sts") else _response_elements(heard, operation)
    data, region = is_data(service, operation.name), event_region(service, request.region)
    record: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": user_identity(principal) if principal is not None else _unknown(request.access_key, account),
        "eventTime": stamp(datetime.fromtimestamp(heard.ended_at, timezone.utc)),
        "eventSource": event_source(service),
        "eventName": event_name(service, operation.name),
        "awsRegion": region,
        "sourceIPAddress": heard.source_ip,
        "userAgent": heard.user_agent,
        **({"errorCode": code} if code else {}),
        **({"errorMessage": message} if code and message else {}),
        "requestParameters": params,
        "responseElements": answer,
        "requestID": heard.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": reads,
        "resources": record_resources(service, params or {}, account, region),
        "eventType": "AwsApiCall",
        "managementEvent": not data,
        "recipientAccountId": account,
        "eventCategory": "Data" if data else "Management",
    }
    if not record["resources"]:
        del record["resources"]
    return _event(record, heard.ended_at, principal, service, operation.name)


def build_service_event(
    service: str,
    operation: str,
    params: dict[str, Any],
    answer: dict[str, Any] | None,
    *,
    by: str,
    account: str,
    region: str,
    at: float,
) -> TrailEvent:
    """The event of a call that an AWS service (`glue.amazonaws.com`) makes for itself."""
    principal = Principal("service", account, by, by, by)
    record: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": user_identity(principal),
        "eventTime": stamp(datetime.fromtimestamp(at, timezone.utc)),
        "eventSource": event_source(service),
        "eventName": event_name(service, operation),
        "awsRegion": region,
        "sourceIPAddress": by,
        "userAgent": by,
        "requestParameters": params,
        "responseElements": answer,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": is_read(service, operation),
        "resources": record_resources(service, params, account, region),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "sharedEventID": str(uuid.uuid4()),
        "eventCategory": "Management",
    }
    return _event(record, at, principal, service, operation)


def _event(record: dict[str, Any], at: float, principal: Principal | None, service: str, operation: str) -> TrailEvent:
    found = find_resources(service, operation, record["requestParameters"], record["responseElements"])
    return TrailEvent(
        record["eventID"],
        at,
        record["awsRegion"],
        bool(record["managementEvent"]),
        bool(record["readOnly"]),
        record["eventSource"],
        record["eventName"],
        user_name(principal) if principal is not None else "",
        str(record["userIdentity"].get("accessKeyId", "")),
        record.get("errorCode", ""),
        tuple(found),
        record,
    )


def _unknown(access_key: str | None, account: str) -> dict[str, Any]:
    """A key that no one holds any more."""
    return {"type": "Unknown", "principalId": "", "accountId": account, "accessKeyId": access_key or ""}


def find_error(heard: Heard, operation: str) -> tuple[str, str]:
    """Error code and message of a reply; empty for success."""
    if heard.status < 400:
        return "", ""
    code, message = "", ""
    if heard.reply.lstrip().startswith(b"<"):
        found, said = _CODE.search(heard.reply), _MESSAGE.search(heard.reply)
        code, message = (unescape(match[1].decode("utf-8", "replace")) if match else "" for match in (found, said))
    elif heard.reply:
        code, message = _json_error(heard.reply)
    code = heard.reply_headers.get("x-amzn-errortype", "").split(":")[0] or code
    fallback = _HEAD_CODES.get((operation, heard.status)) or _HEAD_CODES.get(heard.status) or str(heard.status)
    return (code or fallback).rpartition("#")[2], message[:_MAX_MESSAGE]


def _json_error(reply: bytes) -> tuple[str, str]:
    try:
        document = json.loads(reply)
    except ValueError:
        return "", ""
    if not isinstance(document, dict):
        return "", ""
    code = str(document.get("__type") or document.get("code") or document.get("Code") or "")
    return code, str(document.get("message") or document.get("Message") or "")


def _response_elements(heard: Heard, operation: Operation) -> dict[str, Any] | None:
    """What the answer said, read by the model; None where there is nothing or the model cannot read it."""
    if heard.request.service == "s3" or operation.output_shape is None or not heard.reply:
        return None
    from botocore.parsers import create_parser

    protocol = (
        "json"
        if "json" in heard.reply_headers.get("content-type", "")
        else service_model(heard.request.service).metadata["protocol"]
    )
    if heard.request.service == "lambda":
        protocol = "rest-json"
    try:
        answer = {"headers": heard.reply_headers, "body": heard.reply, "status_code": heard.status}
        parsed = create_parser(protocol).parse(answer, operation.output_shape)
    except Exception:  # noqa: BLE001 - an answer that cannot be read is not shown; the event is
        return None
    parsed.pop("ResponseMetadata", None)
    return show(parsed, operation.output_shape, heard.request.service) or None
