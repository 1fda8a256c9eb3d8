"""SNS messages on their way to functions: the event that AWS sends, asynchronously, if the function lets the topic in."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import Scope
from labkit.cloud.functions.configuration import scope_of

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TopicMessage:
    """A message for one subscription; `attributes` as moto keeps them."""

    subscription_arn: str
    topic_arn: str
    endpoint: str
    message_id: str
    message: str
    subject: str | None
    attributes: dict[str, Any]


class TopicDelivery:
    """Hands messages to the durable queue of asynchronous invocations."""

    def __init__(self, services: Services, invoke_async: Callable[..., str], trace: Callable[[], str | None]) -> None:
        self._services = services
        self._invoke_async = invoke_async
        self._trace = trace

    def deliver(self, message: TopicMessage) -> None:
        """Queue the event; a function whose policy does not let the topic in gets nothing, as on AWS, and the server's log says so."""
        from labkit.cloud.identity.access import Access
        from labkit.cloud.identity.authorizer import Origin
        from labkit.cloud.identity.principal import service_principal

        scope = scope_of(message.endpoint, Scope("", ""))
        context = {"aws:sourcearn": (message.topic_arn,), "aws:sourceaccount": (message.topic_arn.split(":")[4],)}
        access = Access("lambda:InvokeFunction", message.endpoint, context)
        if not self._services.authorizer.may(service_principal("sns.amazonaws.com"), access, Origin(scope.region)):
            _log.warning(
                "%s may not invoke %s: its policy does not allow sns.amazonaws.com", message.topic_arn, message.endpoint
            )
            return
        event = build_event(message, self._services.clock(), self._services.endpoint_url)
        self._invoke_async(message.endpoint, json.dumps(event, ensure_ascii=False), scope, self._trace())


def build_event(message: TopicMessage, now: datetime, endpoint_url: str) -> dict[str, Any]:
    """The event of one message; its signature is empty, since nobody here holds AWS's key."""
    unsubscribe = f"{endpoint_url}/?Action=Unsubscribe&SubscriptionArn={message.subscription_arn}"
    told = {
        "Type": "Notification",
        "MessageId": message.message_id,
        "TopicArn": message.topic_arn,
        "Subject": message.subject,
        "Message": message.message,
        "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z",
        "SignatureVersion": "1",
        "Signature": "",
        "SigningCertUrl": f"{endpoint_url}/SimpleNotificationService.pem",
        "UnsubscribeUrl": unsubscribe,
        "MessageAttributes": {name: _attribute(value) for name, value in message.attributes.items()},
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": message.subscription_arn,
        "Sns": told,
    }
    return {"Records": [record]}


def _attribute(value: dict[str, Any]) -> dict[str, str]:
    found = value.get("Value")
    if isinstance(found, bytes):
        found = base64.b64encode(found).decode("ascii")
    return {"Type": str(value.get("Type")), "Value": str(found)}
