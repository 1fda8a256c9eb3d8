"""Window functions. {N} is IGNORE NULLS."""

from __future__ import annotations

from labkit.cloud.athena.functions.signature import Entry

ENTRIES: list[Entry] = [
    ("row_number() -> bigint", "row_number(){W}"),
    ("rank() -> bigint", "rank(){W}"),
    ("dense_rank() -> bigint", "dense_rank(){W}"),
    ("percent_rank() -> double", "percent_rank(){W}"),
    ("cume_dist() -> double", "cume_dist(){W}"),
    ("ntile(bigint) -> bigint", "ntile({0}){W}"),
    ("lag(T) -> T", "lag({0}{N}){W}"),
    ("lag(T, bigint) -> T", "lag({0}, {1}{N}){W}"),
    ("lag(T, bigint, T) -> T", "lag({0}, {1}, {2}{N}){W}"),
    ("lead(T) -> T", "lead({0}{N}){W}"),
    ("lead(T, bigint) -> T", "lead({0}, {1}{N}){W}"),
    ("lead(T, bigint, T) -> T", "lead({0}, {1}, {2}{N}){W}"),
    ("first_value(T) -> T", "first_value({0}{N}){W}"),
    ("last_value(T) -> T", "last_value({0}{N}){W}"),
    ("nth_value(T, bigint) -> T", "nth_value({0}, {1}{N}){W}"),
]
