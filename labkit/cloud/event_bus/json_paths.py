"""The part of JSONPath that EventBridge knows: dots, indices and the asterisk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MISSING = object()
_STEP = re.compile(
    r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\[(?P<quote>['\"])(?P<quoted>[^'\"]*)(?P=quote)\]|\[(?P<all>\*)\]"
)


def is_path(path: str) -> bool:
    """Whether a text is a path: ``$.detail.items[0].name``."""
    return _steps(path) is not None


def look_up(event: Mapping[str, Any], path: str) -> Any:
    """The value at a path; a list for a path with asterisks; MISSING when there is none."""
    steps = _steps(path)
    if steps is None:
        return MISSING
    found, many = [event], False
    for step in steps:
        if step == "*":
            many = True
            found = [inner for value in found for inner in _children(value)]
        else:
            found = [inner for value in found if (inner := _child(value, step)) is not MISSING]
    if many:
        return found
    return found[0] if found else MISSING


def _steps(path: str) -> list[str | int] | None:
    if not path.startswith("$"):
        return None
    rest, at = path[1:].removesuffix("."), 0
    steps: list[str | int] = []
    while at < len(rest):
        match = _STEP.match(rest, at)
        if match is None:
            return None
        at = match.end()
        if match["index"] is not None:
            steps.append(int(match["index"]))
        else:
            steps.append(match["name"] or match["all"] or match["quoted"] or "")
    return steps


def _child(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else MISSING
    return value.get(step, MISSING) if isinstance(value, Mapping) else MISSING


def _children(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list) else []
