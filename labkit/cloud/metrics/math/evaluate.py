"""The value of a metric math expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from labkit.cloud.metrics.math.functions import FUNCTIONS, REFUSED, Given
from labkit.cloud.metrics.math.series import Series, Value, combine
from labkit.cloud.metrics.math.syntax import (
    Binary,
    Invocation,
    Items,
    MathError,
    Name,
    Negative,
    Node,
    Number,
    Text,
)
from labkit.cloud.metrics.periods import Window

# Functions that take words, and at which places.
_WORDS = {"FILL": (1,), "SORT": (1, 2)}
Search = Callable[[str, str, int], tuple[Series, ...]]


@dataclass(frozen=True)
class Surroundings:
    """What an expression may use: results by Id, the Ids of metrics in order, SEARCH, and the query's window."""

    results: Mapping[str, Value]
    metric_ids: tuple[str, ...]
    search: Search
    window: Window


def evaluate(node: Node, around: Surroundings) -> Value:
    """The value of a tree; MathError tells what cannot be computed."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        if node.value not in around.results:
            raise MathError(f"Unknown identifier '{node.value}'")
        return around.results[node.value]
    if isinstance(node, Items):
        return tuple(series for member in node.members for series in _series(evaluate(member, around)))
    if isinstance(node, Negative):
        return combine("*", evaluate(node.operand, around), -1.0)
    if isinstance(node, Binary):
        return _chain(node, around)
    if isinstance(node, Invocation):
        return _invoke(node, around)
    raise MathError(f"Unexpected text '{node.value}'")


def _chain(node: Binary, around: Surroundings) -> Value:
    """Operators from left to right, without recursion: a sum of hundreds of series is a deep tree."""
    links: list[Binary] = []
    first: Node = node
    while isinstance(first, Binary):
        links.append(first)
        first = first.left
    value = evaluate(first, around)
    for link in reversed(links):
        value = combine(link.operator, value, evaluate(link.right, around))
    return value


def as_series(value: Value, window: Window) -> tuple[Series, ...]:
    """The series of a result; a number holds for each period of the query."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, Series):
        return (value,)
    return (Series(dict.fromkeys(window.grid(), value), window.period),)


def _series(value: Value) -> tuple[Series, ...]:
    if isinstance(value, float):
        raise MathError("An array holds time series, not numbers")
    return value if isinstance(value, tuple) else (value,)


def _invoke(node: Invocation, around: Surroundings) -> Value:
    if node.function == "METRICS":
        return _metrics(node, around)
    if node.function == "SEARCH":
        return _search(node, around)
    if node.function in REFUSED:
        raise MathError(f"labkit's local cloud does not compute {node.function}")
    function = FUNCTIONS.get(node.function)
    if function is None:
        raise MathError(f"Unknown function '{node.function}'")
    if not node.arguments:
        raise MathError(f"{node.function} needs arguments")
    values = tuple(
        None if _is_word(node, place, around) else evaluate(argument, around)
        for place, argument in enumerate(node.arguments)
    )
    return function(Given(node.function, values, node.arguments, around.window))


def _is_word(node: Invocation, place: int, around: Surroundings) -> bool:
    argument = node.arguments[place]
    return (
        place in _WORDS.get(node.function, ()) and isinstance(argument, Name) and argument.value not in around.results
    )


def _metrics(node: Invocation, around: Surroundings) -> Value:
    if len(node.arguments) > 1 or (node.arguments and not isinstance(node.arguments[0], Text)):
        raise MathError("METRICS takes nothing or a part of an Id between quotes")
    part = node.arguments[0].value if node.arguments and isinstance(node.arguments[0], Text) else ""
    return tuple(series for name in around.metric_ids if part in name for series in _series(around.results[name]))


def _search(node: Invocation, around: Surroundings) -> Value:
    told = node.arguments
    if not 2 <= len(told) <= 3 or not isinstance(told[0], Text) or not isinstance(told[1], Text):
        raise MathError(
            "SEARCH takes a search, a statistic and a period: SEARCH('{Namespace, Dimension} words', 'Average', 300)"
        )
    period = around.window.period
    if len(told) == 3:
        if not isinstance(told[2], Number) or told[2].value != int(told[2].value):
            raise MathError("SEARCH takes whole seconds as its period")
        period = int(told[2].value)
    found = around.search(told[0].value, told[1].value, period)
    return tuple(replace(series, period=period) for series in found)
