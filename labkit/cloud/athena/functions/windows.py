"""Window functions. {N} is IGNORE NULLS."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.functions.signature import Entry


def _at_least(low: int) -> Any:
    """The function with its second argument, an offset, checked; NULL is refused, as Trino does."""

    def translate(call: Any) -> str:
        number = call.nodes[1]
        offset = call.values[1].sql
        if not (type(number).__name__ == "Literal" and not number.is_string and int(number.this) >= low):
            offset = f"window_offset({offset}, {low})"
        more = f", {call.values[2].sql}" if len(call.values) > 2 else ""
        return f"{call.name}({call.values[0].sql}, {offset}{more}{call.nulls}){call.tail}"

    return translate


ENTRIES: list[Entry] = [
    ("row_number() -> bigint", "row_number(){W}"),
    ("rank() -> bigint", "rank(){W}"),
    ("dense_rank() -> bigint", "dense_rank(){W}"),
    ("percent_rank() -> double", "percent_rank(){W}"),
    ("cume_dist() -> double", "cume_dist(){W}"),
    ("ntile(bigint) -> bigint", "ntile({0}){W}"),
    ("lag(T) -> T", "lag({0}{N}){W}"),
    ("lag(T, bigint) -> T", _at_least(0)),
    ("lag(T, bigint, T) -> T", _at_least(0)),
    ("lead(T) -> T", "lead({0}{N}){W}"),
    ("lead(T, bigint) -> T", _at_least(0)),
    ("lead(T, bigint, T) -> T", _at_least(0)),
    ("first_value(T) -> T", "first_value({0}{N}){W}"),
    ("last_value(T) -> T", "last_value({0}{N}){W}"),
    ("nth_value(T, bigint) -> T", _at_least(1)),
]
