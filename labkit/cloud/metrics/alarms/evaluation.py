"""What an alarm's state is, from its data points (docs.aws.amazon.com/AmazonCloudWatch, "Alarm evaluation" and "Configuring how
alarms treat missing data", whose tables are the tests).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from labkit.cloud.metrics.alarms.records import ALARM, OK, UNKNOWN

# CloudWatch looks at more periods than it evaluates, so that late data still counts.
EXTRA_PERIODS = 2
_WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}


@dataclass(frozen=True)
class Verdict:
    """A state with its reason, in words and as data (JSON)."""

    state: str
    reason: str
    data: str


def breaches(operator: str, value: float, threshold: float) -> bool:
    """Whether a value is on the wrong side of the threshold."""
    return {
        "GreaterThanOrEqualToThreshold": value >= threshold,
        "GreaterThanThreshold": value > threshold,
        "LessThanThreshold": value < threshold,
        "LessThanOrEqualToThreshold": value <= threshold,
    }[operator]


def evaluate(settings: Mapping[str, Any], moments: Sequence[int], points: Mapping[int, float]) -> Verdict | None:
    """The verdict over the periods that begin at `moments` (oldest first); None when the state stays as it is (TreatMissingData ignore)."""
    evaluated = int(settings["EvaluationPeriods"])
    needed = int(settings.get("DatapointsToAlarm") or evaluated)
    treated = settings.get("TreatMissingData") or "missing"
    real = [(moment, points[moment]) for moment in moments if moment in points][-evaluated:]
    wrong = [point for point in real if breaches(settings["ComparisonOperator"], point[1], settings["Threshold"])]
    absent = evaluated - len(real)
    state = _state(len(real), len(wrong), absent, needed, treated)
    if state is None:
        return None
    shown = wrong if state == ALARM else real
    return Verdict(
        state, _reason(settings, state, shown[::-1], absent, treated, needed), _data(settings, moments, real)
    )


def _state(real: int, wrong: int, absent: int, needed: int, treated: str) -> str | None:
    if treated == "breaching":
        return ALARM if wrong + absent >= needed else OK
    if treated == "notBreaching":
        return ALARM if wrong >= needed else OK
    if wrong >= needed:
        return ALARM
    if real > wrong:
        return OK
    if treated == "ignore":
        return None
    # Only breaching data, and less of it than is needed: CloudWatch alarms early rather than not at all.
    return ALARM if wrong else UNKNOWN


def _reason(
    settings: Mapping[str, Any],
    state: str,
    shown: Sequence[tuple[int, float]],
    absent: int,
    treated: str,
    needed: int,
) -> str:
    evaluated, threshold = int(settings["EvaluationPeriods"]), float(settings["Threshold"])
    if state == UNKNOWN:
        return f"Insufficient Data: {evaluated} datapoint{'s were' if evaluated > 1 else ' was'} unknown."
    if not shown:
        kind = "Breaching" if treated == "breaching" else "NonBreaching"
        periods = f"{evaluated} period{'s' if evaluated > 1 else ''}"
        points = f"{absent} missing datapoint{'s were' if absent > 1 else ' was'}"
        return f"Threshold Crossed: no datapoints were received for {periods} and {points} treated as [{kind}]."
    told = ", ".join(f"{value} ({_short(moment)})" for moment, value in shown)
    word = "was" if len(shown) == 1 else "were"
    side = f"{'' if state == ALARM else 'not '}{_WORDS[settings['ComparisonOperator']]}"
    way = "OK -> ALARM" if state == ALARM else "ALARM -> OK"
    least = needed if state == ALARM else evaluated - needed + 1
    return (
        f"Threshold Crossed: {len(shown)} out of the last {evaluated} datapoints [{told}] {word} {side} the threshold ({threshold}) "
        f"(minimum {least} datapoint{'s' if least > 1 else ''} for {way} transition)."
    )


def _data(settings: Mapping[str, Any], moments: Sequence[int], real: Sequence[tuple[int, float]]) -> str:
    told: dict[str, Any] = {
        "version": "1.0",
        "queryDate": _long(datetime.now(timezone.utc)),
        "recentDatapoints": [value for _, value in real],
        "threshold": float(settings["Threshold"]),
        "evaluatedDatapoints": [{"timestamp": _long(_time(moment)), "value": value} for moment, value in real[::-1]],
    }
    if real:
        told["startDate"] = _long(_time(real[0][0]))
    if settings.get("Period"):
        told["period"] = settings["Period"]
        told["statistic"] = settings.get("Statistic") or settings.get("ExtendedStatistic")
    elif len(moments) > 1:
        told["period"] = moments[1] - moments[0]
    return json.dumps(told)


def _time(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, timezone.utc)


def _short(moment: int) -> str:
    return _time(moment).strftime("%d/%m/%y %H:%M:%S")


def _long(moment: datetime) -> str:
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03}+0000"
