"""Which of Parquet's types may be read as which of the table's, and how."""

from __future__ import annotations

from labkit.cloud.athena.readers.files import missing, to_millis
from labkit.cloud.athena.types import INTEGERS, Type, duckdb, escape_name, field_name

_SIGNED = ("tinyint", "smallint", "integer", "bigint")
_WHOLE = (*_SIGNED, "utinyint", "usmallint", "uinteger", "ubigint")
_MOMENTS = ("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone")


class Mismatch(Exception):
    """The file's type cannot be the table's; the text is the file's type."""


def converted(sql: str, have: Type, want: Type, logical: str = "") -> str:
    """The file's column as the table's type; ``have`` has DuckDB's names for plain types."""
    if want.name == "array" and have.name == "array":
        if same(have.items[0], want.items[0]):
            return f"CAST({sql} AS {duckdb(want)})"
        return f"list_transform({sql}, lambda e: {converted('e', have.items[0], want.items[0])})"
    if want.name == "map" and have.name == "map":
        if same(have.items[0], want.items[0]) and same(have.items[1], want.items[1]):
            return f"CAST({sql} AS {duckdb(want)})"
        key = converted("e.key", have.items[0], want.items[0])
        value = converted("e.value", have.items[1], want.items[1])
        return f"map_from_entries(list_transform(map_entries({sql}), lambda e: struct_pack(k := {key}, v := {value})))"
    if want.name == "row" and have.name == "row":
        return _row(sql, have, want)
    if have.items or want.items:
        raise Mismatch("group")
    return _scalar(sql, have, want, logical)


def same(have: Type, want: Type) -> bool:
    """Is DuckDB's type of the file already the table's?"""
    if want.items or have.items:
        return (
            have.name == want.name
            and len(have.items) == len(want.items)
            and (want.name != "row" or [one.lower() for one in have.fields if one] == list(want.fields))
            and all(same(a, b) for a, b in zip(have.items, want.items, strict=True))
        )
    if want.name == "decimal":
        return have == want
    return have.name.upper() == duckdb(want) and not want.params and want.name != "char"


def _row(sql: str, have: Type, want: Type) -> str:
    """Fields by name, as Athena reads them; one that the file has not is NULL."""
    if same(have, want):
        return f"CAST({sql} AS {duckdb(want)})"
    spelled = {str(name).lower(): (str(name), item) for name, item in zip(have.fields, have.items, strict=True)}
    parts = []
    for index, item in enumerate(want.items):
        name = field_name(want, index)
        known = spelled.get(name.lower())
        made = missing(item) if known is None else converted(f'{sql}."{escape_name(known[0])}"', known[1], item)
        parts.append(f'"{escape_name(name)}" := {made}')
    return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(parts)}) END)"


def _scalar(sql: str, have: Type, want: Type, logical: str) -> str:
    cast = f"CAST({sql} AS {duckdb(want)})"
    name = want.name
    if name in INTEGERS:
        if have.name in _WHOLE or (have.name == "decimal" and have.params[1] == 0 and have.params[0] <= 18):
            return cast
    elif name in ("varchar", "char", "varbinary"):
        return _bytes(sql, have, want)
    elif name == "decimal":
        if have.name == "decimal" or (have.name in _WHOLE and want.params[0] <= 18):
            return cast
    elif name == "timestamp":
        if have.name in _MOMENTS:
            return (
                cast
                if "TIMESTAMP_MILLIS" in logical or "MILLIS=MILLI" in logical
                else to_millis(f"CAST({sql} AS TIMESTAMP)")
            )
    elif name == "date" and have.name == "integer":
        return f"(DATE '1970-01-01' + {sql})"
    elif have.name in {
        "boolean": ("boolean",),
        "real": ("float",),
        "double": ("float", "double"),
        "date": ("date",),
    }.get(name, ()):
        return cast
    raise Mismatch(have.name.upper())


def _bytes(sql: str, have: Type, want: Type) -> str:
    if have.name not in ("varchar", "blob"):
        raise Mismatch(have.name.upper())
    if want.name == "varbinary":
        return sql if have.name == "blob" else f"encode({sql})"
    text = sql if have.name == "varchar" else f"decode({sql})"
    if want.name == "char":
        text = f"rtrim({text}, ' ')"
    return f"substring({text}, 1, {want.params[0]})" if want.params else f"CAST({text} AS VARCHAR)"
