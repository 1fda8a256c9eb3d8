"""Publishes what happens to objects to whom the bucket's configuration names."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.events.origin import Origin, current_origin, find_principal
from labkit.cloud.events.permission import Source
from labkit.cloud.events.record import ObjectChange, Sequencer, build_event
from labkit.cloud.events.targets import why_not
from labkit.cloud.functions.configuration import scope_of
from labkit.cloud.functions.messages import send_message

if TYPE_CHECKING:
    from moto.s3.models import FakeBucket, FakeKey

    from labkit.cloud.documents import Documents
    from labkit.cloud.services import Services

KIND = "s3-message"
_log = logging.getLogger(__name__)


class AsyncInvoker(Protocol):
    """The part of the Lambda engine that S3 needs."""

    def invoke_async(self, function: str, payload: str, scope: Scope, trace: str | None = None) -> str: ...


class S3Events:
    """Takes the place of moto's ``s3.notifications.send_event``.

    Events for functions are in the durable queue of the Lambda engine when `publish` returns; messages for queues and topics
    are stored too and sent by a thread of its own.
    """

    def __init__(self, services: Services, functions: AsyncInvoker) -> None:
        self._functions = functions
        self._documents: Documents = services.documents
        self._clock: Callable[[], datetime] = services.clock
        self._changed = services.changed
        self._sequencer = Sequencer()
        self._outbox: SimpleQueue[tuple[Scope, str] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._send_all, daemon=True, name="s3-messages")

    def start(self) -> None:
        """Send the messages that an earlier run stored and did not send, then those that come."""
        for scope, name, _ in self._documents.list(KIND):
            self._outbox.put((scope, name))
        self._thread.start()

    def stop(self) -> None:
        """Send what is waiting, then stop."""
        self._outbox.put(None)
        if self._thread.is_alive():
            self._thread.join(5)

    def publish(self, account_id: str, event_name: str, bucket: FakeBucket, key: FakeKey) -> None:
        """Tell the bucket's subscribers of one event (``s3:ObjectCreated:Put``) that the request of this thread caused."""
        origin = current_origin()
        name = str(getattr(event_name, "value", event_name))
        if _is_side_effect(name, key, origin):
            return
        configuration = bucket.notification_configuration
        if configuration is None:
            return
        if configuration.event_bridge is not None:
            self._to_event_bridge(account_id, bucket, name, key)
        change = self._describe(name, account_id, bucket, key, origin)
        source = Source(bucket.name, account_id)
        for service, rules in (
            ("lambda", configuration.cloud_function),
            ("sqs", configuration.queue),
            ("sns", configuration.topic),
        ):
            for rule in rules:
                if rule.matches(name, key.name):
                    self._hand_over(service, rule.arn, build_event(change, rule.id), source, origin.trace)

    def _hand_over(self, service: str, arn: str, event: dict[str, Any], source: Source, trace: str | None) -> None:
        reason = why_not(arn, service, source)
        if reason is not None:
            # The configuration was valid once. AWS drops the event as well; here the server's log says so.
            _log.warning("An event of bucket %s was not delivered to %s: %s", source.bucket, arn, reason)
            return
        place = scope_of(arn, Scope(source.account, ""))
        body = json.dumps(event)
        if service == "lambda":
            self._functions.invoke_async(arn, body, place, trace)
            return
        name = event["Records"][0]["s3"]["object"]["sequencer"] + arn
        self._documents.put(KIND, place, name, {"arn": arn, "body": body})
        self._outbox.put((place, name))

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
            etag=str(getattr(key, "etag", "d41d8cd98f00b204e9800998ecf8427e")).replace('"', ""),
            version_id=str(key.version_id) if versioned else None,
            sequencer=self._sequencer.next(),
            when=self._clock(),
            principal=find_principal(account_id, origin.access_key),
            source_ip=origin.source_ip,
            request_id=origin.request_id.replace("-", "").upper()[:16],
        )

    def _to_event_bridge(self, account_id: str, bucket: FakeBucket, name: str, key: FakeKey) -> None:
        from moto.s3.notifications import _send_event_bridge_message

        sending = threading.Thread(target=_send_event_bridge_message, args=(account_id, bucket, name, key), daemon=True)
        sending.start()

    def _send_all(self) -> None:
        while (item := self._outbox.get()) is not None:
            scope, name = item
            document = self._documents.find(KIND, scope, name)
            if document is None:
                continue
            try:
                send_message(document["arn"], document["body"])
                self._changed(document["arn"].split(":")[2], scope.account, scope.region)
            except AwsError as error:
                _log.warning("An S3 event was not delivered to %s: %s", document["arn"], error.message)
            self._documents.delete(KIND, scope, name)


def _is_side_effect(event_name: str, key: FakeKey, origin: Origin) -> bool:
    """Whether moto raises the event on the way to another one, which AWS does not.

    moto completes a multipart upload as a Put too (the key then has its `multipart`), and sets the tags of every new object
    by the code of PutObjectTagging.
    """
    if event_name == "s3:ObjectCreated:Put":
        return getattr(key, "multipart", None) is not None
    return event_name.startswith("s3:ObjectTagging:") and not origin.is_tagging
