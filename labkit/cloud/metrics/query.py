"""GetMetricData's queries: read, checked, computed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.metrics.checks import UNITS, read_dimensions, validation
from labkit.cloud.metrics.math.evaluate import Surroundings, as_series, evaluate
from labkit.cloud.metrics.math.series import Series, Value
from labkit.cloud.metrics.math.syntax import MathError, Node, functions, names, parse
from labkit.cloud.metrics.periods import is_period
from labkit.cloud.metrics.reading import Reader
from labkit.cloud.metrics.statistics import find_statistic
from labkit.cloud.metrics.storage import Metric

_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_SQL = re.compile(r"\s*SELECT\b", re.IGNORECASE)
_MOST_QUERIES = 500
_DEFAULT_PERIOD = 60


@dataclass(frozen=True)
class Stat:
    """A query for a statistic of a metric."""

    metric: Metric
    period: int
    statistic: str
    unit: str | None


@dataclass(frozen=True)
class Query:
    """One entry of MetricDataQueries: a statistic or an expression."""

    id: str
    stat: Stat | None
    node: Node | None
    label: str
    returned: bool
    period: int | None


def read_queries(told: Sequence[Mapping[str, Any]]) -> list[Query]:
    """The queries of a request; ValidationError in AWS's words."""
    if not told:
        raise validation("The parameter MetricDataQueries is required.")
    if len(told) > _MOST_QUERIES:
        raise validation(f"The collection MetricDataQueries must not have a size greater than {_MOST_QUERIES}.")
    queries = [_read(query, f"MetricDataQueries.member.{number}") for number, query in enumerate(told, 1)]
    ids = [query.id for query in queries]
    if len(set(ids)) < len(ids):
        raise validation("The values for parameter Id in MetricDataQueries are not unique.")
    return queries


def _read(told: Mapping[str, Any], name: str) -> Query:
    told_id = str(told.get("Id") or "")
    if not told_id:
        raise validation(f"The parameter {name}.Id is required.")
    if not _ID.fullmatch(told_id) or len(told_id) > 255:
        raise validation(
            f"The value {told_id} for parameter {name}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
        )
    if told.get("AccountId") and not re.fullmatch(r"\d{12}", str(told["AccountId"])):
        raise validation(f"The value {told['AccountId']} for parameter {name}.AccountId is invalid.")
    stat, expression, period = told.get("MetricStat"), told.get("Expression"), told.get("Period")
    if not stat and not expression:
        raise validation(f"The parameter {name}.MetricStat is required.\n")
    if stat and expression:
        raise validation(
            f"The parameters {name}.Expression and {name}.MetricStat are mutually exclusive and you have specified both."
        )
    if stat and period is not None:
        raise validation(
            f"The parameters {name}.MetricStat and {name}.Period are mutually exclusive and you have specified both."
        )
    if period is not None:
        _check_period(period, f"{name}.Period")
    returned = told.get("ReturnData")
    return Query(
        told_id,
        _read_stat(stat, f"{name}.MetricStat") if stat else None,
        _read_expression(str(expression), told_id) if expression else None,
        str(told.get("Label") or ""),
        returned is None or str(returned).lower() == "true",
        period,
    )


def _read_stat(told: Mapping[str, Any], name: str) -> Stat:
    metric = told.get("Metric") or {}
    for field, value in (("Metric", metric), ("Metric.Namespace", metric.get("Namespace")),
                         ("Metric.MetricName", metric.get("MetricName")), ("Period", told.get("Period")),
                         ("Stat", told.get("Stat"))):  # fmt: skip
        if value in (None, "", {}):
            raise validation(f"The parameter {name}.{field} is required.")
    _check_period(told["Period"], f"{name}.Period")
    if find_statistic(told["Stat"]) is None:
        raise validation(f"The value {told['Stat']} for parameter {name}.Stat is not supported.")
    if told.get("Unit") and told["Unit"] not in UNITS:
        raise validation(f"The parameter {name}.Unit must be a value in the set [ {', '.join(UNITS)} ].")
    try:
        dimensions = read_dimensions(metric.get("Dimensions"), f"{name}.Metric.Dimensions")
    except AwsError as error:
        raise validation(error.message) from error
    its_metric = Metric(metric["Namespace"], metric["MetricName"], dimensions)
    return Stat(its_metric, int(told["Period"]), told["Stat"], told.get("Unit") or None)


def _check_period(period: Any, name: str) -> None:
    if not is_period(int(period)):
        raise validation(f"The parameter {name} must be a value in the set [1, 5, 10, 20, 30] or a multiple of 60.")


def _read_expression(text: str, query_id: str) -> Node:
    if len(text) > 2048:
        raise validation("The parameter Expression must be shorter than 2049 characters.")
    if _SQL.match(text):
        raise validation(
            f"Error in expression '{query_id}': labkit's local cloud does not answer Metrics Insights queries (SELECT …); "
            "use MetricStat, SEARCH and metric math."
        )
    try:
        return parse(text)
    except MathError as error:
        raise math_error(query_id, error) from error


def math_error(query_id: str, error: Exception) -> AwsError:
    """A ValidationError that names the expression."""
    return validation(f"Error in expression '{query_id}': {error}")


class Computation:
    """The results of one request's queries, each computed once."""

    def __init__(self, reader: Reader, scope: Scope, queries: Sequence[Query], start: float, end: float) -> None:
        self._reader = reader
        self._scope = scope
        self._queries = {query.id: query for query in queries}
        self._start, self._end = start, end
        self._results: dict[str, Value] = {}
        self._going_on: list[str] = []

    def of(self, query: Query) -> tuple[Series, ...]:
        """The series of a query: one, or those of an expression that has several."""
        value = self._value(query)
        return as_series(value, self._reader.window(self._start, self._end, self.period(query)))

    def _value(self, query: Query) -> Value:
        if query.id not in self._results:
            self._results[query.id] = self._stat(query.stat) if query.stat else self._expression(query)
        return self._results[query.id]

    def _stat(self, stat: Stat) -> Series:
        asked = self._reader.window(self._start, self._end, stat.period)
        return self._reader.series(self._scope, stat.metric, asked, stat.statistic, stat.unit)

    def _expression(self, query: Query) -> Value:
        node = query.node
        if node is None or query.id in self._going_on:
            raise math_error(query.id, MathError("The expression uses itself"))
        self._going_on.append(query.id)
        ids = [found for found in names(node) if found in self._queries]
        metric_ids = tuple(name for name, other in self._queries.items() if other.stat)
        if "METRICS" in functions(node):
            ids += [name for name in metric_ids if name not in ids]
        asked = self._reader.window(self._start, self._end, self.period(query))
        around = Surroundings(
            {name: self._value(self._queries[name]) for name in ids},
            metric_ids,
            lambda text, statistic, period: self._reader.search(self._scope, asked, text, statistic, period),
            asked,
        )
        try:
            value = evaluate(node, around)
        except (MathError, ValueError, OverflowError) as error:
            raise math_error(query.id, error) from error
        self._going_on.pop()
        return replace(value, label="") if isinstance(value, Series) else value

    def period(self, query: Query, seen: tuple[str, ...] = ()) -> int:
        """A query's period: its own, or the shortest of those it uses."""
        if query.stat:
            return query.stat.period
        if query.period or query.node is None:
            return query.period or _DEFAULT_PERIOD
        used = [self._queries[name] for name in names(query.node) if name in self._queries and name not in seen]
        if "METRICS" in functions(query.node):
            used += [other for other in self._queries.values() if other.stat]
        return min((self.period(other, (*seen, query.id)) for other in used), default=_DEFAULT_PERIOD)
