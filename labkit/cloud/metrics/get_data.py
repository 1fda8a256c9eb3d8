"""GetMetricData: series of statistics and expressions, in pages."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labkit.cloud.call import AwsError, Call
from labkit.cloud.metrics.checks import validation
from labkit.cloud.metrics.labels import fill_label, read_zone
from labkit.cloud.metrics.math.series import Series
from labkit.cloud.metrics.periods import as_datetime, epoch
from labkit.cloud.metrics.query import Computation, Query, read_queries
from labkit.cloud.metrics.reading import Reader

_MOST_POINTS = 100_800
_SCANS = ("TimestampDescending", "TimestampAscending")


class GetMetricData:
    """The handler of GetMetricData."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __call__(self, call: Call) -> dict[str, Any]:
        """One page of results."""
        params = call.params
        queries = read_queries(params.get("MetricDataQueries") or [])
        start, end = _times(params)
        scan = params.get("ScanBy") or _SCANS[0]
        if scan not in _SCANS:
            raise validation(f"The parameter ScanBy must be a value in the set [ {', '.join(_SCANS)} ].")
        most = _most_points(params.get("MaxDatapoints"))
        zone = read_zone((params.get("LabelOptions") or {}).get("Timezone"))
        computation = Computation(self._reader, call.scope, queries, start, end)
        results = [
            _result(query, series, fill_label(label, series, default, zone), descending=scan == _SCANS[0])
            for query in queries
            if query.returned and _is_ours(call, params, query)
            for series, label, default in _labelled(query, computation.of(query))
        ]
        return _page(results, most, params.get("NextToken"))


def _is_ours(call: Call, params: Mapping[str, Any], query: Query) -> bool:
    """A query may name an account; of another one nothing is known here, as on AWS without links between accounts."""
    told = next(told for told in params["MetricDataQueries"] if told["Id"] == query.id)
    account = told.get("AccountId")
    if account and account != call.scope.account:
        raise validation(f"The account {account} is not linked to this account.")
    return True


def _times(params: Mapping[str, Any]) -> tuple[float, float]:
    for name in ("StartTime", "EndTime"):
        if params.get(name) is None:
            raise validation(f"The parameter {name} is required.")
    start, end = epoch(params["StartTime"]), epoch(params["EndTime"])
    if start == end:
        raise validation("The parameter StartTime must not equal parameter EndTime.")
    if start > end:
        raise validation("The parameter EndTime must be greater than StartTime.")
    return start, end


def _most_points(told: int | None) -> int:
    if told is None:
        return _MOST_POINTS
    if not 0 < told <= _MOST_POINTS:
        raise validation(f"The parameter MaxDatapoints must be between 1 and {_MOST_POINTS}.")
    return told


def _labelled(query: Query, found: Sequence[Series]) -> Iterator[tuple[Series, str, str]]:
    """Each series with its label and the label that it would have by itself."""
    several = query.stat is None and (len(found) > 1 or any(series.label for series in found))
    for series in found:
        default = series.label or query.id
        if query.label and several and "${" not in query.label:
            yield series, f"{query.label} {default}", default
        else:
            yield series, query.label or default, default


def _result(query: Query, series: Series, label: str, *, descending: bool) -> dict[str, Any]:
    moments = sorted(series.points, reverse=descending)
    return {
        "Id": query.id,
        "Label": label,
        "Timestamps": [as_datetime(moment) for moment in moments],
        "Values": [series.points[moment] for moment in moments],
        "StatusCode": "Complete",
    }


def _page(results: Sequence[dict[str, Any]], most: int, token: str | None) -> dict[str, Any]:
    """The results from where a token says, with at most so many data points in all."""
    first, skip = _read_token(token, results)
    shown: list[dict[str, Any]] = []
    room = most
    for place in range(first, len(results)):
        result = results[place]
        start = skip if place == first else 0
        end = min(len(result["Values"]), start + room)
        whole = end == len(result["Values"])
        if not whole and end == start:
            return {"MetricDataResults": shown, "Messages": [], "NextToken": _token(place, start)}
        part = {name: result[name][start:end] for name in ("Timestamps", "Values")}
        shown.append({**result, **part, "StatusCode": "Complete" if whole else "PartialData"})
        room -= end - start
        if not whole:
            return {"MetricDataResults": shown, "Messages": [], "NextToken": _token(place, end)}
    return {"MetricDataResults": shown, "Messages": []}


def _token(place: int, start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([place, start]).encode()).decode()


def _read_token(token: str | None, results: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    if not token:
        return 0, 0
    try:
        place, start = (int(number) for number in json.loads(base64.urlsafe_b64decode(token)))
        if 0 <= place < len(results) and 0 <= start <= len(results[place]["Values"]):
            return place, start
    except (ValueError, TypeError, binascii.Error):
        pass
    raise AwsError("InvalidNextToken", "The next token specified is invalid.")
