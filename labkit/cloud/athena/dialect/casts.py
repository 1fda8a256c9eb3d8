"""CAST and TRY_CAST with Trino's rules where DuckDB is more lenient."""

from __future__ import annotations

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.types import INTEGERS, NUMBERS, Type, duckdb, field_name, show

Place = tuple[int, int] | None

# Texts that Trino takes; DuckDB would also take ' 12 ', '1.5' for a BIGINT or '2024/1/5' for a DATE.
# What does not match gets a leading '!' so that the cast itself fails, with TRY_CAST giving NULL.
_PATTERNS = {
    **dict.fromkeys(INTEGERS, "[+-]?[0-9]+"),
    "date": " *[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2} *",
    "timestamp": " *[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{1,12})?)?)? *",
    "boolean": "(?i)(true|false|t|f|1|0)",
    "decimal": " *[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)? *",
}
_ALLOWED = {
    "boolean": {"varchar", "char", "json", *NUMBERS},
    "varchar": {"char", "json", "boolean", "date", "timestamp", "timestamp with time zone", "time", *NUMBERS},
    "date": {"varchar", "timestamp", "timestamp with time zone"},
    "timestamp": {"varchar", "date", "time", "timestamp with time zone"},
    "timestamp with time zone": {"varchar", "date", "timestamp", "time"},
    "time": {"varchar", "timestamp"},
    "json": {"varchar", "boolean", "array", "map", "row", *NUMBERS},
    "varbinary": set(),
    **{name: {"json"} for name in ("array", "map", "row")},
    **{name: {"varchar", "char", "boolean", "json", *NUMBERS} for name in NUMBERS},
}
MOMENT_FORMAT = "%Y-%m-%d %H:%M:%S.%g"


def cast(value: Typed, target: Type, place: Place, lenient: bool = False) -> Typed:
    """The value as ``target``; ``lenient`` is TRY_CAST."""
    source = value.type
    if source == target:
        return value
    _check(source, target, place)
    word = "TRY_CAST" if lenient else "CAST"
    if source.name == "row" and target.name == "row":
        return Typed(_row(value.sql, source, target, place, lenient), target)
    if source.name == "array" and target.name == "array":
        item = cast(Typed("x", source.items[0]), target.items[0], place, lenient)
        return Typed(f"list_transform({value.sql}, lambda x: {item.sql})", target)
    if target.name in ("varchar", "char"):
        return Typed(_limited(_to_text(value), target), target)
    if target.name == "json":
        return Typed(f"to_json({value.sql})", target)
    return Typed(f"{word}({_prepared(value, target)} AS {duckdb(target)})", target)


def _check(source: Type, target: Type, place: Place) -> None:
    if source.name in ("unknown", target.name):
        return
    if source.name == "json" and target.name in ("array", "map", "row"):
        return
    families = _ALLOWED.get("varchar" if source.name == "char" else source.name, set())
    if ("varchar" if target.name == "char" else target.name) in families or {source.name, target.name} == {
        "varchar",
        "char",
    }:
        return
    if source.name.startswith("interval") and target.name == "varchar":
        raise not_supported("CAST of an interval to varchar", place)
    raise QueryFailure("TYPE_MISMATCH", f"Cannot cast {show(source)} to {show(target)}", place)


def _prepared(value: Typed, target: Type) -> str:
    source, sql = value.type, value.sql
    pattern = _PATTERNS.get(target.name)
    if source.name in ("varchar", "char") and pattern:
        return f"(CASE WHEN regexp_full_match({sql}, '{pattern}') THEN {sql} ELSE '!' || {sql} END)"
    if source.name == "json" and target.name not in ("array", "map", "row"):
        return f"({sql} ->> '$')"
    if source.name in ("real", "double") and target.name in INTEGERS:
        return f"round({sql})"  # Trino rounds half away from zero, DuckDB's CAST half to even
    if source.name == "timestamp with time zone" and target.name in ("date", "timestamp"):
        return f"timezone('UTC', {sql})"
    return sql


def _to_text(value: Typed) -> str:
    kind, sql = value.type.name, value.sql
    if kind in ("real", "double"):
        return f"double_text(CAST({sql} AS {duckdb(value.type)}))"
    if kind == "timestamp":
        return f"strftime({sql}, '{MOMENT_FORMAT}')"
    if kind == "timestamp with time zone":
        return f"(strftime(timezone('UTC', {sql}), '{MOMENT_FORMAT}') || ' UTC')"
    if kind == "json":
        return f"({sql} ->> '$')"
    return f"CAST({sql} AS VARCHAR)"


def _limited(sql: str, target: Type) -> str:
    if not target.params:
        return sql
    cut = f"substring({sql}, 1, {target.params[0]})"
    return f"rpad({cut}, {target.params[0]}, ' ')" if target.name == "char" else cut


def _row(sql: str, source: Type, target: Type, place: Place, lenient: bool) -> str:
    """ROWs convert field by field in order, whatever their names."""
    if len(source.items) != len(target.items):
        raise QueryFailure("TYPE_MISMATCH", f"Cannot cast {show(source)} to {show(target)}", place)
    parts = []
    for index, (old, new) in enumerate(zip(source.items, target.items, strict=False)):
        item = cast(Typed(f"struct_extract_at({sql}, {index + 1})", old), new, place, lenient)
        name = field_name(target, index).replace("'", "''")
        parts.append(f"'{name}': {item.sql}")
    return f"(CASE WHEN {sql} IS NULL THEN NULL ELSE {{{', '.join(parts)}}} END)"
