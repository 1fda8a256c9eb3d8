"""The end of an asynchronous invocation: destinations, the dead-letter queue, and a line in the log when it failed."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Handler, Scope
from labkit.cloud.functions.api.event_invoke import ACTIONS
from labkit.cloud.functions.configuration import FunctionSpec
from labkit.cloud.functions.environment import build_log_stream
from labkit.cloud.functions.events import QueuedEvent
from labkit.cloud.functions.log_writing import LogWriter
from labkit.cloud.functions.measuring import FunctionMetrics
from labkit.cloud.functions.messages import put_event, put_object, send_message
from labkit.cloud.functions.records import build_record
from labkit.cloud.functions.reply import Outcome

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_log = logging.getLogger(__name__)
# SQS and SNS take 1 MiB (aws.amazon.com/about-aws/whats-new, 2025-08); a larger letter is cut by nobody, it fails.
_MAX_ERROR_MESSAGE = 1024


class Outlets:
    """Hears the end of each queued event."""

    def __init__(
        self,
        services: Services,
        find: Callable[[Scope, str, str | None], FunctionSpec],
        invoke_async: Callable[[str, str, Scope, str | None], str],
        put_events: Handler,
        log_writer: LogWriter,
        metrics: FunctionMetrics,
    ) -> None:
        self._services = services
        self._find = find
        self._invoke_async = invoke_async
        self._put_events = put_events
        self._logs = log_writer
        self._metrics = metrics

    def finish(self, event: QueuedEvent, outcome: Outcome | None, condition: str, cause: str) -> None:
        """Send the event on; a destination that cannot be written is told in the function's log, never silently lost.

        `condition` is Success, RetriesExhausted, EventAgeExceeded, or another word of Lambda's for the end of an event.
        """
        scope = Scope(event.account, event.region)
        try:
            spec = self._find(scope, event.function, event.qualifier)
        except AwsError:
            _log.warning("Event %s was discarded: %s", event.request_id, cause)
            self._metrics.event_dropped(scope, event.resource)
            return
        if condition == "Success":
            self._send_record(event, spec, spec.asynchronous.on_success, outcome, condition)
            return
        self._metrics.event_dropped(scope, event.resource)
        told = {"attempts": event.attempts, "request": event.request_id, "reason": cause[:500]}
        self._services.happenings.note("async-event", scope, event.resource, "discarded", condition=condition, **told)
        text = f"[labkit] Event {event.request_id} was discarded after {event.attempts} attempts ({condition}): {cause}"
        self._tell(spec, text)
        self._send_record(event, spec, spec.asynchronous.on_failure, outcome, condition)
        self._send_dead_letter(event, spec, outcome)

    def _send_record(
        self, event: QueuedEvent, spec: FunctionSpec, target: str | None, outcome: Outcome | None, condition: str
    ) -> None:
        if not target:
            return
        arn = f"{spec.arn}:{event.qualifier or '$LATEST'}"
        record = build_record(event, arn, outcome, condition, self._services.clock())
        try:
            self._require(spec, target)
            self._deliver(target, record, spec, outcome.trace if outcome else event.trace)
        except AwsError as error:
            self._metrics.destination_failed(spec.scope, event.resource)
            self._tell(spec, f"[labkit] The record of event {event.request_id} could not be sent: {error.message}")

    def _deliver(self, target: str, record: dict[str, Any], spec: FunctionSpec, trace: str | None) -> None:
        service, body = target.split(":")[2], json.dumps(record)
        if service == "lambda":
            self._invoke_async(target, body, spec.scope, trace)
        elif service == "events":
            ending = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
            resources = [target, record["requestContext"]["functionArn"]]
            put_event(
                self._put_events, target, "lambda", f"Lambda Function Invocation Result - {ending}", resources, record
            )
        elif service == "s3":
            put_object(target, spec.scope.account, _object_key(spec, record["timestamp"]), body.encode())
        else:
            send_message(target, body)
            self._mark_changed(target)

    def _send_dead_letter(self, event: QueuedEvent, spec: FunctionSpec, outcome: Outcome | None) -> None:
        target = spec.dead_letter
        if not target:
            return
        document = outcome.document if outcome else {}
        message = str(document.get("errorMessage", "")) if isinstance(document, dict) else ""
        attributes = {"RequestID": event.request_id, "ErrorCode": "200" if outcome else "429"}
        attributes["ErrorMessage"] = message[:_MAX_ERROR_MESSAGE] or "none"
        try:
            self._require(spec, target)
            send_message(target, event.payload, attributes)
            self._mark_changed(target)
        except AwsError as error:
            self._metrics.dead_letter_failed(spec.scope, event.resource)
            told = f"Event {event.request_id} could not be sent to the dead-letter queue: {error.message}"
            self._tell(spec, f"[labkit] {told}")

    def _require(self, spec: FunctionSpec, target: str) -> None:
        """The function's role must be allowed to write there."""
        service = target.split(":")[2]
        resource = f"{target}/*" if service == "s3" else target
        guard = self._services.role_guard(spec.role_arn, spec.name, spec.scope)
        guard.require(ACTIONS[service], resource)

    def _tell(self, spec: FunctionSpec, text: str) -> None:
        _log.warning("%s: %s", spec.name, text)
        self._logs.write(spec, build_log_stream(spec, self._services.clock()), [text + "\n"])

    def _mark_changed(self, arn: str) -> None:
        _, _, service, region, account, *_ = arn.split(":")
        self._services.changed(service, account, region)


def _object_key(spec: FunctionSpec, timestamp: str) -> str:
    """Where Lambda puts a record in a bucket: aws/lambda/async/<function>/YYYY/MM/DD/<time>-<uuid>."""
    day, clock = timestamp[:10].replace("-", "/"), timestamp[:19].replace(":", ".")
    return f"aws/lambda/async/{spec.name}/{day}/{clock}-{uuid.uuid4()}"
