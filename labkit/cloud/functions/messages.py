"""Sends text to SQS queues and SNS topics of the local cloud, for the services that do so on AWS."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.cloud.call import AwsError


def send_message(arn: str, body: str, attributes: Mapping[str, str] | None = None) -> None:
    """Send text to the SQS queue or SNS topic of an ARN; AwsError when it does not exist or is of another service."""
    parts = arn.split(":")
    service = parts[2] if len(parts) > 5 else ""
    if service == "sqs":
        _send_to_queue(parts, body, attributes or {})
    elif service == "sns":
        _publish_to_topic(arn, parts, body)
    else:
        raise AwsError(
            "InvalidParameterValueException", f"The local cloud delivers records to SQS and SNS only, not to {arn}."
        )


def _send_to_queue(parts: list[str], body: str, attributes: Mapping[str, str]) -> None:
    from moto.core.exceptions import ServiceException
    from moto.sqs.models import sqs_backends

    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    try:
        sqs_backends[parts[4]][parts[3]].send_message(parts[5], body, message_attributes=typed or None)
    except (ServiceException, KeyError) as error:
        raise AwsError("QueueDoesNotExist", f"The queue {':'.join(parts)} cannot be written: {error}") from None


def _publish_to_topic(arn: str, parts: list[str], body: str) -> None:
    from moto.core.exceptions import ServiceException
    from moto.sns.models import sns_backends

    try:
        sns_backends[parts[4]][parts[3]].publish(body, arn=arn)
    except (ServiceException, KeyError) as error:
        raise AwsError("NotFound", f"The topic {arn} cannot be written: {error}") from None
