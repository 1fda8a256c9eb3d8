"""JSON text to values and back, the way Trino's parser does it: strict reading, Java's numbers, no white space."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from json import decoder, encoder
from typing import Any

from labkit.cloud.athena.rendering import java_double

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CONTROL = re.compile(r"\\u00([0-9a-f]{2})")
_AFTER_VALUE = " \t\n\r,]}"


class InvalidJson(ValueError):
    """Text that is not JSON."""


class Members(list[tuple[str, Any]]):
    """An object with its members in order, a name as often as it was written."""


def _no_constant(name: str) -> Any:
    raise InvalidJson(name)


# json_parse: the last of two equal names stays, numbers with a fraction are DOUBLE.
_LAST = json.JSONDecoder(parse_float=float, parse_constant=_no_constant)
# Everything that looks inside a document: names as written, digits as written.
_EXACT = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=Members)
# For values that are only passed over.
_SKIP = json.JSONDecoder(parse_float=len, parse_int=len, parse_constant=_no_constant)


def skip_space(text: str, at: int) -> int:
    """The next offset that is not white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _decode(reader: json.JSONDecoder, text: str, at: int) -> tuple[Any, int]:
    try:
        value, end = reader.raw_decode(text, at)
    except (ValueError, RecursionError) as failure:
        raise InvalidJson(str(failure)) from None
    if end < len(text) and text[end] not in _AFTER_VALUE and text[end - 1].isdigit():
        raise InvalidJson("a number with something behind it")
    return value, end


def value_at(text: str, at: int) -> tuple[Any, int]:
    """The value that starts at an offset (objects as Members, fractions as Decimal), and the offset behind it."""
    return _decode(_EXACT, text, at)


def plain_at(text: str, at: int) -> Any:
    """The value that starts at an offset, as read_plain has it; nothing behind it is looked at."""
    return _decode(_LAST, text, at)[0]


def pass_over(text: str, at: int) -> int:
    """The offset behind the value that starts here."""
    return _decode(_SKIP, text, at)[1]


def string_at(text: str, at: int) -> tuple[str, int]:
    """The string whose opening quote stands here, and the offset behind its closing one."""
    try:
        value, end = decoder.scanstring(text, at + 1, True)  # type: ignore[attr-defined]  # the C scanner
    except ValueError as failure:
        raise InvalidJson(str(failure)) from None
    return str(value), int(end)


def number_at(text: str, at: int) -> str:
    """The number that starts here, as written."""
    found = _NUMBER.match(text, at)
    if found is None or (found.end() < len(text) and text[found.end()] not in _AFTER_VALUE):
        raise InvalidJson(text[at : at + 20])
    return found.group()


def read(text: str) -> Any:
    """A whole document: objects as Members, fractions as Decimal. InvalidJson for anything else."""
    return _whole(_EXACT, text)


def read_plain(text: str) -> Any:
    """A whole document: objects as dicts (the last of two equal names stays), fractions as float."""
    return _whole(_LAST, text)


def _whole(reader: json.JSONDecoder, text: str) -> Any:
    value, end = _decode(reader, text, skip_space(text, 0))
    if skip_space(text, end) != len(text):
        raise InvalidJson("something behind the end")
    return value


def quoted(text: str) -> str:
    """A string with its quotes."""
    made = encoder.encode_basestring(text)
    return _CONTROL.sub(lambda found: f"\\u00{found.group(1).upper()}", made) if "\\u00" in made else str(made)


def number_text(value: float | Decimal) -> str:
    """A number with a fraction, as Java writes a double; what JSON has no number for becomes a string."""
    made = java_double(float(value))
    return f'"{made}"' if made[-1] in "yN" else made


def write(value: Any, by_name: bool = False, fraction: Callable[[Any], str] = number_text) -> str:
    """JSON without white space; ``by_name`` sorts the members of every object."""
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return fraction(value)
    if isinstance(value, Members | dict):
        members = list(value.items()) if isinstance(value, dict) else list(value)
        members.sort(key=_utf16) if by_name else None
        return "{" + ",".join(f"{quoted(name)}:{write(one, by_name, fraction)}" for name, one in members) + "}"
    return "[" + ",".join([write(one, by_name, fraction) for one in value]) + "]"


def _utf16(member: tuple[str, Any]) -> bytes:
    """Java compares texts by UTF-16 unit."""
    return member[0].encode("utf-16-be", "surrogatepass")


# What Python's own encoder, which is quick, writes otherwise than Java: fractions, control characters; and it sorts by code point.
_UNLIKE_JAVA = re.compile(r"[0-9][.eE]|\\u00|[\ud800-\U0010ffff]")
_HALF = re.compile("[\ud800-\udfff]")
_QUICK = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def canonical(text: str) -> str:
    """What json_parse keeps of a document: no white space, members by name, doubles as Java writes them."""
    try:
        value = read_plain(text)
        made = write(value, by_name=True) if _UNLIKE_JAVA.search(text) else _QUICK.encode(value)
    except RecursionError as failure:
        raise InvalidJson(str(failure)) from None
    if "\\u" in text and _HALF.search(made):
        raise InvalidJson("half a surrogate pair")
    return made


def whole(text: str) -> str:
    """The text with ``?`` for each half of a surrogate pair, as Java writes what UTF-8 has no bytes for."""
    return _HALF.sub("?", text)


def scalar_text(value: Any) -> str:
    """A number or boolean as it was written."""
    return write(value, fraction=str)
