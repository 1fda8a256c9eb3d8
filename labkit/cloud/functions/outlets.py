"""The end of an asynchronous invocation: destinations, the dead-letter queue, and a line in the log when it failed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.configuration import FunctionSpec
from labkit.cloud.functions.dead_letters import DeadLetters
from labkit.cloud.functions.environment import build_log_stream
from labkit.cloud.functions.events import QueuedEvent
from labkit.cloud.functions.messages import send_message
from labkit.cloud.functions.records import build_record
from labkit.cloud.functions.reply import Outcome

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_log = logging.getLogger(__name__)


class Outlets:
    """Hears the end of each queued event."""

    def __init__(
        self,
        services: Services,
        find: Callable[[Scope, str, str | None], FunctionSpec],
        dead_letters: DeadLetters,
        invoke_async: Callable[[str, str, Scope], str],
    ) -> None:
        self._services = services
        self._find = find
        self._dead_letters = dead_letters
        self._invoke_async = invoke_async

    def finish(self, event: QueuedEvent, outcome: Outcome | None, cause: str) -> None:
        """Send the event on; a destination that cannot be written is told in the function's log, never silently lost."""
        succeeded = outcome is not None and outcome.error is None
        try:
            spec = self._find(Scope(event.account, event.region), event.function, event.qualifier)
        except AwsError:
            _log.warning("Event %s was discarded: %s", event.request_id, cause)
            return
        if succeeded:
            self._send_record(event, spec, spec.asynchronous.on_success, outcome, "Success")
            return
        condition = "RetriesExhausted" if event.attempts > spec.asynchronous.retries else "EventAgeExceeded"
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
        body = json.dumps(build_record(event, arn, outcome, condition, self._services.clock()))
        try:
            if ":lambda:" in target:
                self._invoke_async(target, body, spec.scope)
            else:
                send_message(target, body)
                self._mark_changed(target)
        except AwsError as error:
            self._tell(spec, f"[labkit] The record of event {event.request_id} could not be sent: {error.message}")

    def _send_dead_letter(self, event: QueuedEvent, spec: FunctionSpec, outcome: Outcome | None) -> None:
        target = self._dead_letters.find(spec.name, spec.scope)
        if not target:
            return
        message = json.loads(outcome.payload).get("errorMessage", "") if outcome else ""
        attributes = {"RequestID": event.request_id, "ErrorCode": "200", "ErrorMessage": str(message)[:1024] or "none"}
        try:
            send_message(target, event.payload, attributes)
            self._mark_changed(target)
        except AwsError as error:
            self._tell(
                spec, f"[labkit] Event {event.request_id} could not be sent to the dead-letter queue: {error.message}"
            )

    def _tell(self, spec: FunctionSpec, text: str) -> None:
        _log.warning("%s: %s", spec.name, text)
        stream = build_log_stream(spec.version, self._services.clock())
        self._services.logs(spec.scope).write(spec.log_group, stream, [text + "\n"])

    def _mark_changed(self, arn: str) -> None:
        _, _, service, region, account, *_ = arn.split(":")
        self._services.changed(service, account, region)
