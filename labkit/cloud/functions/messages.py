"""Sends text to SQS queues, SNS topics, event buses and buckets of the local cloud, for the services that do so on AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope

# Message attributes that are numbers; all others are strings.
_NUMBERS = frozenset({"ErrorCode"})


def send_message(arn: str, body: str, attributes: Mapping[str, str] | None = None) -> None:
    """Send text to the SQS queue or SNS topic of an ARN; AwsError when it does not exist or is of another service."""
    parts = arn.split(":")
    service = parts[2] if len(parts) > 5 else ""
    if service == "sqs":
        _send_to_queue(parts, body, attributes or {})
    elif service == "sns":
        _publish_to_topic(arn, parts, body, attributes or {})
    else:
        raise AwsError(
            "InvalidParameterValueException", f"The local cloud delivers records to SQS and SNS only, not to {arn}."
        )


def _send_to_queue(parts: list[str], body: str, attributes: Mapping[str, str]) -> None:
    from moto.core.exceptions import ServiceException
    from moto.sqs.models import sqs_backends

    typed = {
        name: {"DataType": "Number" if name in _NUMBERS else "String", "StringValue": value}
        for name, value in attributes.items()
    }
    try:
        sqs_backends[parts[4]][parts[3]].send_message(parts[5], body, message_attributes=typed or None)
    except (ServiceException, KeyError) as error:
        raise AwsError("QueueDoesNotExist", f"The queue {':'.join(parts)} cannot be written: {error}") from None


def _publish_to_topic(arn: str, parts: list[str], body: str, attributes: Mapping[str, str]) -> None:
    from moto.core.exceptions import ServiceException
    from moto.sns.models import sns_backends

    try:
        typed = {
            name: {"Type": "Number" if name in _NUMBERS else "String", "Value": value}
            for name, value in attributes.items()
        }
        sns_backends[parts[4]][parts[3]].publish(body, arn=arn, message_attributes=typed or None)
    except (ServiceException, KeyError) as error:
        raise AwsError("NotFound", f"The topic {arn} cannot be written: {error}") from None


def put_event(
    put_events: Handler, bus_arn: str, source: str, detail_type: str, resources: list[str], detail: Mapping[str, Any]
) -> None:
    """Put one event on an event bus by EventBridge's own PutEvents; AwsError when there is no such bus."""
    parts = bus_arn.split(":")
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": resources,
        "EventBusName": bus_arn,
    }
    told = put_events(Call("events", "PutEvents", {"Entries": [entry]}, Scope(parts[4], parts[3])))["Entries"][0]
    if told.get("ErrorCode"):
        raise AwsError(told["ErrorCode"], told["ErrorMessage"])


def put_object(bucket_arn: str, account: str, key: str, body: bytes) -> None:
    """Put an object; AwsError when there is no such bucket."""
    from moto.core.exceptions import ServiceException
    from moto.s3.models import s3_backends

    try:
        s3_backends[account]["aws"].put_object(bucket_arn.rpartition(":")[2], key, body)
    except (ServiceException, KeyError) as error:
        raise AwsError("NoSuchBucket", f"The bucket {bucket_arn} cannot be written: {error}") from None
