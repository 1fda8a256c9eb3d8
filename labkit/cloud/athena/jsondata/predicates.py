"""Filters of a path: true, false, or None for unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from labkit.cloud.athena.jsondata.errors import PathEvaluationError
from labkit.cloud.athena.jsondata.path import Place, items, kind_of, opened
from labkit.cloud.athena.jsondata.path_syntax import Node

Truth = bool | None


def holds(node: Node, place: Place) -> Truth:
    """What a predicate says of ``@``; it never fails."""
    return _PREDICATES[node[0]](node, place)


def _and(node: Node, place: Place) -> Truth:
    left = holds(node[1], place)
    if left is False:
        return False
    right = holds(node[2], place)
    if right is False:
        return False
    return None if left is None or right is None else True


def _or(node: Node, place: Place) -> Truth:
    left = holds(node[1], place)
    if left is True:
        return True
    right = holds(node[2], place)
    if right is True:
        return True
    return None if left is None or right is None else False


def _not(node: Node, place: Place) -> Truth:
    inner = holds(node[1], place)
    return None if inner is None else not inner


def _found(node: Node, place: Place) -> list[Any] | None:
    try:
        return items(node, place)
    except PathEvaluationError:
        return None


def _exists(node: Node, place: Place) -> Truth:
    found = _found(node[1], place)
    return None if found is None else bool(found)


def _starts(node: Node, place: Place) -> Truth:
    values, prefixes = _found(node[1], place), _found(node[2], place)
    if values is None or prefixes is None or len(prefixes) != 1 or not isinstance(prefixes[0], str):
        return None
    found = False
    for value in opened(values, place):
        if not isinstance(value, str):
            return None
        if value.startswith(prefixes[0]):
            found = True
            if place.lax:
                return True
    return found


def _nested(value: Any) -> bool:
    return isinstance(value, list | dict)


def _compare(node: Node, place: Place) -> Truth:
    left, right = _found(node[1], place), _found(node[3], place)
    if left is None or right is None:
        return None
    left, right = opened(left, place), opened(right, place)
    if not left or not right:
        return False
    if _incomparable(left, right) or _incomparable(right, left):
        return None
    found = _nulls(node[2], left, right)
    if found and place.lax:
        return True
    for first in left:
        for second in right:
            if first is None or second is None or _nested(first) or _nested(second):
                continue
            result = _pair(node[2], first, second)
            if result is None:
                return None
            if result:
                found = True
                if place.lax:
                    return True
    return found


def _incomparable(left: list[Any], right: list[Any]) -> bool:
    """An array or object next to anything but null."""
    return any(_nested(one) for one in left) and any(one is not None for one in right)


def _nulls(sign: str, left: list[Any], right: list[Any]) -> bool:
    nulls = None in left, None in right
    if sign == "==":
        return all(nulls)
    others = any(one is not None for one in left), any(one is not None for one in right)
    return sign == "<>" and ((nulls[0] and others[1]) or (nulls[1] and others[0]))


def _pair(sign: str, left: Any, right: Any) -> Truth:
    if kind_of(left) != kind_of(right):
        return None
    if isinstance(left, float) or isinstance(right, float):
        left, right = (float(one) if isinstance(one, Decimal) else one for one in (left, right))
    return bool(_SIGNS[sign](left, right))


_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip

_PREDICATES: dict[str, Callable[[Node, Place], Truth]] = {
    "and": _and,
    "or": _or,
    "not": _not,
    "exists": _exists,
    "starts": _starts,
    "compare": _compare,
    "unknown": lambda node, place: holds(node[1], place) is None,
}
