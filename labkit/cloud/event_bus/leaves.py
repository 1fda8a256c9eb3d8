"""An event taken apart: every value with its path, and the elements of arrays it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from labkit.cloud.event_bus.matchers import Value


class Leaf(NamedTuple):
    """A value; `elements` are the array elements around it (number of the array in the event, index in it)."""

    value: Value
    elements: tuple[tuple[int, int], ...] = ()


def leaves_of(event: Mapping[str, Any]) -> dict[str, list[Leaf]]:
    """Leaves by path: names joined by dots, so that ``{"a.b": 1}`` is ``{"a": {"b": 1}}``. An empty array has none."""
    found: dict[str, list[Leaf]] = {}
    arrays = 0
    # Not recursive: an event may be nested deeper than Python calls.
    waiting: list[tuple[str, Any, tuple[tuple[int, int], ...]]] = [("", event, ())]
    while waiting:
        path, value, elements = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [(f"{path}.{name}" if path else name, inner, elements) for name, inner in value.items()]
        elif isinstance(value, list):
            array, arrays = arrays, arrays + 1
            for index, inner in enumerate(value):
                if isinstance(inner, (Mapping, list)):
                    waiting.append((path, inner, (*elements, (array, index))))
                else:
                    # The plain values of an array are one field with several values: they do not exclude each other.
                    found.setdefault(path, []).append(Leaf(Value.of(inner), elements))
        else:
            found.setdefault(path, []).append(Leaf(Value.of(value), elements))
    return found
