"""bitwise_*, shifts, bit_count: two's complement at the width of the type."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.functions.once import number_of
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid
from labkit.cloud.athena.python_functions import PythonFunction

_WIDTHS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}


def _signed(value: int, width: int) -> int:
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value


def _left(width: int) -> Any:
    return lambda value, shift: 0 if shift >= 64 else _signed(value << (shift & 63), width)


def _right(width: int) -> Any:
    def body(value: int, shift: int) -> int:
        if shift >= 64:
            return 0
        return value if shift == 0 else _signed((value & (1 << width) - 1) >> (shift & 63), width)

    return body


def _right_arithmetic(width: int) -> Any:
    return lambda value, shift: value >> (63 if shift >= 64 else shift & 63)


def _shifts() -> list[Entry]:
    made: list[Entry] = []
    for name, maker in (
        ("bitwise_left_shift", _left),
        ("bitwise_right_shift", _right),
        ("bitwise_right_shift_arithmetic", _right_arithmetic),
    ):
        for kind, width in _WIDTHS.items():
            function = PythonFunction(f"py_{name}_{width}", maker(width), (kind.upper(), "INTEGER"), kind.upper())
            made.append((f"{name}({kind}, integer) -> {kind}", _calling(function)))
    return made


def _calling(function: PythonFunction) -> Any:
    return lambda call: f"{call.ctx.define(function)}({', '.join(value.sql for value in call.values)})"


def _count(value: int, bits: int) -> int:
    if not 2 <= bits <= 64:
        raise invalid(f"Bits specified in bit_count must be between 2 and 64, got {bits}")
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise invalid(
            f"Number must be representable with the bits specified. {value} cannot be represented with {bits} bits"
        )
    return (value & (1 << bits) - 1).bit_count()


def _bit_count(call: Any) -> str:
    value, bits = (one.sql for one in call.values)
    if number_of(bits) == 64:
        return f"CAST(bit_count({value}) AS BIGINT)"
    name = call.ctx.define(PythonFunction("py_bit_count", _count, ("BIGINT", "BIGINT"), "BIGINT"))
    return f"{name}({value}, {bits})"


ENTRIES: list[Entry] = [
    ("bitwise_and(bigint, bigint) -> bigint", "({0} & {1})"),
    ("bitwise_or(bigint, bigint) -> bigint", "({0} | {1})"),
    ("bitwise_xor(bigint, bigint) -> bigint", "xor({0}, {1})"),
    ("bitwise_not(bigint) -> bigint", "(~{0})"),
    ("bit_count(bigint, bigint) -> bigint", _bit_count),
    *_shifts(),
]
