"""The calls over rules and their targets."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError, Call, Handler
from labkit.cloud.event_bus.inputs import check_input
from labkit.cloud.event_bus.names import bus_name, page, tags_of
from labkit.cloud.event_bus.patterns import parse_pattern
from labkit.cloud.event_bus.records import DEFAULT_BUS, Rule
from labkit.cloud.event_bus.registry import Registry
from labkit.cloud.event_bus.schedules import check_schedule
from labkit.cloud.event_bus.targets import check_target

_MOST_TAGS = 50


class RuleCalls:
    """PutRule and what belongs to it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.calls: dict[str, Handler] = {
            "PutRule": self._put, "DescribeRule": self._describe, "ListRules": self._list, "DeleteRule": self._delete,
            "EnableRule": self._enable, "DisableRule": self._disable, "ListRuleNamesByTarget": self._by_target,
            "PutTargets": self._put_targets, "RemoveTargets": self._remove_targets, "ListTargetsByRule": self._targets,
        }  # fmt: skip

    def _put(self, call: Call) -> dict[str, Any]:
        params, bus = call.params, bus_name(call.params)
        pattern, schedule = params.get("EventPattern") or None, params.get("ScheduleExpression") or None
        if not pattern and not schedule:
            raise AwsError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
        if schedule and bus != DEFAULT_BUS:
            raise AwsError("ValidationException", "ScheduleExpression is supported only on the default event bus.")
        if pattern:
            parse_pattern(pattern)
        if schedule:
            check_schedule(schedule)
        with self._registry.lock:
            self._registry.bus(call.scope, bus)
            before = self._registry.find_rule(call.scope, bus, params["Name"])
            kept = before is not None and before.schedule == schedule and before.enabled
            rule = Rule(
                call.scope, bus, params["Name"], pattern, schedule, params.get("State") or "ENABLED",
                params.get("Description") or None, params.get("RoleArn") or None,
                targets=before.targets if before else (),
                # AWS ignores the tags of a call that changes a rule.
                tags=before.tags if before else _new_tags(call),
                since=before.since if before and kept else self._registry.now(),
            )  # fmt: skip
            self._registry.save_rule(rule)
        return {"RuleArn": rule.arn}

    def _describe(self, call: Call) -> dict[str, Any]:
        return {**self._rule(call).shown(), "CreatedBy": call.scope.account}

    def _list(self, call: Call) -> dict[str, Any]:
        bus, prefix = bus_name(call.params), call.params.get("NamePrefix") or ""
        self._registry.bus(call.scope, bus)
        found = [one.shown() for one in self._registry.rules(call.scope, bus) if one.name.startswith(prefix)]
        return page(found, call, "Rules")

    def _delete(self, call: Call) -> dict[str, Any]:
        bus = bus_name(call.params)
        with self._registry.lock:
            if self._registry.find_bus(call.scope, bus) is None:
                return {}
            rule = self._registry.find_rule(call.scope, bus, call.params["Name"])
            if rule is None:
                return {}
            if rule.targets:
                raise AwsError("ValidationException", "Rule can't be deleted since it has targets.")
            self._registry.delete_rule(rule)
        return {}

    def _enable(self, call: Call) -> dict[str, Any]:
        return self._switch(call, "ENABLED")

    def _disable(self, call: Call) -> dict[str, Any]:
        return self._switch(call, "DISABLED")

    def _switch(self, call: Call, state: str) -> dict[str, Any]:
        with self._registry.lock:
            rule = self._rule(call)
            since = self._registry.now() if state == "ENABLED" and not rule.enabled else rule.since
            self._registry.save_rule(rule.changed(state=state, since=since))
        return {}

    def _by_target(self, call: Call) -> dict[str, Any]:
        bus, arn = bus_name(call.params), call.params["TargetArn"]
        self._registry.bus(call.scope, bus)
        rules = self._registry.rules(call.scope, bus)
        names = [rule.name for rule in rules if any(target["Arn"] == arn for target in rule.targets)]
        return page(names, call, "RuleNames")

    def _put_targets(self, call: Call) -> dict[str, Any]:
        for target in call.params["Targets"]:
            check_target(target, call.scope)
            check_input(target)
        with self._registry.lock:
            rule = self._rule(call, "Rule")
            targets = {target["Id"]: target for target in rule.targets}
            targets.update({target["Id"]: target for target in call.params["Targets"]})
            self._registry.save_rule(rule.changed(targets=tuple(targets.values())))
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def _remove_targets(self, call: Call) -> dict[str, Any]:
        with self._registry.lock:
            rule = self._rule(call, "Rule")
            left = tuple(target for target in rule.targets if target["Id"] not in call.params["Ids"])
            self._registry.save_rule(rule.changed(targets=left))
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def _targets(self, call: Call) -> dict[str, Any]:
        return page(self._rule(call, "Rule").targets, call, "Targets")

    def _rule(self, call: Call, key: str = "Name") -> Rule:
        return self._registry.rule(call.scope, bus_name(call.params), call.params[key])


def _new_tags(call: Call) -> dict[str, str]:
    tags = tags_of(call.params.get("Tags"))
    if len(tags) > _MOST_TAGS:
        raise AwsError("ValidationException", f"A resource can have at most {_MOST_TAGS} tags.")
    return tags
