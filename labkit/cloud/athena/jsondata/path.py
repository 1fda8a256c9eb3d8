"""The SQL/JSON path language: evaluation.

Items are Python values as read_plain gives them: dict, list, str, int, float, bool, None; values passed in may be Decimal or dates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from labkit.cloud.athena.jsondata.arithmetic import calculate, kind_of, round_to, to_double
from labkit.cloud.athena.jsondata.errors import PathEvaluationError, item_type_error
from labkit.cloud.athena.jsondata.path_syntax import Node, Path

Sequenced = list[Any]


@dataclass(frozen=True)
class Place:
    """Where in the evaluation: the document, the variables, ``@`` and ``last``."""

    lax: bool
    document: Any
    variables: dict[str, Sequenced]
    counter: list[int]
    current: Any = None
    last: int = -1


def evaluate(path: Path, document: Any, variables: dict[str, Sequenced]) -> Sequenced:
    """The sequence of items that the path finds; PathEvaluationError where Trino has one."""
    return _items(path.root, Place(path.lax, document, variables, [0]))


def _items(node: Node, place: Place) -> Sequenced:
    return _OPERATIONS[node[0]](node, place)


def _opened(found: Sequenced, place: Place) -> Sequenced:
    """Lax mode takes arrays apart, one level."""
    if not place.lax:
        return found
    return [part for one in found for part in (one if isinstance(one, list) else [one])]


def _binary(node: Node, place: Place) -> Sequenced:
    sides = [_opened(_items(side, place), place) for side in (node[1], node[3])]
    if any(len(side) != 1 for side in sides):
        raise PathEvaluationError("arithmetic binary expression requires singleton operands")
    return [calculate(node[2], sides[0][0], sides[1][0])]


def _sign(node: Node, place: Place) -> Sequenced:
    found = [_number(one) for one in _opened(_items(node[1], place), place)]
    return found if node[2] == "+" else [-one for one in found]


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise item_type_error("NUMBER", value)
    return value


def _member(node: Node, place: Place) -> Sequenced:
    made: Sequenced = []
    for one in _opened(_items(node[1], place), place):
        if not isinstance(one, dict):
            if not place.lax:
                raise item_type_error("OBJECT", one)
        elif node[0] == "members":
            made += list(one.values())
        elif node[2] in one:
            made.append(one[node[2]])
        elif not place.lax:
            raise PathEvaluationError(f"structural error: missing member '{node[2]}' in JSON object")
    return made


def _descendant(node: Node, place: Place) -> Sequenced:
    made: Sequenced = []

    def visit(value: Any) -> None:
        if isinstance(value, dict):
            if node[2] in value:
                made.append(value[node[2]])
            for one in value.values():
                visit(one)
        elif isinstance(value, list):
            for one in value:
                visit(one)

    for one in _items(node[1], place):
        visit(one)
    return made


def _subscript(node: Node, place: Place) -> Sequenced:
    made: Sequenced = []
    for one in _items(node[1], place):
        if isinstance(one, list):
            items = one
        elif place.lax:
            items = [one]
        else:
            raise item_type_error("ARRAY", one)
        made += items if node[0] == "items" else _chosen(items, node[2], place)
    return made


def _chosen(items: list[Any], pairs: Sequence[tuple[Node, Node | None]], place: Place) -> Sequenced:
    if not items:
        if not place.lax:
            raise PathEvaluationError("structural error: invalid array subscript for empty array")
        return []
    inner = replace(place, last=len(items) - 1)
    made: Sequenced = []
    for first, last in pairs:
        start = _index(_items(first, inner), "from")
        end = start if last is None else _index(_items(last, inner), "to")
        if not place.lax and not 0 <= start <= end < len(items):
            text = f"structural error: invalid array subscript: [{start}, {end}] for array of size {len(items)}"
            raise PathEvaluationError(text)
        if start <= end and end >= 0:
            made += items[max(start, 0) : end + 1]
    return made


def _index(found: Sequenced, which: str) -> int:
    if len(found) != 1:
        raise PathEvaluationError(f"array subscript '{which}' value must be singleton numeric")
    value = _number(found[0])
    if isinstance(value, float) and not math.isfinite(value):
        raise PathEvaluationError("")
    return value if isinstance(value, int) else int(round_to(value, "nearest"))


def _filter(node: Node, place: Place) -> Sequenced:
    from labkit.cloud.athena.jsondata.predicates import holds

    found = _opened(_items(node[1], place), place)
    return [one for one in found if holds(node[2], replace(place, current=one)) is True]


def _method(node: Node, place: Place) -> Sequenced:
    found = _items(node[1], place)
    if node[2] == "type":
        return [_type(one) for one in found]
    if node[2] == "size":
        return [_size(one, place) for one in found]
    found = _opened(found, place)
    if node[2] == "keyvalue":
        return [pair for one in found for pair in _keyvalue(one, place)]
    return [_METHODS[node[2]](one) for one in found]


def _type(value: Any) -> str:
    if value is None:
        return "null"
    names: list[tuple[type | tuple[type, ...], str]] = [
        (bool, "boolean"), ((int, float, Decimal), "number"), (str, "string"), (list, "array"), (dict, "object"),
        (datetime, "timestamp without time zone"), (date, "date"), (time, "time without time zone"),
    ]  # fmt: skip
    if isinstance(value, datetime) and value.tzinfo is not None:
        return "timestamp with time zone"
    return next(name for kind, name in names if isinstance(value, kind))


def _size(value: Any, place: Place) -> int:
    if isinstance(value, list):
        return len(value)
    if place.lax:
        return 1
    raise item_type_error("ARRAY", value)


def _keyvalue(value: Any, place: Place) -> Sequenced:
    if not isinstance(value, dict):
        raise item_type_error("OBJECT", value)
    number = place.counter[0]
    place.counter[0] += 1
    return [{"name": name, "value": one, "id": number} for name, one in value.items()]


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise item_type_error("NUMBER or TEXT", value)
    return to_double(value)


_METHODS: dict[str, Callable[[Any], Any]] = {
    "abs": lambda value: abs(_number(value)),
    "ceiling": lambda value: round_to(_number(value), "up"),
    "floor": lambda value: round_to(_number(value), "down"),
    "double": _double,
}


def _last(node: Node, place: Place) -> Sequenced:
    if place.last < 0:
        raise PathEvaluationError("accessing the last array index with no enclosing array")
    return [place.last]


_OPERATIONS: dict[str, Callable[[Node, Place], Sequenced]] = {
    "literal": lambda node, place: [node[1]],
    "null": lambda node, place: [None],
    "context": lambda node, place: [place.document],
    "current": lambda node, place: [place.current],
    "variable": lambda node, place: place.variables[node[1]],
    "last": _last,
    "group": lambda node, place: _items(node[1], place),
    "binary": _binary,
    "sign": _sign,
    "member": _member,
    "members": _member,
    "descendant": _descendant,
    "subscript": _subscript,
    "items": _subscript,
    "filter": _filter,
    "method": _method,
}

items = _items
opened = _opened
__all__ = ["Place", "evaluate", "items", "kind_of", "opened"]
