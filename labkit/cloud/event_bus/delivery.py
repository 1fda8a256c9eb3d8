"""One event on its way to one target, as it waits in the durable queue; and the rules of its retries."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.event_bus.events import Event
from labkit.cloud.event_bus.records import DEFAULT_BUS, Rule

MOST_ATTEMPTS = 185
MOST_AGE_S = 86_400
_LONGEST_DELAY_S = 600.0


@dataclass(frozen=True)
class Delivery:
    """`target` is a Target structure; `attempts` failed so far; `waited_s` seconds it would have waited on AWS."""

    id: str
    account: str
    region: str
    bus: str
    rule_arn: str
    target: Mapping[str, Any]
    event: Mapping[str, Any]
    received: float
    trace: str | None = None
    forwarded: bool = False
    attempts: int = 0
    waited_s: float = 0.0

    @property
    def scope(self) -> Scope:
        return Scope(self.account, self.region)

    @property
    def dimensions(self) -> dict[str, str]:
        """Of the rule's metrics."""
        rule = {"RuleName": self.rule_arn.rsplit("/", 1)[-1]}
        return rule if self.bus == DEFAULT_BUS else {"EventBusName": self.bus, **rule}

    def as_event(self) -> Event:
        """The event that is delivered."""
        return Event(self.event, self.received, self.trace, self.forwarded)

    def document(self) -> dict[str, Any]:
        """JSON values only."""
        return asdict(self)


def new_delivery(rule: Rule, target: Mapping[str, Any], event: Event, number: int) -> Delivery:
    """The delivery of an event to the rule's target of that number; the same event gives the same id."""
    name = f"{event.document['id']}/{rule.bus}/{rule.name}/{number}/{event.replay or ''}"
    return Delivery(
        name, rule.scope.account, rule.scope.region, rule.bus, rule.arn, target, event.document, event.received,
        event.trace, event.forwarded,
    )  # fmt: skip


def read_delivery(kept: Mapping[str, Any]) -> Delivery:
    """The delivery of a document."""
    return Delivery(**kept)


@dataclass(frozen=True)
class Next:
    """What follows a failed attempt: another one after `delay_s` seconds (AWS's), or the end for a reason."""

    delivery: Delivery
    delay_s: float | None
    exhausted: str | None = None


def after_failure(delivery: Delivery) -> Next:
    """Backoff with jitter (AWS publishes no figures): 1, 2, 4 … 600 seconds, as often and as long as the target's policy says."""
    policy = delivery.target.get("RetryPolicy") or {}
    most = policy.get("MaximumRetryAttempts")
    most = MOST_ATTEMPTS if most is None else int(most)
    age_s = float(policy.get("MaximumEventAgeInSeconds") or MOST_AGE_S)
    delivery = replace(delivery, attempts=delivery.attempts + 1)
    if delivery.attempts > most:
        return Next(delivery, None, "MaximumRetryAttempts")
    delay_s = min(2.0 ** (delivery.attempts - 1), _LONGEST_DELAY_S) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
    if delivery.waited_s + delay_s > age_s:
        return Next(delivery, None, "MaximumEventAgeInSeconds")
    return Next(replace(delivery, waited_s=delivery.waited_s + delay_s), delay_s)
