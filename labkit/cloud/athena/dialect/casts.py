"""CAST and TRY_CAST with Trino's rules where DuckDB is more lenient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.cloud.athena.dialect import identifiers, moment_casts, number_casts
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.types import NUMBERS, Type, duckdb, field_name, show

if TYPE_CHECKING:
    from labkit.cloud.athena.dialect.scope import Context

Place = tuple[int, int] | None

_TEXTS = ("varchar", "char")
_ALLOWED = {
    "boolean": {*_TEXTS, "json", *NUMBERS},
    "varchar": {"json", "boolean", "varbinary", "uuid", "ipaddress", *NUMBERS},
    "json": {"varchar", "boolean", "array", "map", "row", *NUMBERS},
    "varbinary": {"uuid", "ipaddress"},
    **{name: {*_TEXTS, "varbinary"} for name in ("uuid", "ipaddress")},
    **{name: {"json"} for name in ("array", "map", "row")},
    **{name: {*_TEXTS, "boolean", "json", *NUMBERS} for name in NUMBERS},
}  # fmt: skip


def cast(value: Typed, target: Type, place: Place, lenient: bool = False, ctx: Context | None = None) -> Typed:
    """The value as ``target``; ``lenient`` is TRY_CAST. Without ``ctx`` no IPADDRESS can be cast."""
    source = value.type
    if source == target:
        return value
    if source.name == "unknown":
        return Typed(f"CAST(NULL AS {duckdb(target)})", target)
    if ctx is not None and (source.items or "json" in (source.name, target.name)):
        from labkit.cloud.athena.dialect.nested_casts import cast_nested

        return cast_nested(ctx, value, target, place, lenient)
    moved = moment_casts.cast(value, target, place, lenient)
    if moved is not None:
        return moved
    _check(source, target, place)
    if ctx is not None and number_casts.repeats(value.sql):  # named, so that casts of casts do not multiply
        name = ctx.alias()
        inner = cast(Typed(name, source), target, place, lenient, ctx)
        return Typed(f"list_transform([{value.sql}], lambda {name}: {inner.sql})[1]", target)
    return _converted(value, target, place, lenient, ctx)


def _converted(value: Typed, target: Type, place: Place, lenient: bool, ctx: Context | None) -> Typed:
    source = value.type
    word = "TRY_CAST" if lenient else "CAST"
    if source.name == "row" and target.name == "row":
        return Typed(_row(value.sql, source, target, place, lenient, ctx), target)
    if source.name == "array" and target.name == "array":
        item = cast(Typed("x", source.items[0]), target.items[0], place, lenient, ctx)
        return Typed(f"list_transform({value.sql}, lambda x: {item.sql})", target)
    if target.name in ("uuid", "ipaddress", "varbinary") or source.name == "ipaddress":
        return Typed(identifiers.cast_sql(value, target, lenient, ctx), target)
    if target.name in _TEXTS:
        text = number_casts.bounded(_to_text(value), source, target, lenient)
        return Typed(f"rpad({text}, {target.params[0]}, ' ')" if target.name == "char" else text, target)
    if source.name in (*_TEXTS, "boolean", *NUMBERS) and target.name in NUMBERS:
        return Typed(number_casts.to_number(value, target, word), target)
    if source.name in (*_TEXTS, *NUMBERS) and target.name == "boolean":
        return Typed(number_casts.to_boolean(value, lenient), target)
    if target.name == "json":
        return Typed(f"to_json({value.sql})", target)
    return Typed(f"{word}({_prepared(value, target)} AS {duckdb(target)})", target)


def _check(source: Type, target: Type, place: Place) -> None:
    if source.name in ("unknown", target.name):
        return
    if source.name == "json" and target.name in ("array", "map", "row"):
        return
    families = _ALLOWED.get("varchar" if source.name == "char" else source.name, set())
    if target.name in families or (source.name in _TEXTS and target.name in _TEXTS):
        return
    raise QueryFailure("TYPE_MISMATCH", f"Cannot cast {show(source)} to {show(target)}", place)


def _prepared(value: Typed, target: Type) -> str:
    source, sql = value.type, value.sql
    if source.name == "json" and target.name not in ("array", "map", "row"):
        return f"({sql} ->> '$')"
    return sql


def _to_text(value: Typed) -> str:
    kind, sql = value.type.name, value.sql
    if kind in (*NUMBERS, "boolean"):
        return number_casts.to_text(value)
    if kind == "char":  # the padding is not part of a CHAR's value
        return f"rtrim({sql}, ' ')"
    if kind == "json":
        return f"({sql} ->> '$')"
    return f"CAST({sql} AS VARCHAR)"


def _row(sql: str, source: Type, target: Type, place: Place, lenient: bool, ctx: Context | None) -> str:
    """ROWs convert field by field in order, whatever their names."""
    if len(source.items) != len(target.items):
        raise QueryFailure("TYPE_MISMATCH", f"Cannot cast {show(source)} to {show(target)}", place)
    parts = []
    for index, (old, new) in enumerate(zip(source.items, target.items, strict=False)):
        item = cast(Typed(f"struct_extract_at({sql}, {index + 1})", old), new, place, lenient, ctx)
        name = field_name(target, index).replace("'", "''")
        parts.append(f"'{name}': {item.sql}")
    return f"(CASE WHEN {sql} IS NULL THEN NULL ELSE {{{', '.join(parts)}}} END)"
