"""Buses and rules in memory and on disk: every change is durable when it returns, and matching asks no disk."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.documents import Documents
from labkit.cloud.event_bus.records import DEFAULT_BUS, Bus, Rule

BUS = "event-bus"
RULE = "event-rule"
_MOST_RULES = 300
_MOST_BUSES = 100
_MOST_TARGETS = 5
_LIMIT = "The requested resource exceeds the maximum number allowed."


class Registry:
    """The buses and rules of every account and region; safe to use from many threads."""

    def __init__(self, documents: Documents, clock: Callable[[], datetime]) -> None:
        self._documents = documents
        self._clock = clock
        self.lock = threading.RLock()
        self._buses: dict[Scope, dict[str, Bus]] = {}
        self._rules: dict[tuple[Scope, str], dict[str, Rule]] = {}
        for scope, _, kept in documents.list(BUS):
            bus = Bus.read(scope, kept)
            self._buses.setdefault(scope, {})[bus.name] = bus
        for scope, _, kept in documents.list(RULE):
            rule = Rule.read(scope, kept)
            self._rules.setdefault((scope, rule.bus), {})[rule.name] = rule

    def now(self) -> float:
        """The clock, in epoch seconds."""
        return self._clock().timestamp()

    def bus(self, scope: Scope, name: str) -> Bus:
        """The bus; ResourceNotFoundException. Every region has its default bus."""
        found = self.find_bus(scope, name)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Event bus {name} does not exist.")
        return found

    def find_bus(self, scope: Scope, name: str) -> Bus | None:
        """The bus, or None."""
        found = self._buses.get(scope, {}).get(name)
        return Bus(scope, DEFAULT_BUS) if found is None and name == DEFAULT_BUS else found

    def policy_of(self, arn: str) -> str | None:
        """The policy of the bus of an ARN, as JSON, or None."""
        parts = arn.split(":")
        if len(parts) < 6 or not parts[5].startswith("event-bus/"):
            return None
        bus = self.find_bus(Scope(parts[4], parts[3]), parts[5].partition("/")[2])
        return json.dumps(bus.policy) if bus is not None and bus.policy else None

    def buses(self, scope: Scope) -> list[Bus]:
        """All buses, by name."""
        named = {DEFAULT_BUS: Bus(scope, DEFAULT_BUS), **self._buses.get(scope, {})}
        return [named[name] for name in sorted(named)]

    def create_bus(self, bus: Bus) -> None:
        """ResourceAlreadyExistsException, LimitExceededException."""
        with self.lock:
            if self.find_bus(bus.scope, bus.name) is not None:
                raise AwsError("ResourceAlreadyExistsException", f"Event bus {bus.name} already exists.")
            if len(self.buses(bus.scope)) >= _MOST_BUSES:
                raise AwsError("LimitExceededException", _LIMIT)
            self.save_bus(bus)

    def save_bus(self, bus: Bus) -> None:
        """Keep a new or changed bus."""
        with self.lock:
            self._documents.put(BUS, bus.scope, bus.name, bus.document())
            self._buses.setdefault(bus.scope, {})[bus.name] = bus

    def delete_bus(self, scope: Scope, name: str) -> None:
        """Forget a bus, if there is one; ValidationException while it has rules."""
        with self.lock:
            if self._rules.get((scope, name)):
                raise AwsError("ValidationException", f"Event bus {name} cannot be deleted because it has rules.")
            if self._buses.get(scope, {}).pop(name, None) is not None:
                self._documents.delete(BUS, scope, name)

    def rule(self, scope: Scope, bus: str, name: str) -> Rule:
        """The rule; ResourceNotFoundException for it or its bus."""
        self.bus(scope, bus)
        found = self.find_rule(scope, bus, name)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Rule {name} does not exist on EventBus {bus}.")
        return found

    def find_rule(self, scope: Scope, bus: str, name: str) -> Rule | None:
        """The rule, or None."""
        return self._rules.get((scope, bus), {}).get(name)

    def rules(self, scope: Scope, bus: str) -> list[Rule]:
        """The rules of a bus, by name."""
        found = self._rules.get((scope, bus))
        if not found:
            return []
        with self.lock:
            return [found[name] for name in sorted(found)]

    def has_rules(self, scope: Scope, bus: str) -> bool:
        """Whether an event on the bus could mean anything to anybody."""
        return bool(self._rules.get((scope, bus)))

    def scheduled(self) -> list[Rule]:
        """Every enabled rule with a schedule, of all accounts and regions."""
        with self.lock:
            return [one for rules in self._rules.values() for one in rules.values() if one.schedule and one.enabled]

    def save_rule(self, rule: Rule) -> None:
        """Keep a new or changed rule; LimitExceededException for one rule or target too many."""
        with self.lock:
            rules = self._rules.setdefault((rule.scope, rule.bus), {})
            if rule.name not in rules and len(rules) >= _MOST_RULES:
                raise AwsError("LimitExceededException", _LIMIT)
            if len(rule.targets) > _MOST_TARGETS:
                raise AwsError("LimitExceededException", _LIMIT)
            self._documents.put(RULE, rule.scope, f"{rule.bus}/{rule.name}", rule.document())
            rules[rule.name] = rule

    def delete_rule(self, rule: Rule) -> None:
        """Forget a rule."""
        with self.lock:
            self._documents.delete(RULE, rule.scope, f"{rule.bus}/{rule.name}")
            self._rules.get((rule.scope, rule.bus), {}).pop(rule.name, None)
