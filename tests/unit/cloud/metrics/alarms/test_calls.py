"""Alarms through their calls: settings, states that follow the data, actions, history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from labkit.cloud.call import AwsError, Call, Scope
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents
from labkit.cloud.metrics.alarms.calls import AlarmCalls
from labkit.cloud.metrics.alarms.records import Alarms
from labkit.cloud.metrics.alarms.tagging import AlarmTags
from labkit.cloud.metrics.alarms.watching import Watch
from labkit.cloud.metrics.reading import Computed, Reader
from labkit.cloud.metrics.storage import MetricStorage
from tests.unit.cloud.metrics.asking import NOW, SCOPE, CloudWatch

REFUSED = "AccessDenied: CloudWatch Alarms is not authorized to invoke the function"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
BASE = {
    "AlarmName": "a", "Namespace": "Lab", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
    "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [FUNCTION],
}  # fmt: skip


class Desk:
    """Alarms with a clock that the test moves, and a function that hears them."""

    def __init__(self, storage: MetricStorage, folder: Path) -> None:
        self.now = NOW.timestamp()
        self.documents = Documents(Database(folder / "cloud.db"))
        self.heard: list[dict[str, Any]] = []
        self.emitted: list[tuple[str, dict[str, Any]]] = []
        self.allowed = True
        self.alarms = Alarms(self.documents)
        reader = Reader(storage, Computed("None", lambda _: (), lambda *_: ()), lambda: self.now)

        def invoke(function: str, payload: str, scope: Scope) -> None:
            assert (function, scope) == (FUNCTION, SCOPE)
            self.heard.append(json.loads(payload))

        watch = Watch(self.alarms, reader, self._emit, invoke, lambda *_: self.allowed, lambda: self.now)
        self._calls = {**AlarmCalls(self.alarms, watch, lambda: self.now).calls, **AlarmTags(self.alarms).calls}

    def _emit(self, scope: Scope, source: str, kind: str, detail: Mapping[str, Any], *_: Any, **__: Any) -> None:
        self.emitted.append((f"{source} {kind}", dict(detail)))

    def __call__(self, action: str, **params: Any) -> dict[str, Any]:
        return self._calls[action](Call("cloudwatch", action, params, SCOPE))

    def state(self, name: str = "a") -> str:
        return str(self("DescribeAlarms", AlarmNames=[name])["MetricAlarms"][0]["StateValue"])

    def history(self, **asked: Any) -> list[str]:
        found = self("DescribeAlarmHistory", ScanBy="TimestampAscending", **asked)["AlarmHistoryItems"]
        return [entry["HistorySummary"] for entry in found]


@pytest.fixture
def desk(storage: MetricStorage, tmp_path: Path) -> Desk:
    return Desk(storage, tmp_path)


def test_an_alarm_follows_its_data_and_acts(desk: Desk, cloudwatch: CloudWatch) -> None:
    desk("PutMetricAlarm", **BASE)
    assert desk.state() == "INSUFFICIENT_DATA"
    cloudwatch.put("m", {59: 9.0})
    assert desk.state() == "ALARM"
    (event,) = desk.heard
    assert (event["source"], event["alarmData"]["alarmName"]) == ("aws.cloudwatch", "a")
    assert event["alarmData"]["state"]["value"] == "ALARM"
    assert event["alarmData"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert event["alarmData"]["configuration"]["metrics"][0]["metricStat"]["metric"]["name"] == "m"
    assert desk.emitted[0][0] == "aws.cloudwatch CloudWatch Alarm State Change"
    cloudwatch.put("m", {60: 1.0})
    desk.now += 60
    assert (desk.state(), len(desk.heard)) == ("OK", 1)
    assert desk.history() == [
        'Alarm "a" created', "Alarm updated from INSUFFICIENT_DATA to ALARM", f"Successfully executed action {FUNCTION}",
        "Alarm updated from ALARM to OK",
    ]  # fmt: skip


def test_a_minute_that_is_not_over_does_not_count(desk: Desk, cloudwatch: CloudWatch) -> None:
    desk("PutMetricAlarm", **BASE)
    cloudwatch.put("m", {60: 9.0})
    assert desk.state() == "INSUFFICIENT_DATA"
    desk.now += 60
    assert desk.state() == "ALARM"


def test_metric_math_is_watched(desk: Desk, cloudwatch: CloudWatch) -> None:
    stat = {"Metric": {"Namespace": "Lab", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    metrics = [{"Id": "e", "Expression": "m * 10"}, {"Id": "m", "MetricStat": stat, "ReturnData": False}]
    own = {
        name: value for name, value in BASE.items() if name not in ("Namespace", "MetricName", "Statistic", "Period")
    }
    desk("PutMetricAlarm", **own, Metrics=metrics)
    cloudwatch.put("m", {59: 0.6})
    assert desk.state() == "ALARM"


def test_a_state_set_by_hand_holds_until_the_next_evaluation(desk: Desk, cloudwatch: CloudWatch) -> None:
    desk("PutMetricAlarm", **BASE)
    desk("SetAlarmState", AlarmName="a", StateValue="ALARM", StateReason="try", StateReasonData='{"x": 1}')
    (alarm,) = desk("DescribeAlarms")["MetricAlarms"]
    assert (alarm["StateValue"], alarm["StateReason"], alarm["StateReasonData"]) == ("ALARM", "try", '{"x": 1}')
    assert len(desk.heard) == 1
    desk.now += 60
    assert desk.state() == "INSUFFICIENT_DATA"


def test_an_action_that_may_not_be_done_is_told_in_the_history(desk: Desk) -> None:
    desk("PutMetricAlarm", **BASE)
    desk.allowed = False
    desk("SetAlarmState", AlarmName="a", StateValue="ALARM", StateReason="try")
    assert (desk.heard, desk.history(HistoryItemType="Action")) == (
        [],
        [f'Failed to execute action {FUNCTION}. Received error: "{REFUSED}"'],
    )


def test_actions_can_be_switched_off(desk: Desk) -> None:
    desk("PutMetricAlarm", **BASE)
    desk("DisableAlarmActions", AlarmNames=["a", "none"])
    desk("SetAlarmState", AlarmName="a", StateValue="ALARM", StateReason="try")
    assert desk.heard == []
    desk("EnableAlarmActions", AlarmNames=["a"])
    desk("SetAlarmState", AlarmName="a", StateValue="OK", StateReason="try")
    desk("SetAlarmState", AlarmName="a", StateValue="ALARM", StateReason="try")
    assert len(desk.heard) == 1


def test_alarms_are_described_as_they_were_put(desk: Desk) -> None:
    for name in ("b", "a", "ab"):
        desk("PutMetricAlarm", **{**BASE, "AlarmName": name, "AlarmDescription": "ñ"})

    def names(**asked: Any) -> list[str]:
        return [alarm["AlarmName"] for alarm in desk("DescribeAlarms", **asked)["MetricAlarms"]]

    assert names() == ["a", "ab", "b"]
    assert (names(AlarmNamePrefix="a"), names(AlarmNames=["b", "x"])) == (["a", "ab"], ["b"])
    assert (names(StateValue="OK"), names(ActionPrefix="arn:aws:sns"), names(AlarmTypes=["CompositeAlarm"])) == (
        [],
        [],
        [],
    )
    page = desk("DescribeAlarms", MaxRecords=2)
    assert names(MaxRecords=2, NextToken=page["NextToken"]) == ["b"]
    (alarm,) = desk("DescribeAlarms", AlarmNames=["a"])["MetricAlarms"]
    assert alarm["AlarmArn"] == "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"
    assert {**BASE, "AlarmDescription": "ñ"}.items() <= alarm.items()
    assert len(desk("DescribeAlarmsForMetric", Namespace="Lab", MetricName="m", Statistic="Sum")["MetricAlarms"]) == 3
    assert desk("DescribeAlarmsForMetric", Namespace="Lab", MetricName="other")["MetricAlarms"] == []


def test_alarms_outlive_a_restart_and_their_history_outlives_them(desk: Desk) -> None:
    desk("PutMetricAlarm", **BASE, Tags=[{"Key": "k", "Value": "v"}])
    again = Alarms(desk.documents)
    assert again.all(SCOPE) == desk.alarms.all(SCOPE)
    desk("DeleteAlarms", AlarmNames=["a"])
    assert (Alarms(desk.documents).all(SCOPE), desk.history()) == ([], ['Alarm "a" created', 'Alarm "a" deleted'])


def test_tags(desk: Desk) -> None:
    desk("PutMetricAlarm", **BASE, Tags=[{"Key": "k", "Value": "v"}])
    arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"
    desk("TagResource", ResourceARN=arn, Tags=[{"Key": "l", "Value": "w"}])
    desk("UntagResource", ResourceARN=arn, TagKeys=["k"])
    assert desk("ListTagsForResource", ResourceARN=arn)["Tags"] == [{"Key": "l", "Value": "w"}]
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        desk("ListTagsForResource", ResourceARN=arn + "x")


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"AlarmName": None}, "MissingParameter", "AlarmName"),
        ({"ComparisonOperator": "Is"}, "InvalidParameterValue", "must be a value in the set"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "ValidationError", "no anomaly detection"),
        ({"Threshold": None}, "MissingParameter", "The parameter Threshold is required."),
        ({"EvaluationPeriods": None}, "MissingParameter", "EvaluationPeriods"),
        ({"EvaluationPeriods": 1441}, "ValidationError",
         "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)."),
        ({"DatapointsToAlarm": 2}, "ValidationError", "DatapointsToAlarm"),
        ({"Period": 45}, "InvalidParameterValue", "10, 20, 30 or a multiple of 60"),
        ({"Period": None}, "MissingParameter", "The parameter Period is required."),
        ({"Statistic": None}, "InvalidParameterCombination", "Must specify either Statistic or ExtendedStatistic"),
        ({"ExtendedStatistic": "p90"}, "InvalidParameterCombination", "only one of"),
        ({"Statistic": None, "ExtendedStatistic": "p900"}, "InvalidParameterValue", "p900"),
        ({"TreatMissingData": "hide"}, "ValidationError", "Option hide is not supported."),
        ({"AlarmActions": ["nonsense"]}, "ValidationError", "Invalid arn syntax: nonsense"),
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "ValidationError", "SNS and Lambda only"),
        ({"AlarmActions": [FUNCTION] * 6}, "InvalidParameterValue", "must not have a size greater than 5"),
        ({"Metrics": [{"Id": "m", "Expression": "1"}]}, "InvalidParameterCombination", "mutually exclusive"),
    ],
)  # fmt: skip
def test_what_is_refused(desk: Desk, change: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(AwsError) as caught:
        desk("PutMetricAlarm", **{**BASE, **change})
    assert (caught.value.code, message in caught.value.message) == (code, True), caught.value.message


@pytest.mark.parametrize(
    ("action", "params", "code"),
    [
        ("DeleteAlarms", {"AlarmNames": ["none"]}, "ResourceNotFound"),
        ("DeleteAlarms", {"AlarmNames": []}, "MissingParameter"),
        ("SetAlarmState", {"AlarmName": "none", "StateValue": "OK", "StateReason": "x"}, "ResourceNotFound"),
        ("SetAlarmState", {"AlarmName": "none", "StateValue": "FINE", "StateReason": "x"}, "ValidationError"),
        (
            "SetAlarmState",
            {"AlarmName": "a", "StateValue": "OK", "StateReason": "x", "StateReasonData": "{"},
            "InvalidFormat",
        ),
        ("DescribeAlarms", {"AlarmNames": ["a"], "AlarmNamePrefix": "a"}, "ValidationError"),
    ],
)
def test_calls_that_are_refused(desk: Desk, action: str, params: dict[str, Any], code: str) -> None:
    desk("PutMetricAlarm", **BASE)
    with pytest.raises(AwsError) as caught:
        desk(action, **params)
    assert caught.value.code == code


def test_a_late_minute_still_counts(desk: Desk, cloudwatch: CloudWatch) -> None:
    desk("PutMetricAlarm", **BASE)
    cloudwatch.put("m", {57: 9.0})
    assert desk.state() == "ALARM"
    desk.now += timedelta(minutes=1).total_seconds()
    assert desk.state() == "INSUFFICIENT_DATA"
