"""What was recorded of a metric, as the series of a statistic."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labkit.cloud.call import Scope
from labkit.cloud.metrics.math.search import parse_search
from labkit.cloud.metrics.math.series import Series
from labkit.cloud.metrics.math.syntax import MathError
from labkit.cloud.metrics.periods import Window, by_period, is_period, window
from labkit.cloud.metrics.statistics import BASIC, Compute, find_statistic
from labkit.cloud.metrics.storage import Metric, MetricStorage, Row

_LISTED_S = 14 * 86400
_MOST_FOUND = 100


@dataclass(frozen=True)
class Computed:
    """Metrics that are worked out when they are asked for (sizes of buckets)."""

    namespace: str
    all_metrics: Callable[[Scope], Sequence[Metric]]
    rows: Callable[[Scope, Metric, int, int], Sequence[Row]]

    def metrics(self, scope: Scope, namespace: str | None) -> Sequence[Metric]:
        """Those of a namespace, of all namespaces when it is None."""
        return self.all_metrics(scope) if namespace in (None, self.namespace) else ()


class Reader:
    """Reads series of one storage and of what is computed."""

    def __init__(self, storage: MetricStorage, computed: Computed, now: Callable[[], float] = time.time) -> None:
        self._storage = storage
        self._computed = computed
        self.now = now

    def window(self, start: float, end: float, period: int) -> Window:
        """The window of a query, in epoch seconds."""
        return window(start, end, period, self.now())

    def rows(self, scope: Scope, metric: Metric, asked: Window, unit: str | None, *, values: bool = True) -> list[Row]:
        """What is stored and computed of a metric in a window; with distributions, if statistics of `values` are asked for."""
        stored = self._storage.rows(scope, metric, asked.start, asked.end, unit, values=values)
        computed = self._computed.rows(scope, metric, asked.start, asked.end)
        return [*stored, *(row for row in computed if unit in (None, row.unit))]

    def series(self, scope: Scope, metric: Metric, asked: Window, statistic: str, unit: str | None = None) -> Series:
        """One value for each period that has data; the statistic must be one that CloudWatch has."""
        compute = _statistic(statistic)
        found = by_period(self.rows(scope, metric, asked, unit, values=statistic not in BASIC), asked)
        properties = {
            "MetricName": metric.name,
            "Namespace": metric.namespace,
            "Period": str(asked.period),
            "Stat": statistic,
            "AccountId": scope.account,
            "Region": scope.region,
            **{f"Dim.{name}": value for name, value in metric.dimensions},
        }
        series = Series({}, asked.period, metric.name, properties)
        return series.at(sorted(found), lambda moment: compute(found[moment]))

    def metrics(self, scope: Scope, namespace: str | None = None) -> list[Metric]:
        """All metrics of the last two weeks, in order."""
        since = self.now() - _LISTED_S
        recorded = {metric for metric, last in self._storage.metrics(scope, namespace) if last >= since}
        return sorted(
            recorded | set(self._computed.metrics(scope, namespace)),
            key=lambda metric: (metric.namespace, metric.name, metric.dimensions),
        )

    def search(self, scope: Scope, asked: Window, text: str, statistic: str, period: int) -> tuple[Series, ...]:
        """The series of the metrics that a SEARCH finds; at most 100, as on AWS."""
        if find_statistic(statistic) is None:
            raise MathError(f"SEARCH has no statistic '{statistic}'")
        if not is_period(period):
            raise MathError(f"SEARCH has no period of {period} seconds")
        wanted = parse_search(text)
        # The grid of the whole query: series of other expressions must meet this one.
        its_window = Window(asked.start, asked.end, period)
        found = [metric for metric in self.metrics(scope, wanted.namespace) if wanted.finds(metric)][:_MOST_FOUND]
        return tuple(self.series(scope, metric, its_window, statistic) for metric in found)


def _statistic(name: str) -> Compute:
    found = find_statistic(name)
    if found is None:
        raise ValueError(name)
    return found
