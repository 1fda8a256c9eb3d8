"""Hands an event to the service that its target belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.events.outbox import Message
from labkit.cloud.functions.messages import send_message

_SUBJECT = "Amazon S3 Notification"


class AsyncInvoker(Protocol):
    """The part of the Lambda engine that S3 needs."""

    def invoke_async(self, function: str, payload: str, scope: Scope, trace: str | None = None) -> str: ...


class Delivery:
    """Sends messages; `changed(service, account, region)` hears whose state a message changed."""

    def __init__(self, functions: AsyncInvoker, changed: Callable[[str, str, str], None]) -> None:
        self._functions = functions
        self._changed = changed

    def send(self, message: Message) -> None:
        """Send one message; AwsError when its target is gone."""
        parts = message.arn.split(":")
        service, region, account = message.service, parts[3], parts[4]
        if service == "lambda":
            self._functions.invoke_async(message.arn, message.body, Scope(account, region), message.trace)
            return
        if service == "sns":
            _publish(message.arn, message.body)
        else:
            send_message(message.arn, message.body)
        self._changed(service, account, region)


def _publish(arn: str, body: str) -> None:
    from moto.core.exceptions import ServiceException
    from moto.sns.models import sns_backends

    parts = arn.split(":")
    try:
        sns_backends[parts[4]][parts[3]].publish(body, arn=arn, subject=_SUBJECT)
    except (ServiceException, KeyError) as error:
        raise AwsError("NotFound", f"The topic {arn} cannot be written: {error}") from None
