"""The JSON classifier: lines, pretty-printed objects, arrays, and custom JsonPath classifiers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from labkit.cloud.crawler.hive_types import NULL, Array, Column, HiveType, Struct, merge, merge_all, render
from labkit.cloud.crawler.sample import UnreadableFile
from labkit.cloud.crawler.shape import FileShape, JsonLayout

_SPACE = re.compile(r"[\s,]*")
_STEP = re.compile(r"\.([^.\[\]*]+)|\['([^']+)'\]|\[(\*|\d+)\]|\.(\*)")
_BRACKET = re.compile(r"[<>]")
_MOST_LEVELS = 100
_INT_LIMIT = 1 << 31
_BIGINT_LIMIT = 1 << 63
_MIN_GOOD_LINES = 0.7  # of the lines must parse when some do not


def parse_json_path(path: str) -> tuple[str, ...]:
    """Cut a JsonPath (``$[*]``, ``$.records[*]``, ``$['a'].b``) into steps; ValueError names what is not supported."""
    if not path.startswith("$"):
        raise ValueError(f'the JsonPath "{path}" must start with $')
    steps, position = [], 1
    while position < len(path):
        found = _STEP.match(path, position)
        if not found:
            raise ValueError(
                f'the JsonPath "{path}" uses "{path[position:]}"; only .name, [\'name\'], [n] and [*] are run'
            )
        steps.append(next(group for group in found.groups() if group is not None))
        position = found.end()
    return tuple(steps)


def classify_json(text: str, complete: bool, json_path: str = "") -> FileShape | None:
    """Return the shape of a JSON sample, or None when it is not JSON objects or arrays."""
    steps = parse_json_path(json_path) if json_path else ()
    records = _records(text, complete, steps)
    objects = [record for record in records if isinstance(record, dict)]
    if steps and records and not objects:
        # A path to plain values makes AWS's table of one column, "record".
        objects = [{"record": record} for record in records]
    if not objects:
        return None
    try:
        struct = merge_all(infer(record) for record in objects)
        deep = _levels(render(struct)) > _MOST_LEVELS
    except RecursionError:
        deep = True
    if deep:
        raise UnreadableFile(f"its JSON is nested more than {_MOST_LEVELS} levels deep, which is not read here")
    fields = [field for field in struct.fields if field[0]] if isinstance(struct, Struct) else []
    columns: dict[str, HiveType] = {}
    for name, kind in fields:
        columns[name.lower()] = merge(columns.get(name.lower(), NULL), kind)
    return FileShape(
        classification="json",
        columns=tuple(Column(name, kind) for name, kind in columns.items()),
        # Sorted in every table on record, whatever the order of the columns.
        layout=JsonLayout(tuple(sorted(name for name, _ in fields)), json_path),
        sample_rows=len(objects),
    )


def _levels(kind: str) -> int:
    level = deepest = 0
    for bracket in _BRACKET.findall(kind):
        level += 1 if bracket == "<" else -1
        deepest = max(deepest, level)
    return deepest


def infer(value: Any) -> HiveType:
    """Return the Hive type of a JSON value: int, bigint, double, boolean, string, array, struct."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if abs(value) < _INT_LIMIT else "bigint" if abs(value) < _BIGINT_LIMIT else "double"
    if isinstance(value, float):
        return "double"
    if isinstance(value, list):
        return Array(merge_all(infer(item) for item in value))
    if isinstance(value, dict):
        return Struct(tuple((name, infer(inner)) for name, inner in value.items()))
    return "string"


def _records(text: str, complete: bool, steps: tuple[str, ...]) -> list[Any]:
    start = text.lstrip()
    if not start or start[0] not in "{[":
        return []
    if start[0] == "[" and steps[:1] == ("*",):
        # Element by element, so that an array longer than the sample still works.
        return [found for item in _values(start[1:], complete, "]") or [] for found in _walk(item, steps[1:])]
    values = _values(start, complete, "") or _good_lines(start, complete)
    if steps:
        return [found for value in values for found in _walk(value, steps)]
    if values and all(isinstance(value, list) for value in values):
        # AWS's built-in classifier makes one column "array" of a file that is an array.
        return [{"array": value} for value in values]
    if not values and start[0] == "[" and not complete:
        return [{"array": _values(start[1:], complete, "]") or []}]
    return values


def _values(text: str, complete: bool, closing: str) -> list[Any] | None:
    """Every JSON value in a row; None when the text is not JSON; a value cut by the sample's end is left out."""
    decoder = json.JSONDecoder()
    values: list[Any] = []
    position = 0
    while True:
        position = _skip(text, position)
        if position >= len(text) or (closing and text[position] == closing):
            return values
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            return values if not complete and _is_cut(error, len(text)) else None
        except RecursionError:
            return None
        values.append(value)


def _is_cut(error: json.JSONDecodeError, length: int) -> bool:
    # A value cut by the end of the sample fails at that end; a string cut there fails at its own start.
    return error.msg.startswith("Unterminated string") or error.pos >= length - len("\\uD83D\\uDE00")


def _good_lines(text: str, complete: bool) -> list[Any]:
    lines = [line for line in text.splitlines() if line.strip()]
    if not complete:
        lines = lines[:-1]
    values = list(_parsed(lines))
    return values if lines and len(values) >= _MIN_GOOD_LINES * len(lines) else []


def _parsed(lines: list[str]) -> Iterator[Any]:
    for line in lines:
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            continue


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _walk(value: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step == "*":
        inner = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
        for item in inner:
            yield from _walk(item, rest)
    elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
        yield from _walk(value[int(step)], rest)
    elif isinstance(value, dict) and step in value:
        yield from _walk(value[step], rest)
