"""ListMetrics."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labkit.cloud.call import Call, Scope
from labkit.cloud.metrics.checks import check_namespace, check_text, invalid
from labkit.cloud.metrics.storage import Dimensions, Metric, MetricStorage

_PAGE = 500
_ACTIVE_S = 3 * 3600
_LISTED_S = 14 * 86400
_MOST_FILTERS = 10


class ListMetrics:
    """The handler of ListMetrics; `computed` gives metrics that are not recorded but worked out when asked for."""

    def __init__(
        self,
        storage: MetricStorage,
        computed: Callable[[Scope, str | None], Sequence[Metric]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._storage = storage
        self._computed = computed
        self._now = now

    def __call__(self, call: Call) -> dict[str, Any]:
        """One page of 500 metrics."""
        params = call.params
        check_namespace(params.get("Namespace"), required=False)
        check_text(params.get("MetricName"), "MetricName", 255, required=False)
        wanted = _filters(params.get("Dimensions") or [])
        active = params.get("RecentlyActive")
        if active not in (None, "", "PT3H"):
            raise invalid("The parameter RecentlyActive must be a value in the set [ PT3H ].")
        since = self._now() - (_ACTIVE_S if active else _LISTED_S)
        found = [
            metric
            for metric in self._metrics(call.scope, params, since)
            if all(_fits(metric.dimensions, name, value) for name, value in wanted)
        ]
        start = _read_token(params.get("NextToken"), len(found))
        shown = [shape(metric) for metric in found[start : start + _PAGE]]
        answer: dict[str, Any] = {"Metrics": shown}
        if start + _PAGE < len(found):
            answer["NextToken"] = _token(start + _PAGE)
        if params.get("IncludeLinkedAccounts"):
            answer["OwningAccounts"] = [call.scope.account] * len(shown)
        return answer

    def _metrics(self, scope: Scope, params: Mapping[str, Any], since: float) -> list[Metric]:
        namespace, name = params.get("Namespace") or None, params.get("MetricName") or None
        recorded = [metric for metric, last in self._storage.metrics(scope, namespace, name) if last >= since]
        computed = [metric for metric in self._computed(scope, namespace) if name in (None, metric.name)]
        return sorted({*recorded, *computed}, key=lambda metric: (metric.namespace, metric.name, metric.dimensions))


def shape(metric: Metric) -> dict[str, Any]:
    """A metric as the API shows it."""
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}


def _filters(told: Sequence[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
    if len(told) > _MOST_FILTERS:
        raise invalid(f"The collection Dimensions must not have a size greater than {_MOST_FILTERS}.")
    for number, dimension in enumerate(told, 1):
        check_text(dimension.get("Name"), f"Dimensions.member.{number}.Name", 255)
        check_text(dimension.get("Value"), f"Dimensions.member.{number}.Value", 1024, required=False)
    return [(dimension["Name"], dimension.get("Value") or None) for dimension in told]


def _fits(dimensions: Dimensions, name: str, value: str | None) -> bool:
    return any(name == its_name and value in (None, its_value) for its_name, its_value in dimensions)


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"from": start}).encode()).decode()


def _read_token(token: str | None, count: int) -> int:
    if not token:
        return 0
    try:
        start = int(json.loads(base64.urlsafe_b64decode(token))["from"])
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise invalid("Request parameter NextToken is invalid") from error
    if not 0 <= start <= count:
        raise invalid("Request parameter NextToken is invalid")
    return start
