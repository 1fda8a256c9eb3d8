"""The drill for late, doubled and disordered events, asked for by `labkit chaos` or POST /_labkit/chaos."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.chaos.effects import Effect, Effects
from labkit.cloud.chaos.memory import Memory
from labkit.cloud.chaos.rules import MAX_RULES, Rule, check_fields, invalid, read_rule, read_text
from labkit.cloud.events.publisher import Outgoing, S3Events
from labkit.cloud.functions.configuration import scope_of

if TYPE_CHECKING:
    from labkit.cloud.services import Services

KIND = "chaos-rule"
_PLACE = Scope("", "")
# An event that waits to be overtaken comes by itself after this time: AWS loses none either.
HOLD_S = 60.0
# Long enough for the one that overtakes to have started.
_AFTER_S = 1.0


class Chaos:
    """Keeps the rules, and is asked by the publisher for each event and by the Lambda engine for each invocation."""

    def __init__(self, services: Services, events: S3Events) -> None:
        self._documents = services.documents
        self._clock = services.clock
        self._events = events
        self._memory = Memory(services.state_dir)
        self._effects = Effects(services)
        self._lock = threading.Lock()
        self._rules = {name: Rule(**body) for _, name, body in self._documents.list(KIND)}
        self._held: dict[str, list[tuple[str, str]]] = {}
        self._holding: dict[int, str] = {}
        events.unrest = self

    @property
    def pages(self) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
        """The internal pages: what is asked for and what it did, a new wish, an end to it."""
        return {
            "GET /_labkit/chaos": self.status,
            "POST /_labkit/chaos": self.ask,
            "DELETE /_labkit/chaos": self.end,
        }

    # ---- for people --------------------------------------------------------------------------------------------------

    def status(self, _: Mapping[str, Any]) -> dict[str, Any]:
        """{"rules": […], "effects": […]}: rules in force, and what was disturbed, oldest first."""
        with self._lock:
            rules = [rule.document() for rule in self._rules.values()]
        return {"rules": rules, "effects": self._effects.list()}

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """{"rule": …} for a new rule; {"delivered": […]} for {"kind": "replay", "bucket", "key"}. AwsError ValidationException."""
        if not isinstance(body, dict):
            raise invalid("the body must be a JSON object")
        if body.get("kind") == "replay":
            return {"delivered": self._replay(body)}
        rule = read_rule(body, uuid.uuid4().hex[:8], self._clock().isoformat(timespec="seconds"))
        with self._lock:
            if len(self._rules) >= MAX_RULES:
                raise invalid(f"there are {MAX_RULES} rules already; `labkit chaos off` takes them away")
            self._keep(rule)
        return {"rule": rule.document()}

    def end(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take away one rule ({"id": …}) or all; {"removed": n}. AwsError NotFound for an id that is not there."""
        if not isinstance(body, dict):
            raise invalid("the body must be a JSON object")
        check_fields(body, frozenset({"id"}))
        wanted = read_text(body, "id")
        with self._lock:
            if wanted and wanted not in self._rules:
                raise AwsError("NotFound", f"No chaos rule {wanted}; `labkit chaos status` lists them.", 404)
            names = [wanted] if wanted else list(self._rules)
            for name in names:
                del self._rules[name]
                self._documents.delete(KIND, _PLACE, name)
                self._hasten(name, 0.0)
        return {"removed": len(names)}

    # ---- for the publisher (Unrest) and the Lambda engine --------------------------------------------------------------

    def plan(self, outgoing: Outgoing) -> list[float]:
        """When to deliver an event: one number of seconds for each delivery."""
        delays = [0.0]
        if not self._rules:
            return delays
        function = _function_of(outgoing)
        with self._lock:
            for kind in ("duplicate", "delay", "reorder"):
                rule = self._use(kind, lambda rule: rule.covers(outgoing.bucket, outgoing.key, function))
                if rule is None:
                    continue
                if kind == "duplicate":
                    delays.append(delays[0])
                    self._tell(rule.id, "doubled", outgoing)
                elif kind == "delay":
                    delays = [delay_s + rule.seconds for delay_s in delays]
                    self._tell(rule.id, "late", outgoing, rule.seconds)
                else:
                    delays = self._reorder(rule, delays, outgoing)
        return delays

    def sent(self, outgoing: Outgoing, names: list[tuple[str, str]]) -> None:
        """Remember the event, and where the one that waits to be overtaken is kept."""
        with self._lock:
            rule = self._holding.pop(id(outgoing), None)
            if rule is not None and names:
                self._held[rule] = names
        entry = {"bucket": outgoing.bucket, "key": outgoing.key, "arn": outgoing.arn, "service": outgoing.service}
        self._memory.add({**entry, "account": outgoing.account, "event": outgoing.event})

    def throttle(self, function: str, scope: Scope) -> None:
        """Refuse an invocation as Lambda does when too many run, if a rule wants that: AwsError TooManyRequestsException."""
        if not self._rules:
            return
        with self._lock:
            rule = self._use("throttle", lambda rule: rule.covers("", "", function))
        if rule is None:
            return
        self._effects.add(Effect.of_invocation(rule.id, function, scope), function, scope)
        reason = {"Reason": "ConcurrentInvocationLimitExceeded", "retryAfterSeconds": "1"}
        raise AwsError("TooManyRequestsException", "Rate Exceeded.", 429, fields=reason)

    # ---- rules -------------------------------------------------------------------------------------------------------

    def _use(self, kind: str, covers: Callable[[Rule], bool]) -> Rule | None:
        """The oldest rule of a kind that covers what happens, one use of it taken off."""
        rule = next((rule for rule in self._rules.values() if rule.kind == kind and covers(rule)), None)
        if rule is not None and rule.times is not None:
            self._keep(replace(rule, times=rule.times - 1))
        return rule

    def _keep(self, rule: Rule) -> None:
        if rule.times == 0:
            del self._rules[rule.id]
            self._documents.delete(KIND, _PLACE, rule.id)
            return
        self._rules[rule.id] = rule
        self._documents.put(KIND, _PLACE, rule.id, rule.document())

    def _reorder(self, rule: Rule, delays: list[float], outgoing: Outgoing) -> list[float]:
        """Hold the first of two events; the second goes at once, and the first a second after it."""
        if not self._hasten(rule.id, _AFTER_S):
            self._holding[id(outgoing)] = rule.id
            if rule.times is not None:
                # The pair counts once: the rule must still be there for the second.
                self._keep(rule)
            self._tell(rule.id, "held", outgoing, HOLD_S)
            return [HOLD_S for _ in delays]
        self._tell(rule.id, "overtook", outgoing)
        return delays

    def _hasten(self, rule_id: str, seconds: float) -> bool:
        """Have the event that a rule holds delivered after some seconds; False when it holds none any more."""
        due = time.time() + seconds
        held = self._held.pop(rule_id, [])
        return sum(self._events.outbox.hasten(arn, name, due) for arn, name in held) > 0

    def _replay(self, body: dict[str, Any]) -> list[dict[str, str]]:
        check_fields(body, frozenset({"kind", "bucket", "key", "function"}))
        bucket, key, function = (read_text(body, name) for name in ("bucket", "key", "function"))
        if not bucket or not key:
            raise invalid("replay needs bucket and key")
        delivered = []
        for entry in self._memory.find_last(bucket, key):
            outgoing = Outgoing(entry["service"], entry["arn"], bucket, key, entry["event"], entry["account"])
            if function not in ("", _function_of(outgoing)):
                continue
            if self._events.hand_over(outgoing, disturb=False):
                self._tell("", "again", outgoing)
                name = entry["event"]["Records"][0]["eventName"]
                delivered.append({"arn": entry["arn"], "event": name})
        if not delivered:
            message = f"No event of s3://{bucket}/{key} is remembered that a target would take: no rule of the bucket matched it."
            raise AwsError("NotFound", message, 404)
        return delivered

    def _tell(self, rule: str, did: str, outgoing: Outgoing, seconds: float = 0.0) -> None:
        effect = Effect.of_event(rule, did, outgoing, seconds)
        self._effects.add(effect, _function_of(outgoing), scope_of(outgoing.arn, _PLACE))


def _function_of(outgoing: Outgoing) -> str:
    return outgoing.arn.split(":")[6] if outgoing.service == "lambda" else ""
