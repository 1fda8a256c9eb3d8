"""Rows as lines: LazySimpleSerDe's text and JSON, value by value as Trino's writers show them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.readers.hive_text import TextOptions
from labkit.cloud.athena.readers.packing import pack
from labkit.cloud.athena.rendering import java_double, java_float
from labkit.cloud.athena.types import Type, field_name

Show = Callable[[Any], str]
# What a file's name ends with, by codec.
ENDINGS = {"GZIP": ".gz", "BZIP2": ".bz2", "ZSTD": ".zst", "SNAPPY": ".snappy", "LZ4": ".lz4", "NONE": ""}


def write_lines(path: Path, lines: Iterable[str], codec: str) -> None:
    """The lines, packed."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for line in lines:
            out.write(line + "\n")
    if codec != "NONE":
        pack(path, codec)


def text_lines(rows: Iterable[tuple[Any, ...]], kinds: list[Type], options: TextOptions) -> Iterable[str]:
    r"""LazySimpleSerDe's lines: NULL is ``\N``, nested values have Hive's separators."""
    shows = [_nullable(kind, options, 1) for kind in kinds]
    for row in rows:
        yield options.separators[0].join(show(value) for value, show in zip(row, shows, strict=True))


def _nullable(kind: Type, options: TextOptions, level: int) -> Show:
    show = _text(kind, options, level)
    return lambda value: options.null if value is None else show(value)


def _text(kind: Type, options: TextOptions, level: int) -> Show:
    mark = options.separators[level]
    if kind.name == "array":
        item = _nullable(kind.items[0], options, level + 1)
        return lambda value: mark.join(item(one) for one in value)
    if kind.name == "map":
        between = options.separators[level + 1]
        key, item = (_nullable(one, options, level + 2) for one in kind.items)
        return lambda value: mark.join(f"{key(k)}{between}{item(v)}" for k, v in value.items())
    if kind.name == "row":
        items = [_nullable(item, options, level + 1) for item in kind.items]
        return lambda value: mark.join(item(one) for item, one in zip(items, _members(value), strict=True))
    if kind.name in ("varchar", "char") and options.escape is not None:
        special = set(options.separators[: level + 1]) | {options.escape}
        return lambda value: "".join(f"{options.escape}{one}" if one in special else one for one in value)
    return _scalar(kind)


def _members(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _scalar(kind: Type) -> Show:
    shows: dict[str, Show] = {
        "boolean": lambda value: "true" if value else "false", "double": java_double, "real": java_float,
        "decimal": lambda value: format(value, "f"), "timestamp": timestamp_text,
        "varbinary": lambda value: base64.b64encode(value).decode(),
    }  # fmt: skip
    return shows.get(kind.name, str)


def timestamp_text(value: Any) -> str:
    """Hive's timestamp: no more digits of the second than there are."""
    text = value if isinstance(value, str) else f"{value.year:04d}{value:-%m-%d %H:%M:%S.%f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def json_lines(rows: Iterable[tuple[Any, ...]], columns: list[tuple[str, Type]]) -> Iterable[str]:
    """One object a line; NULL columns are left out, as the SerDe does."""
    shows = [(json.dumps(name, ensure_ascii=False), _json(kind)) for name, kind in columns]
    for row in rows:
        parts = (f"{name}:{show(value)}" for (name, show), value in zip(shows, row, strict=True) if value is not None)
        yield "{" + ",".join(parts) + "}"


def _json(kind: Type) -> Show:
    if kind.name == "array":
        item = _json_or_null(kind.items[0])
        return lambda value: "[" + ",".join(item(one) for one in value) + "]"
    if kind.name == "map":
        key, item = _scalar(kind.items[0]), _json_or_null(kind.items[1])
        return lambda value: (
            "{" + ",".join(f"{json.dumps(key(k), ensure_ascii=False)}:{item(v)}" for k, v in value.items()) + "}"
        )
    if kind.name == "row":
        names = [json.dumps(field_name(kind, index), ensure_ascii=False) for index in range(len(kind.items))]
        items = [_json_or_null(item) for item in kind.items]
        return lambda value: (
            "{" + ",".join(f"{n}:{item(v)}" for n, item, v in zip(names, items, _members(value), strict=True)) + "}"
        )
    if kind.name == "varbinary":
        raise not_supported("a column of type varbinary in a JSON file")
    show = _scalar(kind)
    if kind.name in ("varchar", "char", "date", "timestamp"):
        return lambda value: json.dumps(show(value), ensure_ascii=False)
    if kind.name in ("double", "real"):
        return lambda value: show(value) if value - value == 0 else json.dumps(show(value))
    return show


def _json_or_null(kind: Type) -> Show:
    show = _json(kind)
    return lambda value: "null" if value is None else show(value)
