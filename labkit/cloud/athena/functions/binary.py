"""VARBINARY: encodings, parts, numbers as bytes."""

from __future__ import annotations

import struct
from typing import Any

from labkit.cloud.athena.functions.base64_java import base32_bytes, base64_bytes
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid
from labkit.cloud.athena.python_functions import PythonFunction, python

_MAX_INT = 2147483647
_HEX = "0123456789abcdefABCDEF"


def _as_text(value: str | bytes) -> str:
    """One character a byte, whatever the text is."""
    return (value.encode() if isinstance(value, str) else value).decode("latin-1")


def _of_both(name: str, body: Any, result: str = "BLOB") -> list[Entry]:
    """A decoder that takes its text as VARCHAR or as VARBINARY."""
    made = []
    for written, kind in (("varchar(x)", "VARCHAR"), ("varbinary", "BLOB")):
        function = PythonFunction(f"py_{name}_{kind.lower()}", body, (kind,), result)
        made.append((f"{name}({written}) -> varbinary", _calling(function)))
    return made


def _calling(function: PythonFunction) -> Any:
    return lambda call: f"{call.ctx.define(function)}({', '.join(value.sql for value in call.values)})"


def _from_hex(value: str | bytes) -> bytes:
    text = _as_text(value)
    if len(text) % 2:
        raise invalid(f"invalid input length {len(text)}")
    for letter in text:
        if letter not in _HEX:
            raise invalid(f'not a hexadecimal digit: "{letter}" = {ord(letter)}')
    return bytes.fromhex(text)


def _from_base64(value: str | bytes) -> bytes:
    return base64_bytes(_as_text(value), "+/")


def _from_base64url(value: str | bytes) -> bytes:
    return base64_bytes(_as_text(value), "-_")


def _from_base32(value: str | bytes) -> bytes:
    return base32_bytes(_as_text(value))


def _to_base64url(value: bytes) -> str:
    import base64

    return base64.urlsafe_b64encode(value).decode()


def _to_base32(value: bytes) -> str:
    import base64

    return base64.b32encode(value).decode()


def _reverse_bytes(value: bytes) -> bytes:
    return value[::-1]


def _slice(value: bytes, start: int, size: int) -> bytes:
    if start == 0 or size <= 0 or abs(start) > len(value):
        return b""
    first = start - 1 if start > 0 else len(value) + start
    return value[first : first + size]


def _substr(call: Any) -> str:
    name = call.ctx.define(PythonFunction("py_slice_bytes", _slice, ("BLOB", "BIGINT", "BIGINT"), "BLOB"))
    values = [one.sql for one in call.values]
    return f"{name}({values[0]}, {values[1]}, {values[2] if len(values) == 3 else _MAX_INT})"


def _fill(length: int, size: int, mark: bytes) -> bytes:
    if not 0 <= size <= _MAX_INT:
        raise invalid(f"Target length must be in the range [0..{_MAX_INT}]")
    if not mark:
        raise invalid("Padding bytes must not be empty")
    missing = max(0, size - length)
    return (mark * (missing // len(mark) + 1))[:missing]


def _lpad_bytes(value: bytes, size: int, mark: bytes) -> bytes:
    return (_fill(len(value), size, mark) + value)[:size]


def _rpad_bytes(value: bytes, size: int, mark: bytes) -> bytes:
    return (value + _fill(len(value), size, mark))[:size]


def _packed(name: str, layout: str, kind: str) -> tuple[str, Any]:
    """A number as big-endian bytes."""
    body = (lambda value: struct.pack(layout, value)) if layout != ">f" else _pack_real
    return name, _calling(PythonFunction(f"py_{name}", body, (kind,), "BLOB"))


def _pack_real(value: float) -> bytes:
    return struct.pack(">f", value)


def _unpacked(name: str, layout: str, kind: str, complaint: str) -> tuple[str, Any]:
    size = struct.calcsize(layout)

    def body(value: bytes) -> Any:
        if len(value) != size:
            raise invalid(complaint.format(len(value)))
        return struct.unpack(layout, value)[0]

    body.__name__ = name
    return name, python(body, ("BLOB",), kind)


def _numbers() -> list[Entry]:
    found: list[Entry] = []
    short, exact = (
        "expected {}-byte input, but got instead: {{}}",
        "Input floating-point value must be exactly {} bytes long",
    )
    for name, layout, trino, kind, complaint in (
        ("big_endian_32", ">i", "integer", "INTEGER", short.format(4)),
        ("big_endian_64", ">q", "bigint", "BIGINT", short.format(8)),
        ("ieee754_32", ">f", "real", "FLOAT", exact.format(4)),
        ("ieee754_64", ">d", "double", "DOUBLE", exact.format(8)),
    ):
        found.append((f"to_{name}({trino}) -> varbinary", _packed(f"to_{name}", layout, kind)[1]))
        found.append((f"from_{name}(varbinary) -> {trino}", _unpacked(f"from_{name}", layout, kind, complaint)[1]))
    return found


ENTRIES: list[Entry] = [
    ("length(varbinary) -> bigint", "octet_length({0})"),
    ("reverse(varbinary) -> varbinary", python(_reverse_bytes, ("BLOB",), "BLOB")),
    *((f"{name}(varbinary, bigint{more}) -> varbinary", _substr) for name in ("substr", "substring") for more in ("", ", bigint")),
    ("lpad(varbinary, bigint, varbinary) -> varbinary", python(_lpad_bytes, ("BLOB", "BIGINT", "BLOB"), "BLOB")),
    ("rpad(varbinary, bigint, varbinary) -> varbinary", python(_rpad_bytes, ("BLOB", "BIGINT", "BLOB"), "BLOB")),
    ("to_hex(varbinary) -> varchar", "hex({0})"),
    *_of_both("from_hex", _from_hex),
    ("to_base64(varbinary) -> varchar", "to_base64({0})"),
    *_of_both("from_base64", _from_base64),
    ("to_base64url(varbinary) -> varchar", python(_to_base64url, ("BLOB",), "VARCHAR")),
    *_of_both("from_base64url", _from_base64url),
    ("to_base32(varbinary) -> varchar", python(_to_base32, ("BLOB",), "VARCHAR")),
    *_of_both("from_base32", _from_base32),
    *_numbers(),
]  # fmt: skip
