"""SQS messages as a function's event holds them, and what its answer says about them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any


def build_record(message: Any, queue_arn: str) -> dict[str, Any]:
    """A record of the event for a received message of moto's."""
    record: dict[str, Any] = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": _attributes(message),
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }
    if message.message_attributes:
        record["md5OfMessageAttributes"] = message.attribute_md5
    return record


def failed_ids(answer: Any, ids: Sequence[str]) -> set[str]:
    """The messages that a ReportBatchItemFailures answer names; all of them when the answer has another form.

    docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: an empty or null answer or list is a success, an empty,
    null or unknown identifier or another key is a complete failure.
    """
    if answer in (None, {}, ""):
        return set()
    items = answer.get("batchItemFailures", []) if isinstance(answer, dict) else None
    if items is None and isinstance(answer, dict):
        return set()
    if not isinstance(items, list):
        return set(ids)
    named = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in items]
    return set(ids) if any(name not in ids for name in named) else {str(name) for name in named}


def _attributes(message: Any) -> dict[str, str]:
    found = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": str(message.sender_id),
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if message.group_id is not None:
        found["MessageGroupId"] = message.group_id
    if message.deduplication_id is not None:
        found["MessageDeduplicationId"] = message.deduplication_id
    if message.sequence_number is not None:
        found["SequenceNumber"] = message.sequence_number
    if trace := trace_of(message):
        found["AWSTraceHeader"] = trace
    return found


def trace_of(message: Any) -> str | None:
    """The trace header of the request that sent a message."""
    header = (message.system_attributes or {}).get("AWSTraceHeader")
    found = header.get("StringValue") if isinstance(header, dict) else header
    return str(found) if found else None


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if value.get("BinaryValue") is not None:
        data = value["BinaryValue"]
        found["binaryValue"] = data if isinstance(data, str) else base64.b64encode(data).decode("ascii")
    else:
        found["stringValue"] = value.get("StringValue")
    return found
