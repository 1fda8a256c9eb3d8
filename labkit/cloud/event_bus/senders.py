"""Sends what a target gets to the service that the target belongs to, as far as the target's policy lets EventBridge."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.event_bus.delivery import Delivery
from labkit.cloud.event_bus.permission import may_deliver
from labkit.cloud.functions.configuration import find_function, scope_of

if TYPE_CHECKING:
    from labkit.cloud.services import Services


class AsyncInvoker(Protocol):
    """The part of the Lambda engine that EventBridge needs."""

    def invoke_async(self, function: str, payload: str, scope: Scope, trace: str | None = None) -> str: ...


class Refused(Exception):
    """A target that cannot be reached: `code` is AWS's of dead-letter messages; `again` whether another attempt may help."""

    def __init__(self, code: str, message: str, *, again: bool = False) -> None:
        super().__init__(message)
        self.code, self.message, self.again = code, message, again


class Senders:
    """One way to each kind of target. ``forward(delivery, bus ARN)`` puts an event on another bus."""

    def __init__(self, services: Services, functions: AsyncInvoker, forward: Callable[[Delivery, str], None]) -> None:
        self._services = services
        self._functions = functions
        self._forward = forward
        self._ways: dict[str, Callable[[Delivery, str, str], None]] = {
            "lambda": self._to_function, "sqs": self._to_queue, "sns": self._to_topic, "logs": self._to_log_group,
            "events": self._to_bus,
        }  # fmt: skip

    def send(self, delivery: Delivery, payload: str) -> None:
        """Send, or Refused."""
        arn = delivery.target["Arn"]
        self._ways[arn.split(":")[2]](delivery, arn, payload)

    def send_dead_letter(self, delivery: Delivery, body: str, attributes: dict[str, str]) -> None:
        """Put a message into the target's dead-letter queue, or Refused."""
        arn = delivery.target["DeadLetterConfig"]["Arn"]
        self._check_permission(delivery, "sqs:SendMessage", arn, _queue(arn), with_role=False)
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self._put_message(arn, body, attributes=typed)

    def _to_function(self, delivery: Delivery, arn: str, payload: str) -> None:
        place = scope_of(arn, delivery.scope)
        try:
            find_function(place, arn)
        except AwsError as error:
            raise Refused("NO_RESOURCE", error.message) from None
        self._check_permission(delivery, "lambda:InvokeFunction", arn, "function", with_role=False)
        self._functions.invoke_async(arn, payload, place, delivery.trace)

    def _to_queue(self, delivery: Delivery, arn: str, payload: str) -> None:
        queue = _queue(arn)
        self._check_permission(delivery, "sqs:SendMessage", arn, queue)
        group = (delivery.target.get("SqsParameters") or {}).get("MessageGroupId")
        if queue.fifo_queue and str(queue.attributes.get("ContentBasedDeduplication")).lower() != "true":
            raise Refused("INVALID_PARAMETER", f"The FIFO queue {arn} must have content-based deduplication enabled.")
        self._put_message(arn, payload, group=group)

    def _put_message(self, arn: str, body: str, group: str | None = None, attributes: Any = None) -> None:
        from moto.core.exceptions import ServiceException
        from moto.sqs.models import sqs_backends

        parts, queue = arn.split(":"), _queue(arn)
        if len(body.encode("utf-8", "replace")) > queue.maximum_message_size:
            text = f"One or more parameters are invalid. Reason: Message must be shorter than {queue.maximum_message_size} bytes."
            raise Refused("INVALID_PARAMETER", text)
        try:
            if queue.fifo_queue:
                sqs_backends[parts[4]][parts[3]].send_message(
                    parts[5], body, message_attributes=attributes, group_id=group
                )
            else:
                _append(queue, body, attributes)
        except ServiceException as error:
            raise Refused("INVALID_PARAMETER", f"The queue {arn} refused the message: {error}") from None
        self._services.changed("sqs", parts[4], parts[3])

    def _to_topic(self, delivery: Delivery, arn: str, payload: str) -> None:
        from moto.core.exceptions import ServiceException
        from moto.sns.models import sns_backends

        parts = arn.split(":")
        backend = sns_backends[parts[4]][parts[3]]
        if arn not in backend.topics:
            raise Refused("NO_RESOURCE", f"Topic does not exist: {arn}")
        self._check_permission(delivery, "sns:Publish", arn, "topic")
        try:
            backend.publish(payload, arn=arn)
        except ServiceException as error:
            raise Refused("INVALID_PARAMETER", f"The topic {arn} refused the message: {error}") from None
        self._services.changed("sns", parts[4], parts[3])
        self._services.changed("sqs", parts[4], parts[3])  # where the topic's subscribers got it

    def _to_log_group(self, delivery: Delivery, arn: str, payload: str) -> None:
        from moto.logs.models import logs_backends

        parts = arn.split(":", 6)
        group = parts[6].removesuffix(":*")
        place = Scope(parts[4], parts[3])
        if group not in logs_backends[place.account][place.region].groups:
            raise Refused("NO_RESOURCE", f"The specified log group does not exist: {group}")
        stream = str(uuid.uuid4())
        resource = f"{arn.removesuffix(':*')}:log-stream:{stream}"
        self._check_permission(delivery, "logs:PutLogEvents", resource, "log group", with_role=False)
        message, stamp = _log_event(payload, delivery.target)
        self._services.logs(place).write(group, stream, [message], stamp)

    def _to_bus(self, delivery: Delivery, arn: str, payload: str) -> None:
        del payload  # another bus gets the event itself, whatever Input says
        self._check_permission(delivery, "events:PutEvents", arn, "event bus")
        self._forward(delivery, arn)

    def _check_permission(
        self, delivery: Delivery, action: str, arn: str, what: Any, *, with_role: bool = True
    ) -> None:
        if what is None:
            raise Refused("NO_RESOURCE", f"The specified queue does not exist: {arn}")
        role = delivery.target.get("RoleArn") if with_role else None
        if role and not self._services.role_trusts(role, "events.amazonaws.com", delivery.scope):
            raise Refused("FAILED_TO_ASSUME_ROLE", f"EventBridge cannot assume the role {role}.")
        if not may_deliver(action, arn, delivery.rule_arn, role):
            who = f"The role {role}" if role else "The resource-based policy"
            raise Refused(
                "NO_PERMISSIONS",
                f"{who} does not allow EventBridge to perform {action} on {arn} for {delivery.rule_arn}.",
            )


def _queue(arn: str) -> Any:
    from moto.sqs.models import sqs_backends

    parts = arn.split(":")
    return sqs_backends[parts[4]][parts[3]].queues.get(parts[5]) if len(parts) > 5 else None


def _append(queue: Any, body: str, attributes: Any) -> None:
    """moto's SendMessage without its count of the whole queue, which would make a burst of n messages cost n squared."""
    from moto.sqs.models import Message

    message = Message(str(uuid.uuid4()), body)
    if attributes:
        message.message_attributes = attributes
    message.mark_sent(delay_seconds=queue.delay_seconds)
    queue.add_message(message)


def _log_event(payload: str, target: Any) -> tuple[str, int]:
    """The message and its time: a template of ``{"timestamp": …, "message": …}`` sets both, as AWS documents."""
    now = int(time.time() * 1000)
    if not target.get("InputTransformer"):
        return payload, now
    try:
        found = json.loads(payload)
    except ValueError:
        return payload, now
    if not isinstance(found, dict) or "message" not in found:
        return payload, now
    message = found["message"]
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False), _stamp(
        found.get("timestamp"), now
    )


def _stamp(value: Any, now: int) -> int:
    from datetime import datetime

    try:
        return int(datetime.fromisoformat(str(value).replace("Z", "+00:00")).timestamp() * 1000)
    except ValueError:
        return now
