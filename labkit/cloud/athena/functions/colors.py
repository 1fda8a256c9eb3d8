"""color, rgb, bar, render: colours in terminal escapes. A colour is a number: red, green, blue, or below zero a system colour."""

from __future__ import annotations

import math
import struct
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid, length_of, sized
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.rendering import java_double

SYSTEM = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_RESET = "\x1b[0m"
_RED, _GREEN = 0xFF0000, 0x00FF00


def _float(value: float) -> float:
    """Java computes colours with 32 bits."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _color(name: str) -> int:
    if len(name) == 4 and name[0] == "#" and all(digit in "0123456789abcdefABCDEF" for digit in name[1:]):
        return int("".join(digit * 2 for digit in name[1:]), 16)
    if name.lower() in SYSTEM:
        return -(SYSTEM.index(name.lower()) + 1)
    raise invalid(f"Invalid color: '{name}'")


def _rgb(red: int, green: int, blue: int) -> int:
    for name, value in (("red", red), ("green", green), ("blue", blue)):
        if not 0 <= value <= 255:
            raise invalid(f"{name} must be between 0 and 255")
    return red << 16 | green << 8 | blue


def _parts(color: int) -> tuple[int, int, int]:
    if color < 0:
        raise invalid("color is not a valid rgb value")
    return color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF


def _hsb(color: int) -> tuple[float, float, float]:
    red, green, blue = _parts(color)
    most, least = max(red, green, blue), min(red, green, blue)
    bright = _float(most / 255)
    full = _float((most - least) / most) if most else 0.0
    if full == 0:
        return 0.0, full, bright
    away = [_float((most - part) / (most - least)) for part in (red, green, blue)]
    if red == most:
        hue = _float(away[2] - away[1])
    elif green == most:
        hue = _float(_float(2 + away[0]) - away[2])
    else:
        hue = _float(_float(4 + away[1]) - away[0])
    hue = _float(hue / 6)
    return (_float(hue + 1) if hue < 0 else hue), full, bright


def _from_hsb(hue: float, full: float, bright: float) -> int:
    if full == 0:
        grey = int(_float(bright * 255) + 0.5)
        return grey << 16 | grey << 8 | grey
    turn = _float(_float(hue - math.floor(hue)) * 6)
    rest = _float(turn - math.floor(turn))
    low = _float(bright * _float(1 - full))
    falling = _float(bright * _float(1 - _float(full * rest)))
    rising = _float(bright * _float(1 - _float(full * _float(1 - rest))))
    corners = (
        (bright, rising, low),
        (falling, bright, low),
        (low, bright, rising),
        (low, falling, bright),
        (rising, low, bright),
        (bright, low, falling),
    )
    red, green, blue = (int(_float(_float(part * 255) + 0.5)) for part in corners[int(turn) % 6])
    return red << 16 | green << 8 | blue


def _between(fraction: float, low: int, high: int) -> int:
    share = _float(fraction)
    parts = [_float(_float(share * _float(b - a)) + a) for a, b in zip(_hsb(low), _hsb(high), strict=True)]
    return _from_hsb(*parts)


def _color_between(fraction: float, low: int, high: int) -> int:
    for name, value in (("lowColor", low), ("highColor", high)):
        if value < 0:
            raise invalid(f"{name} not a valid RGB color")
    return _between(max(0.0, min(1.0, fraction)), low, high)


def _color_in_range(value: float, start: float, end: float, low: int, high: int) -> int:
    width = end - start
    share = (value - start) / width if width else math.nan if value == start else math.inf * (value - start)
    return _color_between(share, low, high)


def _escape(color: int) -> str:
    if color < 0:
        return f"\x1b[38;5;{-color - 1}m"
    red, green, blue = (part * 6 // 256 for part in _parts(color))
    return f"\x1b[38;5;{16 + red * 36 + green * 6 + blue}m"


def _render(text: str, color: int) -> str:
    return _escape(color) + text + _RESET


def _render_bigint(value: int, color: int) -> str:
    return _render(str(value), color)


def _render_double(value: float, color: int) -> str:
    return _render(java_double(value), color)


def _render_boolean(value: bool) -> str:
    return _render("\u2713" if value else "\u2717", _color("green" if value else "red"))


def _bar(share: float, width: int, low: int, high: int) -> str:
    filled = max(0, min(width, int(share * width) if math.isfinite(share) else 0))
    blocks = (
        _escape(_between(step / (width - 1) if width > 1 else 0.0, low, high)) + "\u2588" for step in range(filled)
    )
    return "".join(blocks) + _RESET + " " * (width - filled)


def _calling(name: str, body: Any, kinds: tuple[str, ...], result: str, *more: str) -> Any:
    function = PythonFunction(f"py_{name}", body, kinds, result)
    return lambda call: f"{call.ctx.define(function)}({', '.join([*(value.sql for value in call.values), *more])})"


_RENDER_TEXT = _calling("render_text", _render, ("VARCHAR", "BIGINT"), "VARCHAR")
_BAR = ("DOUBLE", "BIGINT", "BIGINT", "BIGINT")


def _translate_render(call: Any) -> Typed:
    return Typed(_RENDER_TEXT(call), sized(length_of(call.values[0].type) + 15))


ENTRIES: list[Entry] = [
    ("color(varchar(x)) -> color", _calling("color", _color, ("VARCHAR",), "BIGINT")),
    ("color(double, color, color) -> color", _calling("color_between", _color_between, ("DOUBLE", "BIGINT", "BIGINT"), "BIGINT")),
    ("color(double, double, double, color, color) -> color",
     _calling("color_in_range", _color_in_range, ("DOUBLE", "DOUBLE", "DOUBLE", "BIGINT", "BIGINT"), "BIGINT")),
    ("rgb(bigint, bigint, bigint) -> color", _calling("rgb", _rgb, ("BIGINT", "BIGINT", "BIGINT"), "BIGINT")),
    ("render(varchar(x), color) -> varchar", _translate_render),
    ("render(bigint, color) -> varchar(35)", _calling("render_bigint", _render_bigint, ("BIGINT", "BIGINT"), "VARCHAR")),
    ("render(double, color) -> varchar(41)", _calling("render_double", _render_double, ("DOUBLE", "BIGINT"), "VARCHAR")),
    ("render(boolean) -> varchar(16)", _calling("render_boolean", _render_boolean, ("BOOLEAN",), "VARCHAR")),
    ("bar(double, bigint) -> varchar", _calling("bar", _bar, _BAR, "VARCHAR", str(_RED), str(_GREEN))),
    ("bar(double, bigint, color, color) -> varchar", _calling("bar", _bar, _BAR, "VARCHAR")),
]  # fmt: skip
