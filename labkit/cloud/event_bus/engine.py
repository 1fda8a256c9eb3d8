"""The EventBridge engine: every call of the API, the way of each event to the targets of the rules that match it, schedules."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.event_bus import absent
from labkit.cloud.event_bus.archive_calls import ArchiveCalls
from labkit.cloud.event_bus.archives import Archives
from labkit.cloud.event_bus.bus_calls import BusCalls
from labkit.cloud.event_bus.delivery import Delivery, Next, after_failure, new_delivery
from labkit.cloud.event_bus.events import Event, build_document, check_sizes, entry_bytes, read_entry
from labkit.cloud.event_bus.inputs import build_payload, compact
from labkit.cloud.event_bus.leaves import leaves_of
from labkit.cloud.event_bus.loops import Loops
from labkit.cloud.event_bus.meter import Meter
from labkit.cloud.event_bus.names import read_bus, scope_of_arn
from labkit.cloud.event_bus.patterns import parse_pattern
from labkit.cloud.event_bus.queue import DeliveryQueue
from labkit.cloud.event_bus.records import DEFAULT_BUS, Rule
from labkit.cloud.event_bus.registry import Registry
from labkit.cloud.event_bus.rule_calls import RuleCalls
from labkit.cloud.event_bus.schedules import Clock
from labkit.cloud.event_bus.senders import AsyncInvoker, Refused, Senders
from labkit.cloud.event_bus.validation import check_request
from labkit.cloud.events.origin import current_origin
from labkit.cloud.functions.events import retry_scale
from labkit.cloud.identity.resource_policies import use_bus_policies

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_log = logging.getLogger(__name__)


class EventBusEngine:
    """Owns every call of EventBridge; deliveries are made by threads of its own once it is started."""

    def __init__(self, services: Services, functions: AsyncInvoker, scale: float | None = None) -> None:
        self._clock = services.clock
        self._registry = Registry(services.documents, services.clock)
        use_bus_policies(self._registry.policy_of)
        self._archives = Archives(services.documents)
        self._meter = Meter(services.metrics)
        self._loops = Loops()
        self._senders = Senders(services, functions, self._forward)
        self._queue = DeliveryQueue(
            services.documents, self._attempt, retry_scale(os.environ) if scale is None else scale
        )
        self._schedules = Clock(services.clock, self._registry.scheduled, self.fire)
        self._archive_calls = ArchiveCalls(self._registry, self._archives, services.documents, self.publish)
        self._calls: dict[str, Handler] = {
            **absent.CALLS,
            "PutEvents": self._put_events,
            "TestEventPattern": _test_pattern,
            **RuleCalls(self._registry).calls,
            **BusCalls(self._registry).calls,
            **self._archive_calls.calls,
        }

    @property
    def routes(self) -> dict[tuple[str, str], Handler]:
        """Service and action to handler."""
        return {("events", action): self._answer for action in self._calls}

    @property
    def registry(self) -> Registry:
        """Buses and rules."""
        return self._registry

    def answer(self, call: Call) -> dict[str, Any]:
        """Answer one call of the API, of whoever makes it."""
        return self._answer(call)

    def start(self) -> None:
        """Deliver what waits, and what comes; let schedules fire."""
        self._queue.start()
        self._archive_calls.start()
        self._schedules.start()

    def stop(self) -> None:
        """Stop; what is not delivered stays stored."""
        self._schedules.stop()
        self._archive_calls.stop()
        self._queue.stop()

    def receive(self, scope: Scope, document: Mapping[str, Any], trace: str | None = None) -> None:
        """Take an event of a service for the default bus; never an error."""
        try:
            self.publish(scope, DEFAULT_BUS, Event(document, self._registry.now(), trace))
        except Exception:  # noqa: BLE001 - the work that the event tells of is done, and must not fail now
            _log.exception("The event %s could not be taken", document.get("detail-type"))

    def publish(self, scope: Scope, bus: str, event: Event) -> None:
        """Find out whom an event on a bus is meant for, and store its deliveries; durable when it returns."""
        if not self._registry.has_rules(scope, bus) and not self._archives.all(scope):
            return
        leaves = leaves_of(event.document)
        self._archives.keep(scope, bus, event, leaves)
        deliveries: list[Delivery] = []
        for rule in self._registry.rules(scope, bus):
            if not rule.enabled or (event.only_rules and rule.arn not in event.only_rules):
                continue
            if rule.compiled is not None and rule.compiled.matches_leaves(leaves):
                deliveries += self._triggered(rule, event)
        if deliveries:
            self._meter.count(scope, "MatchedEvents")
        self._queue.put(scope, deliveries)

    def fire(self, rule: Rule, moment: datetime) -> None:
        """A rule's schedule has come: its targets get a Scheduled Event."""
        document = build_document(rule.scope, "aws.events", "Scheduled Event", {}, [rule.arn], moment)
        self._queue.put(rule.scope, self._triggered(rule, Event(document, self._registry.now())))

    def _triggered(self, rule: Rule, event: Event) -> list[Delivery]:
        found = [new_delivery(rule, target, event, number) for number, target in enumerate(rule.targets)]
        dimensions = found[0].dimensions if found else {"RuleName": rule.name}
        for name in ("TriggeredRules", "MatchedEvents"):
            self._meter.count(rule.scope, name, dimensions)
        return found

    def _answer(self, call: Call) -> dict[str, Any]:
        check_request(call.action, call.params)
        return self._calls[call.action](call)

    def _put_events(self, call: Call) -> dict[str, Any]:
        entries = call.params["Entries"]
        if call.params.get("EndpointId"):
            raise AwsError(
                "NotImplemented", "labkit's local cloud has no global endpoints: EndpointId is refused.", 501
            )
        check_sizes(entries)
        self._meter.count(call.scope, "PutEventsApproximateCallCount")
        self._meter.count(call.scope, "PutEventsEntriesCount", value=len(entries))
        self._meter.count(call.scope, "PutEventsRequestSize", value=sum(entry_bytes(entry) for entry in entries))
        results = [self._put_entry(call.scope, entry) for entry in entries]
        failed = sum("ErrorCode" in result for result in results)
        if failed:
            self._meter.count(call.scope, "PutEventsFailedEntriesCount", value=failed)
        return {"FailedEntryCount": failed, "Entries": results}

    def _put_entry(self, scope: Scope, entry: Mapping[str, Any]) -> dict[str, Any]:
        try:
            document = read_entry(scope, entry, self._clock())
        except AwsError as error:
            return {"ErrorCode": error.code, "ErrorMessage": error.message}
        given = entry.get("EventBusName") or DEFAULT_BUS
        place, bus = scope_of_arn(given, scope), read_bus(given)
        trace = entry.get("TraceHeader") or current_origin().trace
        if (
            self._registry.find_bus(place, bus) is not None
        ):  # AWS accepts and drops what is sent to a bus that is not there
            self.publish(place, bus, Event(document, self._registry.now(), trace))
        return {"EventId": document["id"]}

    def _forward(self, delivery: Delivery, arn: str) -> None:
        place, bus = scope_of_arn(arn, delivery.scope), read_bus(arn)
        if self._registry.find_bus(place, bus) is None:
            raise Refused("NO_RESOURCE", f"Event bus {bus} does not exist.")
        if delivery.forwarded:
            # docs.aws.amazon.com/eventbridge, "Sending events between event buses": never on to a third one.
            self._meter.count(delivery.scope, "DeadLetterInvocations", delivery.dimensions)
            _log.warning("%s: an event that came from another bus is not forwarded to %s", delivery.rule_arn, arn)
            return
        self.publish(place, bus, Event(delivery.event, self._registry.now(), delivery.trace, forwarded=True))

    def _attempt(self, delivery: Delivery) -> Next | None:
        """Make one attempt; what follows it, or None when the delivery is at its end."""
        if not delivery.attempts:
            self._meter.latency(delivery.scope, delivery.dimensions, (time.time() - delivery.received) * 1000)
        if not delivery.attempts and not self._loops.allows(delivery.trace):
            self._meter.count(delivery.scope, "DeadLetterInvocations", delivery.dimensions)
            _log.warning(
                "%s: an event of a loop that grows without end was dropped (%s)", delivery.rule_arn, delivery.trace
            )
            return None
        self._meter.count(delivery.scope, "InvocationAttempts", delivery.dimensions)
        try:
            payload = build_payload(delivery.as_event(), delivery.target, delivery.rule_arn)
            self._senders.send(delivery, payload)
        except AwsError as error:
            refused = Refused(error.code, error.message, again=error.status >= 500)
        except Refused as error:
            refused = error
        except Exception as error:  # noqa: BLE001 - whatever broke, the event is tried again
            _log.exception("%s: delivery to %s", delivery.rule_arn, delivery.target["Arn"])
            refused = Refused("INTERNAL_ERROR", f"{type(error).__name__}: {error}", again=True)
        else:
            self._meter.count(delivery.scope, "SuccessfulInvocationAttempts", delivery.dimensions)
            self._meter.count(delivery.scope, "Invocations", delivery.dimensions)
            return None
        return self._after(delivery, refused)

    def _after(self, delivery: Delivery, refused: Refused) -> Next | None:
        exhausted = None
        if refused.again:
            following = after_failure(delivery)
            if following.delay_s is not None:
                self._meter.count(delivery.scope, "RetryInvocationAttempts", delivery.dimensions)
                return following
            exhausted = following.exhausted
        self._meter.count(delivery.scope, "Invocations", delivery.dimensions)
        self._meter.count(delivery.scope, "FailedInvocations", delivery.dimensions)
        _log.warning(
            "%s: an event was not delivered to %s: %s: %s",
            delivery.rule_arn, delivery.target["Arn"], refused.code, refused.message,
        )  # fmt: skip
        if (delivery.target.get("DeadLetterConfig") or {}).get("Arn"):
            self._bury(delivery, refused, exhausted)
        return None

    def _bury(self, delivery: Delivery, refused: Refused, exhausted: str | None) -> None:
        attributes = {
            "RULE_ARN": delivery.rule_arn,
            "TARGET_ARN": delivery.target["Arn"],
            "ERROR_CODE": refused.code,
            "ERROR_MESSAGE": refused.message or refused.code,
            "RETRY_ATTEMPTS": str(delivery.attempts),
            **({"EXHAUSTED_RETRY_CONDITION": exhausted} if exhausted else {}),
        }
        try:
            self._senders.send_dead_letter(delivery, compact(delivery.event), attributes)
        except Refused as error:
            self._meter.count(delivery.scope, "InvocationsFailedToBeSentToDlq", delivery.dimensions)
            _log.warning("%s: the dead-letter queue was not written: %s", delivery.rule_arn, error.message)
        else:
            self._meter.count(delivery.scope, "InvocationsSentToDlq", delivery.dimensions)


def _test_pattern(call: Call) -> dict[str, Any]:
    pattern = parse_pattern(call.params["EventPattern"])
    try:
        event = json.loads(call.params["Event"])
    except (ValueError, RecursionError):
        event = None
    wanted = ("id", "account", "source", "time", "region", "resources", "detail-type")
    if not isinstance(event, dict) or any(name not in event for name in wanted):
        raise AwsError("ValidationException", "Parameter Event is not valid.")
    return {"Result": pattern.matches(event)}
