"""CloudWatch's calls about alarms."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.metrics.alarms.records import STATES, Alarm, Alarms
from labkit.cloud.metrics.alarms.validation import check_alarm
from labkit.cloud.metrics.alarms.watching import Watch, note
from labkit.cloud.metrics.checks import invalid, missing, read_dimensions, validation
from labkit.cloud.metrics.periods import epoch

_PAGE = 50
_MOST = 100
_ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")


class AlarmCalls:
    """Handlers of alarms: their settings are kept, their states are looked at before they are shown."""

    def __init__(self, alarms: Alarms, watch: Watch, now: Callable[[], float] = time.time) -> None:
        self._alarms = alarms
        self._watch = watch
        self._now = now

    @property
    def calls(self) -> dict[str, Handler]:
        """Action to handler."""
        return {
            "PutMetricAlarm": self._put,
            "DescribeAlarms": self._describe,
            "DescribeAlarmsForMetric": self._describe_for_metric,
            "DescribeAlarmHistory": self._history,
            "DeleteAlarms": self._delete,
            "SetAlarmState": self._set_state,
            "EnableAlarmActions": lambda call: self._switch(call, on=True),
            "DisableAlarmActions": lambda call: self._switch(call, on=False),
        }

    def _put(self, call: Call) -> dict[str, Any]:
        check_alarm(call.params)
        settings = {name: value for name, value in call.params.items() if name != "Tags" and value is not None}
        name, now = settings["AlarmName"], self._now()
        before = self._alarms.find(call.scope, name)
        if before is None:
            tags = {tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or []}
            self._alarms.put(call.scope, Alarm(name, settings, now, state_updated=now, transitioned=now, tags=tags))
        else:
            while self._alarms.change(call.scope, before, settings=settings, configured=now) is None:
                before = self._require(call.scope, name)
        word = "created" if before is None else "updated"
        data = {"version": "1.0", "type": "Create" if before is None else "Update"}
        note(self._alarms, call.scope, name, "ConfigurationUpdate", f'Alarm "{name}" {word}', data, now)
        return {}

    def _describe(self, call: Call) -> dict[str, Any]:
        params = call.params
        names, prefix = params.get("AlarmNames") or [], params.get("AlarmNamePrefix")
        if names and prefix:
            raise validation(
                "The parameters AlarmNames and AlarmNamePrefix are mutually exclusive and you have specified both."
            )
        state, action = params.get("StateValue"), params.get("ActionPrefix")
        if state and state not in STATES:
            raise invalid(f"The parameter StateValue must be a value in the set [ {', '.join(STATES)} ].")
        self._watch.look(call.scope)
        kinds = params.get("AlarmTypes") or ["MetricAlarm"]
        found = [
            alarm
            for alarm in self._alarms.all(call.scope)
            if "MetricAlarm" in kinds
            and (not names or alarm.name in names)
            and alarm.name.startswith(prefix or "")
            and state in (None, "", alarm.state)
            and (not action or any(told.startswith(action) for told in _actions(alarm)))
        ]
        shown, more = _page(found, params.get("MaxRecords"), params.get("NextToken"))
        return {"MetricAlarms": [shape(alarm, call.scope) for alarm in shown], "CompositeAlarms": [], **more}

    def _describe_for_metric(self, call: Call) -> dict[str, Any]:
        params = call.params
        for name in ("MetricName", "Namespace"):
            if not params.get(name):
                raise missing(name)
        dimensions = read_dimensions(params.get("Dimensions"), "Dimensions")
        self._watch.look(call.scope)
        wanted = {
            name: params[name]
            for name in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit")
            if params.get(name)
        }
        found = [
            shape(alarm, call.scope)
            for alarm in self._alarms.all(call.scope)
            if all(alarm.settings.get(name) == value for name, value in wanted.items())
            and read_dimensions(alarm.settings.get("Dimensions"), "Dimensions") == dimensions
        ]
        return {"MetricAlarms": found}

    def _history(self, call: Call) -> dict[str, Any]:
        params = call.params
        self._watch.look(call.scope)
        start = epoch(params["StartDate"]) if params.get("StartDate") else 0.0
        end = epoch(params["EndDate"]) if params.get("EndDate") else float("inf")
        kind = params.get("HistoryItemType")
        found = [
            entry
            for entry in self._alarms.history(call.scope, params.get("AlarmName") or None)
            if start <= entry["Timestamp"] <= end and kind in (None, "", entry["HistoryItemType"])
        ]
        if params.get("ScanBy") != "TimestampAscending":
            found.reverse()
        shown, more = _page(found, params.get("MaxRecords"), params.get("NextToken"))
        return {"AlarmHistoryItems": [{**entry, "Timestamp": _time(entry["Timestamp"])} for entry in shown], **more}

    def _delete(self, call: Call) -> dict[str, Any]:
        names = _names(call)
        for name in names:
            self._require(call.scope, name)
        for name in names:
            self._alarms.delete(call.scope, name)
            told = {"version": "1.0", "type": "Delete"}
            note(self._alarms, call.scope, name, "ConfigurationUpdate", f'Alarm "{name}" deleted', told, self._now())
        return {}

    def _set_state(self, call: Call) -> dict[str, Any]:
        params = call.params
        for name in ("AlarmName", "StateValue", "StateReason"):
            if not params.get(name):
                raise missing(name)
        state, data = params["StateValue"], params.get("StateReasonData") or ""
        if state not in STATES:
            raise validation(
                f"1 validation error detected: Value '{state}' at 'stateValue' failed to satisfy constraint: "
                "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
            )
        if data:
            try:
                json.loads(data)
            except ValueError as error:
                raise AwsError("InvalidFormat", "StateReasonData is not JSON") from error
        alarm = self._require(call.scope, params["AlarmName"])
        self._watch.change_state(call.scope, alarm, state, params["StateReason"], data, by_hand=True)
        return {}

    def _switch(self, call: Call, *, on: bool) -> dict[str, Any]:
        for name in _names(call):
            alarm = self._alarms.find(call.scope, name)
            if alarm is not None:
                self._alarms.change(call.scope, alarm, settings={**alarm.settings, "ActionsEnabled": on})
        return {}

    def _require(self, scope: Scope, name: str) -> Alarm:
        found = self._alarms.find(scope, name)
        if found is None:
            raise AwsError("ResourceNotFound", f"Alarm {name} does not exist", 404)
        return found


def shape(alarm: Alarm, scope: Scope) -> dict[str, Any]:
    """An alarm as DescribeAlarms shows it."""
    settings = {name: value for name, value in alarm.settings.items() if value not in ("", None)}
    return {
        "Dimensions": [],
        **{name: [] for name in _ACTIONS},
        **settings,
        "ActionsEnabled": alarm.acts,
        "AlarmArn": alarm.arn(scope),
        "AlarmConfigurationUpdatedTimestamp": _time(alarm.configured),
        "StateValue": alarm.state,
        "StateReason": alarm.reason,
        **({"StateReasonData": alarm.reason_data} if alarm.reason_data else {}),
        "StateUpdatedTimestamp": _time(alarm.state_updated),
        "StateTransitionedTimestamp": _time(alarm.transitioned),
    }


def _actions(alarm: Alarm) -> list[str]:
    return [action for name in _ACTIONS for action in alarm.settings.get(name) or []]


def _names(call: Call) -> list[str]:
    names = list(call.params.get("AlarmNames") or [])
    if not names:
        raise missing("AlarmNames")
    if len(names) > _MOST:
        raise invalid(f"The collection AlarmNames must not have a size greater than {_MOST}.")
    return names


def _page(found: Sequence[Any], most: int | None, token: str | None) -> tuple[Sequence[Any], Mapping[str, str]]:
    size = most if most and 1 <= most <= _MOST else _PAGE
    try:
        start = int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError as error:
        raise AwsError("InvalidNextToken", "The next token specified is invalid.") from error
    end = start + size
    more = {"NextToken": base64.urlsafe_b64encode(str(end).encode()).decode()} if end < len(found) else {}
    return found[start:end], more


def _time(moment: float) -> Any:
    from datetime import datetime, timezone

    return datetime.fromtimestamp(moment, timezone.utc)
