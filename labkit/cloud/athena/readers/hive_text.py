"""Hive's text values in Python: nested types, escapes, patterns of timestamps. What does not convert is None."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.java_dates import compile_pattern, parse_date
from labkit.cloud.athena.types import INTEGERS, Type

Decode = Callable[[str], Any]
_BOUNDS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}
_INTEGER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]*)")
_DOUBLE = re.compile(r"\s*[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?\s*")
_DATE = re.compile(r"(\d{1,9})-(\d{1,2})-(\d{1,2})")
_TIMESTAMP = re.compile(r"(\d{1,9})-(\d{1,2})-(\d{1,2})[ Tt](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?")
# Hive's separators by level of nesting; 9, 10, 12 and 13 are reserved.
_LEVELS = [*range(1, 9), 11, *range(14, 27), *range(28, 32)]


@dataclass(frozen=True)
class TextOptions:
    """Separators by level, the text of NULL, the escape character, formats of timestamps."""

    separators: tuple[str, ...]
    null: str
    escape: str | None
    formats: tuple[str, ...]


def options_of(parameters: Mapping[str, str]) -> TextOptions:
    """From the properties of LazySimpleSerDe."""
    levels = [chr(code) for code in _LEVELS]
    given = (
        parameters.get("field.delim") or parameters.get("serialization.format"),
        parameters.get("collection.delim") or parameters.get("colelction.delim"),
        parameters.get("mapkey.delim"),
    )
    for index, value in enumerate(given):
        levels[index] = separator(value) if value else levels[index]
    escape = parameters.get("escape.delim")
    null = parameters.get("serialization.null.format", "\\N")
    return TextOptions(
        tuple(levels), null, separator(escape or "\\") if escape is not None else None, formats_of(parameters)
    )


def formats_of(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """timestamp.formats: separated by commas; a backslash takes the meaning from a comma."""
    found = re.findall(r"(?:\\.|[^,\\])+", parameters.get("timestamp.formats", ""))
    return tuple(re.sub(r"\\(.)", r"\1", one) for one in found)


def separator(value: str) -> str:
    r"""A delimiter as catalogs write it: a character, its code, ``\t``, ``\001`` or ``\u0001``; longer ones are refused."""
    found = re.fullmatch(r"\\u([0-9a-fA-F]{4})|\\([0-7]{3})|\\([tnr])", value)
    if found:
        if found.group(1):
            return chr(int(found.group(1), 16))
        return chr(int(found.group(2), 8)) if found.group(2) else {"t": "\t", "n": "\n", "r": "\r"}[found.group(3)]
    if re.fullmatch(r"\d{1,3}", value) and int(value) < 128:
        return chr(int(value))
    if len(value) > 1:
        raise not_supported(f"a delimiter of more than one character: '{value}'")
    if not value.isascii():
        raise not_supported(f"a delimiter outside ASCII: '{value}'")
    return value


def decoder(kind: Type, options: TextOptions, level: int = 1) -> Decode:
    """The function that reads one non-NULL text of this type; nested types begin with the separator of ``level``."""
    if kind.name == "array":
        return _array(kind, options, level)
    if kind.name == "map":
        return _map(kind, options, level)
    if kind.name == "row":
        return _row(kind, options, level)
    return scalar(kind, options.formats, options.escape)


def scalar(kind: Type, formats: tuple[str, ...] = (), escape: str | None = None) -> Decode:
    """One plain value."""
    name = kind.name
    if name in INTEGERS:
        return lambda text: _integer(text, _BOUNDS[name])
    if name in ("varchar", "char"):
        size = kind.params[0] if kind.params else None
        return lambda text: unescaped(text, escape)[:size]
    if name == "decimal":
        return lambda text: _decimal(text, kind.params[0], kind.params[1])
    if name == "timestamp":
        return lambda text: read_timestamp(text, formats)
    simple: dict[str, Decode] = {
        "boolean": lambda text: {"true": True, "false": False}.get(text.lower()), "double": _double, "real": _double,
        "date": read_date, "varbinary": _binary,
    }  # fmt: skip
    if name not in simple:
        raise not_supported(f"a column of type {kind} in a text table")
    return simple[name]


def unescaped(text: str, escape: str | None) -> str:
    """Without the escape characters."""
    if escape is None or escape not in text:
        return text
    marks = {"n": "\n", "r": "\r"}
    return re.sub(
        re.escape(escape) + "(.)", lambda found: marks.get(found.group(1), found.group(1)), text, flags=re.DOTALL
    )


def split(text: str, mark: str, escape: str | None) -> list[str]:
    """At each mark that is not escaped; the pieces keep their escapes."""
    if escape is None or escape not in text:
        return text.split(mark)
    pieces = re.split(rf"(?<!{re.escape(escape)}){re.escape(mark)}", text) if escape * 2 not in text else None
    return pieces if pieces is not None else _split_slowly(text, mark, escape)


def _split_slowly(text: str, mark: str, escape: str) -> list[str]:
    pieces, piece, index = [], "", 0
    while index < len(text):
        if text[index] == escape and index + 1 < len(text):
            piece += text[index : index + 2]
            index += 2
        elif text[index] == mark:
            pieces.append(piece)
            piece, index = "", index + 1
        else:
            piece += text[index]
            index += 1
    return [*pieces, piece]


def nullable(kind: Type, options: TextOptions, level: int) -> Callable[[str | None], Any]:
    """As ``decoder``, for a text that may be the text of NULL; '' is NULL for all but strings and nested types."""
    read = decoder(kind, options, level)
    keeps_empty = bool(kind.items) or kind.name in ("varchar", "char", "varbinary")
    return lambda text: None if text is None or text == options.null or (not text and not keeps_empty) else read(text)


def _mark(options: TextOptions, level: int) -> str:
    if level >= len(options.separators):
        raise QueryFailure("HIVE_INVALID_METADATA", "Nesting level exceeds the separators that Hive has")
    return options.separators[level]


def _array(kind: Type, options: TextOptions, level: int) -> Decode:
    mark, item = _mark(options, level), nullable(kind.items[0], options, level + 1)
    return lambda text: [item(one) for one in split(text, mark, options.escape)] if text else []


def _map(kind: Type, options: TextOptions, level: int) -> Decode:
    entry, between = _mark(options, level), _mark(options, level + 1)
    key, value = nullable(kind.items[0], options, level + 2), nullable(kind.items[1], options, level + 2)

    def read(text: str) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for one in split(text, entry, options.escape) if text else []:
            name, *rest = split(one, between, options.escape)
            made = key(name)
            if made is not None:
                found.setdefault(made, value(between.join(rest)) if rest else None)
        return found

    return read


def _row(kind: Type, options: TextOptions, level: int) -> Decode:
    from labkit.cloud.athena.types import field_name

    mark = _mark(options, level)
    names = [field_name(kind, index) for index in range(len(kind.items))]
    items = [nullable(item, options, level + 1) for item in kind.items]

    def read(text: str) -> dict[str, Any]:
        pieces: list[str | None] = [*split(text, mark, options.escape), *([None] * len(names))]
        return {name: item(piece) for name, item, piece in zip(names, items, pieces, strict=False)}

    return read


def _integer(text: str, bits: int) -> int | None:
    if not _INTEGER.fullmatch(text):
        return None
    whole = text.partition(".")[0]
    value = int(whole) if whole not in ("", "+", "-") else 0
    return value if -(1 << bits) <= value < 1 << bits else None


def _double(text: str) -> float | None:
    return (
        float(text.strip().rstrip("fFdD") if text.strip()[-1:] in "fFdD" else text) if _DOUBLE.fullmatch(text) else None
    )


def _decimal(text: str, precision: int, scale: int) -> Decimal | None:
    try:
        value = Decimal(text)
        if not value.is_finite() or "_" in text or text != text.strip():
            return None
        made = value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    except (InvalidOperation, ValueError):
        return None
    return made if len(made.as_tuple().digits) <= precision or abs(made) < 10 ** (precision - scale) else None


def read_date(text: str) -> date | None:
    """YYYY-M-D, leniently: February 30 is March 1."""
    found = _DATE.fullmatch(text.strip().split(" ")[0])
    moment = _lenient(*(int(one) for one in found.groups())) if found else None
    return moment.date() if moment else None


def read_timestamp(text: str, formats: tuple[str, ...] = ()) -> datetime | None:
    """By the formats that the table gives, then Hive's own and ISO 8601; rounded to milliseconds."""
    text = text.strip()
    for one in formats:
        found = _formatted(text, one)
        if found is not None:
            return found
    parts = _TIMESTAMP.fullmatch(text)
    if parts is None or len(text) < 8 or (parts.group(6) is None and text[parts.end(3)] == " "):
        return None
    year, month, day, hour, minute, second = (int(one or 0) for one in parts.groups()[:6])
    micros = round(int(f"{parts.group(7) or '0':0<9}") / 1_000_000) * 1000
    start = _lenient(year, month, day)
    return start + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros) if start else None


def _formatted(text: str, pattern: str) -> datetime | None:
    try:
        if pattern.lower() == "millis":
            found = re.fullmatch(r"(-?\d+)(\.\d+)?", text)
            return datetime(1970, 1, 1) + timedelta(milliseconds=int(found.group(1))) if found else None  # noqa: DTZ001  # SQL's TIMESTAMP has no zone
        return parse_date(compile_pattern(pattern), text)
    except (ValueError, OverflowError):
        return None


def _lenient(year: int, month: int, day: int) -> datetime | None:
    years, months = divmod(month - 1, 12)
    try:
        return datetime(year + years, months + 1, 1) + timedelta(days=day - 1)  # noqa: DTZ001  # SQL's TIMESTAMP has no zone
    except (ValueError, OverflowError):
        return None


def _binary(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
