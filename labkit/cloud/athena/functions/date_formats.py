"""Formats of dates: MySQL's letters, Joda-Time's and Teradata's, as literals or from rows."""

from __future__ import annotations

import re
from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.dialect.moments import once, packed, rounded, unpacked, wall, wall_us
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.functions.signature import Entry

# Letters whose text strftime writes byte for byte, for years of four digits.
_MYSQL = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I", "i": "%M", "j": "%j",
    "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p", "S": "%S", "s": "%S", "T": "%H:%M:%S",
    "W": "%A", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
_JODA = {
    "yyyy": "%Y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d", "HH": "%H", "H": "%-H", "hh": "%I",
    "mm": "%M", "ss": "%S", "SSS": "%g", "a": "%p", "EEEE": "%A", "EEE": "%a",
}  # fmt: skip
# Letters that are always as many digits, when written as date_format writes them.
_READ = {"Y": ("[0-9]{4}", "%Y"), "m": ("[0-9]{2}", "%m"), "d": ("[0-9]{2}", "%d"), "H": ("[0-9]{2}", "%H"),
         "i": ("[0-9]{2}", "%M"), "s": ("[0-9]{2}", "%S"), "S": ("[0-9]{2}", "%S"),
         "T": ("[0-9]{2}:[0-9]{2}:[0-9]{2}", "%H:%M:%S")}  # fmt: skip
_PIECES = re.compile(r"%(.)|([^%]+)", re.DOTALL)
_JODA_PIECES = re.compile(r"([A-Za-z])\1*|'([^']+)'|([^A-Za-z']+)")


def _fast_mysql(pattern: str | None) -> str | None:
    """strftime's format for a literal one, or None."""
    if (
        not pattern
        or len(re.findall(_PIECES, pattern)) == 0
        or "".join(m.group() for m in _PIECES.finditer(pattern)) != pattern
    ):
        return None
    parts = []
    for found in _PIECES.finditer(pattern):
        part = _MYSQL.get(found.group(1)) if found.group(1) else found.group(2)
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def _fast_joda(pattern: str | None) -> str | None:
    if not pattern or "".join(m.group() for m in _JODA_PIECES.finditer(pattern)) != pattern:
        return None
    parts = []
    for found in _JODA_PIECES.finditer(pattern):
        plain = (found.group(2) or found.group(3) or "").replace("%", "%%")
        part = _JODA.get(found.group()) if found.group(1) else plain
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def _fast_read(pattern: str | None) -> tuple[str, str] | None:
    """Regular expression and strptime's format of a literal format of plain numbers with a whole date, or None."""
    letters = re.findall(_PIECES, pattern or "")
    codes = [code for code, _ in letters if code]
    if not set("Ymd") <= set(codes) or len(codes) != len(set(codes)) or not all(code in _READ for code in codes):
        return None
    if {"s", "S"} <= set(codes) or ("T" in codes and set("HisS") & set(codes)):
        return None
    expression = "".join(_READ[code][0] if code else re.sub(r"([^\w\s])", r"\\\1", plain) for code, plain in letters)
    return expression, "".join(_READ[code][1] if code else plain for code, plain in letters)


_JODA_READ = {"yyyy": ("[0-9]{4}", "%Y"), "MM": ("[0-9]{2}", "%m"), "dd": ("[0-9]{2}", "%d"), "HH": ("[0-9]{2}", "%H"),
              "mm": ("[0-9]{2}", "%M"), "ss": ("[0-9]{2}", "%S"), "SSS": ("[0-9]{3}", "%g")}  # fmt: skip


def _fast_joda_read(pattern: str | None) -> tuple[str, str] | None:
    """The same for a Joda-Time format."""
    pieces = list(_JODA_PIECES.finditer(pattern or ""))
    codes = [found.group() for found in pieces if found.group(1)]
    whole = "".join(found.group() for found in pieces) == pattern
    if not whole or not {"yyyy", "MM", "dd"} <= set(codes) <= _JODA_READ.keys() or len(codes) != len(set(codes)):
        return None
    plains = [(found.group(2) or found.group(3) or "") for found in pieces]
    parts = [
        _JODA_READ.get(found.group()) or (re.escape(plain), plain.replace("%", "%%"))
        for found, plain in zip(pieces, plains, strict=True)
    ]
    return "".join(part[0] for part in parts), "".join(part[1] for part in parts)


def _parse_datetime(call: Any) -> str:
    value, pattern = call.values[0].sql, call.values[1].sql
    fast = _fast_joda_read(call.text(1))
    if fast is None:
        return unpacked(f"moment_joda_read({value}, {pattern})")
    return once(value, lambda one: f"joda_moment({one}, {text(fast[0])}, {text(fast[1])}, {pattern})")


def _date_format(call: Any) -> str:
    value, pattern = rounded(call.values[0], 3), call.values[1].sql
    fast = _fast_mysql(call.text(1))
    if fast is None:
        return f"moment_mysql({wall_us(value)}, {pattern})"
    return once(wall(value), lambda one: f"mysql_text({one}, {text(fast)}, {pattern})")


def _format_datetime(call: Any) -> str:
    value, pattern = rounded(call.values[0], 3), call.values[1].sql
    fast = _fast_joda(call.text(1))
    if fast is None and value.type.name == "timestamp with time zone":
        return f"moment_joda_zoned({packed(value.sql)}, {pattern})"
    if fast is None:
        return f"moment_joda({wall_us(value)}, {pattern})"
    return once(wall(value), lambda one: f"joda_text({one}, {text(fast)}, {pattern})")


def _date_parse(call: Any) -> str:
    value, pattern = call.values[0].sql, call.values[1].sql
    fast = _fast_read(call.text(1))
    if fast is None:
        return f"make_timestamp(moment_mysql_read({value}, {pattern}))"
    return once(value, lambda one: f"mysql_moment({one}, {text(fast[0])}, {text(fast[1])}, {pattern})")


def _to_char(call: Any) -> str:
    value: Typed = call.values[0]
    return f"moment_teradata({packed(value.sql)}, {call.values[1].sql})"


_ZONED = "timestamp with time zone"

ENTRIES: list[Entry] = [
    *((f"date_format({kind}, varchar) -> varchar", _date_format) for kind in ("timestamp", _ZONED)),
    ("date_parse(varchar, varchar) -> timestamp", _date_parse),
    *((f"format_datetime({kind}, varchar) -> varchar", _format_datetime) for kind in ("timestamp", _ZONED)),
    (f"parse_datetime(varchar, varchar) -> {_ZONED}", _parse_datetime),
    (f"to_char({_ZONED}, varchar) -> varchar", _to_char),
    ("to_date(varchar, varchar) -> date", "CAST(make_timestamp(moment_teradata_read({0}, {1})) AS DATE)"),
    ("to_timestamp(varchar, varchar) -> timestamp", "make_timestamp(moment_teradata_read({0}, {1}))"),
]

MACROS = (
    """CREATE MACRO mysql_text(t, fast, pattern) AS CASE WHEN t >= TIMESTAMP '0001-01-01' AND t < TIMESTAMP '10000-01-01'
         THEN strftime(t, fast) ELSE moment_mysql(epoch_us(t), pattern) END""",
    """CREATE MACRO joda_text(t, fast, pattern) AS CASE WHEN t >= TIMESTAMP '0001-01-01' AND t < TIMESTAMP '10000-01-01'
         THEN strftime(t, fast) ELSE moment_joda(epoch_us(t), pattern) END""",
    """CREATE MACRO mysql_moment(x, plain, fast, pattern) AS coalesce(
         try_strptime(CASE WHEN regexp_full_match(x, plain) THEN x END, fast), make_timestamp(moment_mysql_read(x, pattern)))""",
)
