"""Alarms follow their data: a thread that looks every few seconds, and the change of a state with all that it causes."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.event_bus.port import Emit
from labkit.cloud.metrics.alarms.evaluation import EXTRA_PERIODS, evaluate
from labkit.cloud.metrics.alarms.messages import event_detail, lambda_event, region_name, sns_message, state_of
from labkit.cloud.metrics.alarms.records import ACTIONS_OF, Alarm, Alarms
from labkit.cloud.metrics.alarms.validation import alarm_queries
from labkit.cloud.metrics.checks import read_dimensions
from labkit.cloud.metrics.periods import Window
from labkit.cloud.metrics.query import Computation
from labkit.cloud.metrics.reading import Reader
from labkit.cloud.metrics.storage import Metric

log = logging.getLogger(__name__)
_LOOK_EVERY_S = 5.0
_HELD_S = 10.0
InvokeAsync = Callable[[str, str, Scope], object]


class Watch:
    """Evaluates alarms and carries out their actions."""

    def __init__(
        self,
        alarms: Alarms,
        reader: Reader,
        emit: Emit,
        invoke: InvokeAsync,
        may_invoke: Callable[[str, str], bool],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._alarms = alarms
        self._reader = reader
        self._emit = emit
        self._invoke = invoke
        self._may_invoke = may_invoke
        self._now = now
        self._ended = threading.Event()
        self._looking = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def look(self, scope: Scope) -> None:
        """Evaluate the alarms of a scope now; what fails is logged."""
        if not self._looking.acquire(timeout=1.0):
            return  # an action that is being carried out may itself ask for alarms
        try:
            for alarm in self._alarms.all(scope):
                self._look_at(scope, alarm)
        finally:
            self._looking.release()

    def change_state(
        self, scope: Scope, alarm: Alarm, state: str, reason: str, data: str, *, by_hand: bool = False
    ) -> None:
        """Set a state and cause what follows; the same state only gets a new reason.

        Set by hand, it holds until the next minute is evaluated (AWS: until the next evaluation), ten seconds at least.
        """
        now = self._now()
        held = max(now + _HELD_S, (now // 60 + 1) * 60) if by_hand else 0.0
        moved = {"transitioned": now} if state != alarm.state else {}
        fields = {
            "state": state,
            "reason": reason,
            "reason_data": data,
            "state_updated": now,
            "held_until": held,
            **moved,
        }
        after = self._alarms.change(scope, alarm, **fields)
        if after is None or not moved:
            return
        self._note(scope, after, "StateUpdate", f"Alarm updated from {alarm.state} to {state}", {
            "version": "1.0", "oldState": _history_state(alarm), "newState": _history_state(after),
        })  # fmt: skip
        self._emit(
            scope, "aws.cloudwatch", "CloudWatch Alarm State Change", event_detail(alarm, after), [after.arn(scope)]
        )
        if after.acts:
            for action in after.settings.get(ACTIONS_OF[state]) or []:
                self._act(scope, alarm, after, action)

    def _run(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            for scope in self._alarms.scopes():
                self.look(scope)

    def _look_at(self, scope: Scope, alarm: Alarm) -> None:
        if alarm.held_until > self._now():
            return
        try:
            self._evaluate(scope, alarm)
        except Exception:
            log.exception("alarm %s", alarm.name)

    def _evaluate(self, scope: Scope, alarm: Alarm) -> None:
        moments, points = self._points(scope, alarm)
        verdict = evaluate(alarm.settings, moments, points)
        if verdict is not None and verdict.state != alarm.state:
            self.change_state(scope, alarm, verdict.state, verdict.reason, verdict.data)

    def _points(self, scope: Scope, alarm: Alarm) -> tuple[list[int], dict[int, float]]:
        """The periods that have ended, and their values."""
        settings = alarm.settings
        periods = int(settings["EvaluationPeriods"]) + EXTRA_PERIODS
        if not settings.get("Metrics"):
            asked = _window(self._now(), int(settings["Period"]), periods)
            metric = Metric(
                settings["Namespace"], settings["MetricName"], read_dimensions(settings.get("Dimensions"), "Dimensions")
            )
            statistic = settings.get("Statistic") or settings["ExtendedStatistic"]
            series = self._reader.series(scope, metric, asked, statistic, settings.get("Unit"))
            return list(asked.grid()), series.points
        queries = alarm_queries(settings)
        watched = next(query for query in queries if query.returned)
        period = Computation(self._reader, scope, queries, 0, 1).period(watched)
        asked = _window(self._now(), period, periods)
        found = Computation(self._reader, scope, queries, asked.start, asked.end).of(watched)
        if len(found) != 1:
            raise AwsError("ValidationError", "An alarm watches one time series")
        return list(asked.grid()), found[0].points

    def _act(self, scope: Scope, before: Alarm, after: Alarm, action: str) -> None:
        told: dict[str, Any] = {"notificationResource": action, "stateUpdateTimestamp": int(after.state_updated * 1000)}
        try:
            self._carry_out(scope, before, after, action)
        except Exception as error:  # noqa: BLE001 - whatever the receiver's trouble is, the alarm's history tells it
            cause = f"{error.code}: {error.message}" if isinstance(error, AwsError) else str(error)
            summary = f'Failed to execute action {action}. Received error: "{cause}"'
            self._note(scope, after, "Action", summary, {"actionState": "Failed", "error": cause, **told})
        else:
            self._note(
                scope, after, "Action", f"Successfully executed action {action}", {"actionState": "Succeeded", **told}
            )

    def _carry_out(self, scope: Scope, before: Alarm, after: Alarm, action: str) -> None:
        if action.split(":")[2] == "sns":
            subject = f'{after.state}: "{after.name}" in {region_name(scope.region)}'
            _publish(scope, action, subject, sns_message(scope, before, after))
            return
        if not self._may_invoke(action, after.arn(scope)):
            raise AwsError("AccessDenied", "CloudWatch Alarms is not authorized to invoke the function", 403)
        self._invoke(action, json.dumps(lambda_event(scope, before, after), ensure_ascii=False), scope)

    def _note(self, scope: Scope, alarm: Alarm, kind: str, summary: str, data: dict[str, Any]) -> None:
        note(self._alarms, scope, alarm.name, kind, summary, data, self._now())


def note(alarms: Alarms, scope: Scope, name: str, kind: str, summary: str, data: dict[str, Any], now: float) -> None:
    """An entry of an alarm's history."""
    entry = {"AlarmName": name, "AlarmType": "MetricAlarm", "Timestamp": now, "HistoryItemType": kind}
    alarms.note(scope, name, {**entry, "HistorySummary": summary, "HistoryData": json.dumps(data, ensure_ascii=False)})


def _window(now: float, period: int, periods: int) -> Window:
    """The last periods that have ended: by the minute, or by the ten seconds of a high-resolution alarm."""
    step = 10 if period < 60 else 60
    end = int(now) // step * step
    return Window(end - period * periods, end, period)


def _history_state(alarm: Alarm) -> dict[str, Any]:
    told = state_of(alarm)
    shown: dict[str, Any] = {"stateValue": told["value"], "stateReason": told["reason"]}
    if alarm.reason_data:
        try:
            shown["stateReasonData"] = json.loads(alarm.reason_data)
        except ValueError:
            shown["stateReasonData"] = alarm.reason_data
    return shown


def _publish(scope: Scope, topic: str, subject: str, message: dict[str, Any]) -> None:
    from moto.sns.models import sns_backends

    region = topic.split(":")[3]
    backend = sns_backends[scope.account][region]
    if topic not in backend.topics:
        raise AwsError("NotFound", "Topic does not exist", 404)
    backend.publish(json.dumps(message, ensure_ascii=False), arn=topic, subject=subject[:100])
