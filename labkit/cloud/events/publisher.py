"""Publishes what happens to objects to whom the bucket's configuration names."""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from labkit.cloud.call import Scope
from labkit.cloud.events.bridge import build_bridge_event
from labkit.cloud.events.delivery import AsyncInvoker, Delivery
from labkit.cloud.events.loops import Loops, explain
from labkit.cloud.events.marks import host_mark
from labkit.cloud.events.origin import Origin, current_origin, find_principal
from labkit.cloud.events.outbox import Message, Outbox
from labkit.cloud.events.permission import Source
from labkit.cloud.events.record import ObjectChange, Sequencer, build_event, milliseconds
from labkit.cloud.events.targets import why_not
from labkit.cloud.functions.configuration import scope_of

if TYPE_CHECKING:
    from moto.s3.models import FakeBucket, FakeKey

    from labkit.cloud.services import Services

_EMPTY = "d41d8cd98f00b204e9800998ecf8427e"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outgoing:
    """One event for one target, before it goes out. `key` is the object's, not encoded."""

    service: str
    arn: str
    bucket: str
    key: str
    event: dict[str, Any]
    account: str
    trace: str | None = None


WhyNot = Callable[[str, str, Source], "str | None"]


class Unrest(Protocol):
    """What may disturb deliveries on purpose (see labkit.cloud.chaos)."""

    def plan(self, outgoing: Outgoing) -> Iterable[float]:
        """Seconds after which to deliver the event, one for each delivery."""

    def sent(self, outgoing: Outgoing, names: list[tuple[str, str]]) -> None:
        """The event was stored for delivery; each delayed one by its target's ARN and its name in the outbox."""


class S3Events:
    """Takes the place of moto's ``s3.notifications.send_event``.

    When `publish` returns, events are stored: those for functions in the queue of the Lambda engine, those for
    the event bus in its own, others in the outbox.
    """

    def __init__(self, services: Services, functions: AsyncInvoker, why_not: WhyNot = why_not) -> None:
        self._why_not = why_not
        self._happenings = services.happenings
        self._emit = services.emit
        self._logs = services.logs
        self.loops = Loops(os.environ)
        # Which Glue job run signs with a key; the jobs engine knows (see engines.py).
        self.run_of_key: Callable[[str | None], str | None] = lambda _: None
        self._delivery = Delivery(functions, services.changed)
        self._clock: Callable[[], datetime] = services.clock
        self._sequencer = Sequencer()
        self.outbox = Outbox(services.documents, self._delivery.send)
        self.unrest: Unrest | None = None

    def start(self) -> None:
        """Send the messages that an earlier run stored and did not send, then those that come."""
        self.outbox.start()

    def stop(self) -> None:
        """Send what is due, then stop."""
        self.outbox.stop()

    def publish(self, account_id: str, event_name: str, bucket: FakeBucket, key: FakeKey) -> None:
        """Tell the bucket's subscribers of one event (``s3:ObjectCreated:Put``) that the request of this thread caused."""
        origin = current_origin()
        name = str(getattr(event_name, "value", event_name))
        configuration = bucket.notification_configuration
        if configuration is None or _is_side_effect(name, key, origin):
            return
        change = self._describe(name, account_id, bucket, key, origin)
        depth = 0 if origin.trace else self.loops.depth(self.run_of_key(origin.access_key))
        if configuration.event_bridge is not None:
            self._to_event_bridge(change)
        for service, rules in (
            ("lambda", configuration.cloud_function),
            ("sqs", configuration.queue),
            ("sns", configuration.topic),
        ):
            for rule in rules:
                if rule.matches(name, key.name):
                    event = build_event(change, rule.id)
                    self._pass_on(
                        Outgoing(service, rule.arn, bucket.name, key.name, event, account_id, origin.trace), depth
                    )

    def _pass_on(self, outgoing: Outgoing, depth: int) -> None:
        """Hand an event over, unless it closes a loop through a Glue job; `depth` is how many runs of the chain led to it."""
        if depth and outgoing.service == "lambda":
            if self.loops.is_endless(depth):
                self._break_loop(outgoing)
                return
            outgoing = replace(outgoing, trace=self.loops.trace(depth))
        self.hand_over(outgoing)

    def _break_loop(self, outgoing: Outgoing) -> None:
        function, place = outgoing.arn.split(":")[6], scope_of(outgoing.arn, Scope(outgoing.account, ""))
        words = explain(function)
        self._drop(outgoing, words)
        stream = f"{self._clock():%Y/%m/%d}/[labkit]"
        self._logs(place).write(f"/aws/lambda/{function}", stream, [words + "\n"])

    def hand_over(self, outgoing: Outgoing, *, disturb: bool = True) -> bool:
        """Store an event for delivery, as often and as late as chaos wants it; False when its target does not take it."""
        reason = self._why_not(outgoing.arn, outgoing.service, Source(outgoing.bucket, outgoing.account))
        if reason is not None:
            self._drop(outgoing, reason)
            return False
        unrest = self.unrest if disturb else None
        delays = [0.0] if unrest is None else list(unrest.plan(outgoing))
        names = [self._send(outgoing, delay_s) for delay_s in delays]
        if unrest is not None:
            unrest.sent(outgoing, [(outgoing.arn, name) for name in names if name])
        self._note(outgoing, "delayed" if max(delays) > 0 else "delivered", **_more_than_once(delays))
        return True

    def send_tests(self, bucket: str, targets: Iterable[tuple[str, str]], request_id: str) -> None:
        """Send the ``s3:TestEvent`` that a new configuration causes to its queues and topics (service, ARN), each once."""
        event = {
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": milliseconds(self._clock()),
            "Bucket": bucket,
            "RequestId": request_id,
            "HostId": host_mark(request_id),
        }
        for service, arn in dict.fromkeys(targets):
            self.outbox.put(Message(arn, service, json.dumps(event)))

    def _send(self, outgoing: Outgoing, delay_s: float) -> str:
        body = json.dumps(outgoing.event)
        if outgoing.service == "lambda" and delay_s <= 0:
            self._delivery.send(Message(outgoing.arn, "lambda", body, outgoing.trace))
            return ""
        due = time.time() + delay_s if delay_s > 0 else 0.0
        return self.outbox.put(Message(outgoing.arn, outgoing.service, body, outgoing.trace, due))

    def _drop(self, outgoing: Outgoing, reason: str) -> None:
        """The configuration was valid once. AWS drops the event without a word; here a person can find out why nothing comes."""
        _log.warning("An event of bucket %s was not delivered to %s: %s", outgoing.bucket, outgoing.arn, reason)
        self._note(outgoing, "dropped", reason=reason)

    def _note(self, outgoing: Outgoing, outcome: str, **facts: Any) -> None:
        """Tell `labkit events`."""
        name, path = outgoing.event["Records"][0]["eventName"], f"s3://{outgoing.bucket}/{outgoing.key}"
        place = scope_of(outgoing.arn, Scope(outgoing.account, ""))
        self._happenings.note("s3-event", place, outgoing.arn, outcome, event=name, object=path, **facts)

    def _describe(self, name: str, account_id: str, bucket: FakeBucket, key: FakeKey, origin: Origin) -> ObjectChange:
        versioned = bool(getattr(bucket, "is_versioned", False))
        return ObjectChange(
            event_name=name,
            bucket=bucket.name,
            owner=account_id,
            region=bucket.region_name,
            key=key.name,
            # A delete marker has neither size nor content.
            size_bytes=int(getattr(key, "size", 0) or 0),
            etag=str(getattr(key, "etag", _EMPTY)).replace('"', ""),
            version_id=str(key.version_id) if versioned else None,
            sequencer=self._sequencer.next(),
            when=self._clock(),
            principal=f"AWS:{origin.principal}" if origin.principal else find_principal(account_id, origin.access_key),
            source_ip=origin.source_ip,
            request_id=origin.request_id or secrets.token_hex(8).upper(),
            restored_until=key._expiry if name == "s3:ObjectRestore:Completed" else None,  # noqa: SLF001 - moto gives it no other name
            storage_class=str(getattr(key, "storage_class", "")),
        )

    def _to_event_bridge(self, change: ObjectChange) -> None:
        event = build_bridge_event(change, change.owner)
        if event is not None:
            place = Scope(change.owner, change.region)
            self._emit(place, "aws.s3", event.detail_type, event.detail, (event.resource,), change.when)


def _more_than_once(delays: list[float]) -> dict[str, int]:
    return {"times": len(delays)} if len(delays) > 1 else {}


def _is_side_effect(event_name: str, key: FakeKey, origin: Origin) -> bool:
    """Whether moto raises the event on the way to another one, which AWS does not.

    moto completes a multipart upload as a Put too (the key then has its `multipart`), and sets the tags of every new object
    by the code of PutObjectTagging.
    """
    if event_name == "s3:ObjectCreated:Put":
        return getattr(key, "multipart", None) is not None
    return event_name.startswith("s3:ObjectTagging:") and not origin.is_tagging
