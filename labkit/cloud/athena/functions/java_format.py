"""java.util.Formatter: reading a format, checking its flags, writing texts and numbers."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.functions.java_moments import SUFFIXES, Moment, write_moment
from labkit.cloud.athena.rendering import java_double, java_float

_SPEC = re.compile(r"%(\d+\$)?([-#+ 0,(<]*)(\d+)?(\.\d+)?([tT])?([a-zA-Z%])")
_FLAG_ORDER = "-#+ 0,(<"


class IllegalFormat(Exception):
    """What Java throws, as Trino shows it: ``MissingFormatWidth: %-s``."""


class Real(float):
    """A REAL: Java writes its shortest digits, and computes with it as a double."""


@dataclass(frozen=True)
class Spec:
    """One ``%…``; ``kind`` is the conversion in small letters, or ``t`` plus its suffix."""

    index: int
    flags: str
    width: int
    precision: int
    kind: str
    capital: bool

    def __str__(self) -> str:
        flags = "".join(flag for flag in _FLAG_ORDER if flag in self.flags)
        index = f"{self.index}$" if self.index > 0 else ""
        width = str(self.width) if self.width >= 0 else ""
        precision = f".{self.precision}" if self.precision >= 0 else ""
        kind = ("T" if self.capital else "t") + self.kind[1:] if len(self.kind) > 1 else self.kind
        return f"%{flags}{index}{width}{precision}{kind.upper() if self.capital and len(self.kind) == 1 else kind}"


@functools.lru_cache(maxsize=512)
def read_format(text: str) -> tuple[str | Spec, ...]:
    """The plain pieces and specifiers of a format; IllegalFormat for what Java refuses before it looks at a value."""
    parts: list[str | Spec] = []
    place = 0
    while place < len(text):
        mark = text.find("%", place)
        if mark < 0:
            break
        parts.append(text[place:mark])
        found = _SPEC.match(text, mark)
        if found is None:
            wrong = re.compile(r"%(?:\d+\$)?[-#+ 0,(<]*\d*(?:\.\d+)?").match(text, mark)
            end = wrong.end() if wrong else mark + 1
            raise IllegalFormat(f"UnknownFormatConversion: Conversion = '{text[end] if end < len(text) else '%'}'")
        parts.append(_checked(found))
        place = found.end()
    return (*parts, text[place:])


def _checked(found: re.Match[str]) -> Spec:
    index, flags, width, precision, moment, kind = found.groups()
    for place, flag in enumerate(flags):
        if flag in flags[:place]:
            raise IllegalFormat(f"DuplicateFormatFlags: Flags = '{flag}'")
    number = -1 if "<" in flags else int(index[:-1]) if index else 0
    low = "t" + kind if moment else kind.lower()
    capital = moment == "T" if moment else kind.isupper()
    spec = Spec(number, flags, int(width or -1), int(precision[1:]) if precision else -1, low, capital)
    if moment and kind not in SUFFIXES:
        raise IllegalFormat(f"UnknownFormatConversion: Conversion = 't{kind}'")
    if not moment and (low not in "bhscdoxefga%n" or (capital and low in "dofn")):
        raise IllegalFormat(f"UnknownFormatConversion: Conversion = '{kind}'")
    _check_flags(spec)
    return spec


def _check_flags(spec: Spec) -> None:
    kind = spec.kind[0]
    if kind in "%n":
        return _check_text(spec)
    if spec.precision >= 0 and kind in "dxotc":
        raise IllegalFormat(f"IllegalFormatPrecision: {spec.precision}")
    if kind in "hb":
        _refuse(spec, "#")
    if kind in "bhsct":
        if spec.width < 0 and "-" in spec.flags:
            raise IllegalFormat(f"MissingFormatWidth: {spec}")
        return _refuse(spec, "#+ 0,(" if kind in "ct" else "+ 0,(")
    if spec.width < 0 and ("-" in spec.flags or "0" in spec.flags):
        raise IllegalFormat(f"MissingFormatWidth: {spec}")
    if ("+" in spec.flags and " " in spec.flags) or ("-" in spec.flags and "0" in spec.flags):
        shown = "".join(flag for flag in _FLAG_ORDER if flag in spec.flags)
        raise IllegalFormat(f"IllegalFormatFlags: Flags = '{shown}'")
    _refuse(spec, {"d": "#", "o": ",+ (", "x": ",+ (", "a": "(,", "e": ",", "g": "#"}.get(kind, ""))
    return None


def _check_text(spec: Spec) -> None:
    if spec.precision >= 0:
        raise IllegalFormat(f"IllegalFormatPrecision: {spec.precision}")
    if spec.kind == "n" and spec.width >= 0:
        raise IllegalFormat(f"IllegalFormatWidth: {spec.width}")
    if spec.flags.replace("-", "") or (spec.kind == "n" and spec.flags):
        raise IllegalFormat(f"IllegalFormatFlags: Flags = '{spec.flags}'")
    if spec.width < 0 and "-" in spec.flags:
        raise IllegalFormat(f"MissingFormatWidth: {spec}")


def _refuse(spec: Spec, flags: str) -> None:
    for flag in flags:
        if flag in spec.flags:
            raise IllegalFormat(f"FormatFlagsConversionMismatch: Conversion = {spec.kind[-1]}, Flags = {flag}")


def write_format(text: str, values: tuple[Any, ...]) -> str:
    """``String.format(text, values)``."""
    made, ordinary, last = [], 0, -1
    for part in read_format(text):
        if isinstance(part, str):
            made.append(part)
            continue
        if part.kind in "%n":
            made.append("\n" if part.kind == "n" else _justified(part, "%"))
            continue
        if part.index == 0:
            last, ordinary = ordinary, ordinary + 1
        elif part.index > 0:
            last = part.index - 1
        if not 0 <= last < len(values):
            raise IllegalFormat(f"MissingFormatArgument: Format specifier '{part}'")
        made.append(_written(part, values[last]))
    return "".join(made)


def _justified(spec: Spec, text: str) -> str:
    text = text.upper() if spec.capital else text
    filler = " " * (spec.width - _units(text))
    return text + filler if "-" in spec.flags else filler + text


def _units(text: str) -> int:
    """Java's length of a text: characters beyond 16 bits count twice."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _cut(text: str, size: int) -> str:
    if text.isascii() or _units(text) <= size:
        return text[:size] if text.isascii() else text
    return text.encode("utf-16-le")[: 2 * size].decode("utf-16-le", "replace").replace("\ufffd", "?")


def _written(spec: Spec, value: Any) -> str:
    kind = spec.kind[0]
    if kind == "b":
        text = "false" if value is None else ("true" if value else "false") if isinstance(value, bool) else "true"
    elif value is None:
        text = "null"
    elif kind == "s":
        if "#" in spec.flags:
            raise IllegalFormat("FormatFlagsConversionMismatch: Conversion = s, Flags = #")
        text = as_string(value)
    elif kind == "h":
        text = f"{_hash_code(value):x}"
    elif kind == "t":
        return _justified(spec, _moment(spec, value))
    elif kind in "dox" and isinstance(value, int) and not isinstance(value, bool):
        return _integer(spec, value)
    elif kind in "efga" and isinstance(value, (float, Decimal)):
        return _decimal(spec, value)
    else:
        raise _mismatch(spec, value)
    return _justified(spec, _cut(text, spec.precision) if spec.precision >= 0 else text)


def _mismatch(spec: Spec, value: Any) -> IllegalFormat:
    names = {bool: "java.lang.Boolean", int: "java.lang.Long", float: "java.lang.Double", Real: "java.lang.Float"}
    names |= {str: "java.lang.String", Decimal: "java.math.BigDecimal"}
    name = value.java_class if isinstance(value, Moment) else names[type(value)]
    return IllegalFormat(f"IllegalFormatConversion: {spec.kind[-1]} != {name}")


def as_string(value: Any) -> str:
    """``value.toString()``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Real):
        return java_float(float(value))
    return java_double(value) if isinstance(value, float) else str(value)


def _hash_code(value: Any) -> int:
    """Java's hashCode as an unsigned number of 32 bits."""
    import struct

    if isinstance(value, bool):
        return 1231 if value else 1237
    if isinstance(value, str):
        units = struct.unpack(f"<{len(value.encode('utf-16-le')) // 2}H", value.encode("utf-16-le"))
        return functools.reduce(lambda total, unit: (total * 31 + unit) & 0xFFFFFFFF, units, 0)
    if isinstance(value, int) or type(value) is float:
        bits = (
            value & (1 << 64) - 1 if isinstance(value, int) else int(struct.unpack("<Q", struct.pack("<d", value))[0])
        )
        return int((bits ^ bits >> 32) & 0xFFFFFFFF)
    raise not_supported("format() with %h for this type")


def _moment(spec: Spec, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = Moment.of_millis(value)
    made = write_moment(value, spec.kind[1:]) if isinstance(value, Moment) else None
    if made is None:
        raise _mismatch(spec, value)
    return made


def _integer(spec: Spec, value: int) -> str:
    if spec.kind == "d":
        return _signed(spec, str(abs(value)), value < 0)
    digits = f"{value & (1 << 64) - 1:{spec.kind}}"
    digits = ("0x" if spec.kind == "x" else "0") + digits if "#" in spec.flags else digits
    if "0" in spec.flags:
        start = 2 if "#" in spec.flags and spec.kind == "x" else 0
        digits = digits[:start] + digits[start:].rjust(spec.width - start, "0")
    return _justified(spec, digits)


def _decimal(spec: Spec, value: float | Decimal) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        negative = value < 0
        sign = "" if math.isnan(value) else _sign(spec, negative)
        text = "NaN" if math.isnan(value) else sign + "Infinity" + (")" if sign == "(" else "")
        return _justified(spec, text)
    if spec.kind == "a":
        raise not_supported("format() with %a")
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    negative = exact.is_signed() and (isinstance(value, float) or exact != 0)
    with localcontext() as context:
        context.prec = 400
        digits = _digits(spec, abs(exact))
    return _signed(spec, digits, negative)


def _digits(spec: Spec, value: Decimal) -> str:
    precision = 6 if spec.precision < 0 else spec.precision
    if spec.kind == "f":
        return _fixed(value, precision, "#" in spec.flags)
    if spec.kind == "e":
        return _scientific(value, precision, "#" in spec.flags)
    precision = max(precision, 1)
    if value == 0:
        return _fixed(value, precision - 1, False)
    rounded = _rounded(value, precision)
    if Decimal("0.0001") <= rounded < Decimal(10) ** precision:
        return _fixed(value, precision - rounded.adjusted() - 1, False)
    return _scientific(value, precision - 1, False)


def _rounded(value: Decimal, digits: int) -> Decimal:
    """Half up at so many significant digits."""
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), rounding=ROUND_HALF_UP)


def _fixed(value: Decimal, precision: int, point: bool) -> str:
    text = format(value.quantize(Decimal(1).scaleb(-precision), rounding=ROUND_HALF_UP), "f")
    return text + "." if point and precision == 0 else text


def _scientific(value: Decimal, precision: int, point: bool) -> str:
    rounded = _rounded(value, precision + 1) if value else value
    exponent = rounded.adjusted() if value else 0
    mantissa = _fixed(rounded.scaleb(-exponent), precision, point)
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _sign(spec: Spec, negative: bool) -> str:
    if negative:
        return "(" if "(" in spec.flags else "-"
    return "+" if "+" in spec.flags else " " if " " in spec.flags else ""


def _signed(spec: Spec, digits: str, negative: bool) -> str:
    """Grouping, sign, zeros and width around the digits of a number."""
    if "," in spec.flags:
        whole, point, rest = digits.partition(".")
        digits = f"{int(whole):,}{point}{rest}"
    sign, close = _sign(spec, negative), ")" if negative and "(" in spec.flags else ""
    if "0" in spec.flags:
        digits = digits.rjust(spec.width - len(sign) - len(close), "0")
    return _justified(spec, sign + digits + close)
