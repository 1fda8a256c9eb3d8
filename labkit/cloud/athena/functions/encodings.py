"""to_utf8 and from_utf8: what is no UTF-8 is replaced, sequence by sequence, as Trino's slices do it."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid
from labkit.cloud.athena.python_functions import PythonFunction

# Which bits of a lead byte to look at, what they are, and how many bytes it asks for (five and six were UTF-8 once).
_LEADS = ((0xE0, 0xC0, 2), (0xF0, 0xE0, 3), (0xF8, 0xF0, 4), (0xFC, 0xF8, 5), (0xFE, 0xFC, 6))


def repaired(value: bytes, mark: str) -> str:
    """The text of ``value`` with ``mark`` in place of each sequence that is none."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        pass
    made, place = [], 0
    while place < len(value):
        size = _sequence(value, place)
        piece = value[place : place + size]
        place += size
        try:
            made.append(piece.decode())
        except UnicodeDecodeError:
            made.append(mark)
    return "".join(made)


def _sequence(value: bytes, place: int) -> int:
    """How many bytes belong together: a lead byte and the continuations it asks for, as far as they are there."""
    wanted = next((size for mask, lead, size in _LEADS if value[place] & mask == lead), 1)
    size = 1
    while size < wanted and place + size < len(value) and value[place + size] & 0b11000000 == 0b10000000:
        size += 1
    return size


def _from_utf8(value: bytes) -> str:
    return repaired(value, "\ufffd")


def _from_utf8_text(value: bytes, mark: str) -> str:
    if len(mark) > 1:
        raise invalid("Replacement character string must empty or a single character")
    return repaired(value, mark)


def _from_utf8_code(value: bytes, code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise invalid("Invalid replacement character")
    return repaired(value, chr(code))


def _called(name: str, body: Any, *parameters: str) -> Any:
    function = PythonFunction(name, body, parameters, "VARCHAR")
    return lambda call: f"{call.ctx.define(function)}({', '.join(value.sql for value in call.values)})"


ENTRIES: list[Entry] = [
    ("to_utf8(varchar(x)) -> varbinary", "encode({0})"),
    ("to_utf8(char(x)) -> varbinary", "encode({0})"),
    ("from_utf8(varbinary) -> varchar", _called("py_from_utf8", _from_utf8, "BLOB")),
    ("from_utf8(varbinary, varchar(x)) -> varchar", _called("py_from_utf8_text", _from_utf8_text, "BLOB", "VARCHAR")),
    ("from_utf8(varbinary, bigint) -> varchar", _called("py_from_utf8_code", _from_utf8_code, "BLOB", "BIGINT")),
]
