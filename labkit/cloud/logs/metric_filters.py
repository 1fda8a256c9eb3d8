"""Metric filters: lines that match are counted into CloudWatch metrics as they are written."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.logs.checks import bounded, check_text, constraint, group_name, invalid
from labkit.cloud.logs.filters import Filter, FilterShelf
from labkit.cloud.logs.groups import get_group
from labkit.cloud.logs.pages import page
from labkit.cloud.logs.pattern.json_pattern import read_value
from labkit.cloud.logs.pattern.parse import parse_pattern
from labkit.cloud.logs.pattern.values import NUMBER, to_number, to_text

if TYPE_CHECKING:
    from labkit.cloud.metrics.recorder import Recorder

_NAME = r"[^:*]*"
_MOST_PER_GROUP = 100
_MOST_DIMENSIONS = 3
_MOST_MESSAGES = 50


class MetricFilters:
    """The calls, and `wrote`, which the writer of events calls with each batch."""

    def __init__(
        self, shelf: FilterShelf, metrics: Callable[[Scope], Recorder], changed: Callable[[Scope], None]
    ) -> None:
        self._shelf = shelf
        self._metrics = metrics
        self._changed = changed
        self._silent: dict[tuple[Scope, str, str], int] = {}

    @property
    def routes(self) -> dict[str, Handler]:
        """The calls about metric filters."""
        return {
            "PutMetricFilter": self.put,
            "DeleteMetricFilter": self.delete,
            "DescribeMetricFilters": self.describe,
            "TestMetricFilter": self.test,
        }

    def wrote(self, scope: Scope, group: str, events: Sequence[tuple[int, str]]) -> None:
        """Count what matches."""
        for one in self._shelf.of(scope, group):
            for made in one.document["metricTransformations"]:
                self._count(scope, group, one, made, events)

    def _count(
        self, scope: Scope, group: str, one: Filter, made: Mapping[str, Any], events: Sequence[tuple[int, str]]
    ) -> None:
        recorder, hits = self._metrics(scope), 0
        for _, message in events:
            if not one.matcher.matches(message):
                continue
            hits += 1
            value = _value(made["metricValue"], message, one)
            dimensions = _dimensions(made.get("dimensions") or {}, message, one)
            if value is not None and dimensions is not None:
                recorder.record(
                    made["metricNamespace"], made["metricName"], dimensions, value, made.get("unit") or "None"
                )
        default = made.get("defaultValue")
        if default is None:
            return
        minute, key = int(time.time()) // 60, (scope, group, one.name)
        if hits == 0 and self._silent.get(key) != minute:
            recorder.record(made["metricNamespace"], made["metricName"], {}, float(default), made.get("unit") or "None")
        self._silent[key] = minute

    def put(self, call: Call) -> dict[str, Any]:
        """PutMetricFilter."""
        params, scope = call.params, call.scope
        group = group_name(params.get("logGroupName"))
        name = check_text(params.get("filterName"), "filterName", 1, 512, _NAME)
        pattern = check_text(params.get("filterPattern"), "filterPattern", 0, 1024)
        made = _transformations(params.get("metricTransformations"))
        for unsupported in ("applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions"):
            if params.get(unsupported):
                raise invalid(f"labkit's local cloud does not carry out {unsupported}, so it refuses it.")
        get_group(scope, group)
        parse_pattern(pattern)
        others = [one for one in self._shelf.of(scope, group) if one.name != name]
        if len(others) >= _MOST_PER_GROUP:
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        self._shelf.put(
            scope,
            {
                "filterName": name,
                "filterPattern": pattern,
                "metricTransformations": made,
                "creationTime": int(time.time() * 1000),
                "logGroupName": group,
                "applyOnTransformedLogs": False,
            },
        )
        return {}

    def delete(self, call: Call) -> dict[str, Any]:
        """DeleteMetricFilter."""
        group = group_name(call.params.get("logGroupName"))
        name = check_text(call.params.get("filterName"), "filterName", 1, 512, _NAME)
        get_group(call.scope, group)
        self._shelf.remove(call.scope, group, name)
        return {}

    def describe(self, call: Call) -> dict[str, Any]:
        """DescribeMetricFilters, by group and name."""
        params = call.params
        metric, space = params.get("metricName"), params.get("metricNamespace")
        if (metric is None) != (space is None):
            raise invalid(
                "If you include the metricName parameter in your request, you must also include the metricNamespace parameter."
            )
        group, prefix = params.get("logGroupName"), params.get("filterNamePrefix") or ""
        if group is not None:
            get_group(call.scope, group_name(group))
        found = [
            one.document
            for one in self._shelf.all(call.scope)
            if group in (None, one.document["logGroupName"])
            and one.name.startswith(prefix)
            and (metric is None or any(_makes(made, metric, space) for made in one.document["metricTransformations"]))
        ]
        limit = bounded(params, "limit", 50, 50)
        key: Callable[[dict[str, Any]], Any] = lambda one: (one["logGroupName"], one["filterName"])  # noqa: E731
        shown, more = page(found, key, params.get("nextToken"), limit)
        return {"metricFilters": shown, **more}

    def test(self, call: Call) -> dict[str, Any]:
        """TestMetricFilter: which of the messages match."""
        pattern = check_text(call.params.get("filterPattern"), "filterPattern", 0, 1024)
        messages = call.params.get("logEventMessages")
        if not isinstance(messages, list) or not 1 <= len(messages) <= _MOST_MESSAGES:
            raise constraint("[…]", "logEventMessages", f"Member must have between 1 and {_MOST_MESSAGES} items")
        matcher = parse_pattern(pattern)
        return {
            "matches": [
                {"eventNumber": number, "eventMessage": text, "extractedValues": matcher.values(text)}
                for number, text in enumerate(messages, 1)
                if matcher.matches(check_text(text, f"logEventMessages.{number}.member", 1, 262_144))
            ]
        }


def _makes(made: Mapping[str, Any], metric: str, space: str | None) -> bool:
    return bool(made["metricName"] == metric and made["metricNamespace"] == space)


def _transformations(asked: Any) -> list[dict[str, Any]]:
    if not isinstance(asked, list) or len(asked) != 1:
        raise constraint("[…]", "metricTransformations", "Member must have length equal to 1")
    made = asked[0]
    if not isinstance(made, dict):
        raise constraint(None, "metricTransformations.1.member", "Member must not be null")
    place = "metricTransformations.1.member"
    check_text(made.get("metricName"), f"{place}.metricName", 1, 255, r"[^:*$]*")
    check_text(made.get("metricNamespace"), f"{place}.metricNamespace", 1, 255, r"[^:*$]*")
    value = check_text(made.get("metricValue"), f"{place}.metricValue", 1, 100)
    if not value.startswith("$") and not NUMBER.fullmatch(value):
        raise invalid(f"Invalid metric transformation: metric value must be a number or a selector, not {value}")
    dimensions = made.get("dimensions") or {}
    if dimensions and made.get("defaultValue") is not None:
        raise invalid("Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
    if len(dimensions) > _MOST_DIMENSIONS:
        raise invalid(f"Invalid metric transformation: at most {_MOST_DIMENSIONS} dimensions can be given")
    if any(not str(selector).startswith("$") for selector in dimensions.values()):
        raise invalid("Invalid metric transformation: the value of a dimension must be a selector such as $.field")
    return [made]


def _read(selector: str, message: str, one: Filter) -> Any:
    if selector.startswith(("$.", "$[")):
        return read_value(message, selector)
    return one.matcher.values(message).get(selector)


def _value(asked: str, message: str, one: Filter) -> float | None:
    return to_number(_read(asked, message, one)) if asked.startswith("$") else float(asked)


def _dimensions(asked: Mapping[str, str], message: str, one: Filter) -> dict[str, str] | None:
    """None when the message lacks one: AWS counts it under no dimension then."""
    found = {name: _read(selector, message, one) for name, selector in asked.items()}
    if any(value is None for value in found.values()):
        return None
    return {name: to_text(value)[:1024] for name, value in found.items()}
