"""Labels of results: CloudWatch's dynamic ones, such as `[max: ${MAX}] ${PROP('Dim.BucketName')}`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from labkit.cloud.metrics.checks import validation
from labkit.cloud.metrics.math.series import Series

_PLACE = re.compile(r"\$\{\s*(?:(?P<name>[A-Z_]+)|PROP\(\s*'(?P<property>[^']+)'\s*\))\s*\}")
_ZONE = re.compile(r"(?P<sign>[+-])(?P<hours>\d{2})(?P<minutes>\d{2})")


def fill_label(label: str, series: Series, default: str, zone: timezone) -> str:
    """A label with its places filled; what CloudWatch does not know stays as it is."""
    return _PLACE.sub(lambda place: _filled(place, series, default, zone), label)


def read_zone(text: str | None) -> timezone:
    """The zone of LabelOptions: `+0130`."""
    if not text:
        return timezone.utc
    found = _ZONE.fullmatch(text)
    if found is None or int(found["hours"]) > 14 or int(found["minutes"]) > 59:
        raise validation(f"The value {text} for parameter LabelOptions.Timezone is invalid.")
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return timezone(offset if found["sign"] == "+" else -offset)


def _filled(place: re.Match[str], series: Series, default: str, zone: timezone) -> str:
    name = place["name"]
    if name is None:
        return series.properties.get(place["property"], place[0])
    if name == "LABEL":
        return default
    if name == "DATAPOINT_COUNT":
        return str(len(series.points))
    base, is_time = (name[:-5], True) if name.endswith("_TIME") else (name, False)
    moments = sorted(series.points)
    if base not in ("FIRST", "LAST", "MIN", "MAX", "AVG", "SUM", "RANGE") or (
        is_time and base in ("AVG", "SUM", "RANGE")
    ):
        return place[0]
    if not moments:
        return "--"
    chosen = {
        "FIRST": moments[0],
        "LAST": moments[-1],
        "MIN": min(moments, key=lambda moment: series.points[moment]),
        "MAX": max(moments, key=lambda moment: series.points[moment]),
    }
    if is_time:
        return datetime.fromtimestamp(chosen[base], zone).strftime("%Y-%m-%d %H:%M:%S")
    values = list(series.points.values())
    summary = {"AVG": sum(values) / len(values), "SUM": sum(values), "RANGE": max(values) - min(values)}
    return _number(series.points[chosen[base]] if base in chosen else summary[base])


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"
