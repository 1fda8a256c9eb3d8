"""FILTER and OVER: aggregates over some rows, window functions and their frames."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect import operators
from labkit.cloud.athena.dialect.comparisons import settled
from labkit.cloud.athena.dialect.expressions import Translator, translate
from labkit.cloud.athena.dialect.grouping import find_aggregates, written
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Scope, Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.types import DAY_INTERVAL, INTEGERS, NUMBERS, Type, duckdb, show

_WITH_NULLS = ("lag", "lead", "first_value", "last_value", "nth_value")
# Trino's order of frame bounds; a frame must not end before it starts.
_ORDER = ("UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING")


def _filter(ctx: Context, scope: Scope, node: Any, tail: str = "", over: bool = False) -> Typed:
    inner = scope if over else scope.inner(aggregating=None)
    where = place(ctx.sql, node.expression.this)
    condition = operators.boolean(translate(ctx, inner, node.expression.this), "FILTER expression", where)
    return _inside(ctx, scope, node.this, f" FILTER (WHERE {condition}){tail}", over)


def _inside(ctx: Context, scope: Scope, node: Any, tail: str, over: bool) -> Typed:
    from labkit.cloud.athena.dialect.calls import call_function, listagg

    kind = type(node).__name__
    if kind == "Filter":
        return _filter(ctx, scope, node, tail, over)
    if kind in ("IgnoreNulls", "RespectNulls"):
        name = node.this.name.lower()
        if name not in _WITH_NULLS:
            text = f"Cannot specify null treatment clause for {name} function"
            raise QueryFailure("NULL_TREATMENT_NOT_ALLOWED", text, place(ctx.sql, node))
        nulls = " IGNORE NULLS" if kind == "IgnoreNulls" else ""
        return call_function(ctx, scope, node.this, tail, nulls, over)
    if kind == "Anonymous":
        return call_function(ctx, scope, node, tail, over=over)
    if kind == "GroupConcat":
        return listagg(ctx, scope, node, tail)
    text = f"{written(node)} is not an aggregate or window function"
    raise QueryFailure("FUNCTION_NOT_AGGREGATE", text, place(ctx.sql, node))


def _window(ctx: Context, scope: Scope, node: Any) -> Typed:
    _check(ctx, scope, node)
    return _inside(ctx, scope, node.this, f" OVER ({_over(ctx, scope, node)})", True)


def _check(ctx: Context, scope: Scope, node: Any) -> None:
    where, call = place(ctx.sql, node), node.this
    while type(call).__name__ in ("Filter", "IgnoreNulls", "RespectNulls"):
        call = call.this
    parts = [*call.args.values(), *(part for name, part in node.args.items() if name != "this")]
    flat = [one for part in parts for one in (part if isinstance(part, list) else [part]) if hasattr(one, "args")]
    nested = [one for part in flat for one in find_aggregates(part, windows=True) if type(one).__name__ == "Window"]
    if nested:
        text = "Cannot nest window functions or row pattern measures inside window function arguments"
        raise QueryFailure("NESTED_WINDOW", text, where)
    if type(call).__name__ != "Anonymous":
        return
    name, last = call.name.lower(), call.expressions[-1] if call.expressions else None
    if type(last).__name__ == "Distinct" or type(getattr(last, "this", None)).__name__ == "Distinct":
        text = f"DISTINCT in window function parameters not yet supported: {written(node)}"
        raise QueryFailure("NOT_SUPPORTED", text, where)
    if type(last).__name__ == "Order":
        raise QueryFailure("NOT_SUPPORTED", "Window function with ORDER BY is not supported", where)
    if name in ("lag", "lead"):
        window = _resolved(ctx, scope, node)
        if window.get("order") is None:
            raise QueryFailure("MISSING_ORDER_BY", f"{name} function requires an ORDER BY window clause", where)
        if window.get("spec") is not None:
            text = f"Cannot specify window frame for {name} function"
            raise QueryFailure("INVALID_WINDOW_FRAME", text, place(ctx.sql, window["spec"]))


def _resolved(ctx: Context, scope: Scope, node: Any) -> dict[str, Any]:
    """PARTITION BY, ORDER BY and frame of a window, with what the window it is based on says."""
    parts = {name: node.args.get(name) for name in ("partition_by", "order", "spec")}
    named = node.args.get("alias")
    if named is None:
        return parts
    known = scope.windows.get(named.name.lower())
    where = place(ctx.sql, named)
    if known is None or known is node:
        raise QueryFailure("INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {named.name}", where)
    base = _resolved(ctx, scope, known)
    if not any(parts.values()):
        return base
    if parts["partition_by"]:
        text = "WINDOW specification with a reference to another WINDOW must not contain PARTITION BY"
        raise QueryFailure("INVALID_PARTITION_BY", text, where)
    if parts["order"] and base["order"]:
        text = f"Cannot override ORDER BY of WINDOW {named.name}"
        raise QueryFailure("INVALID_ORDER_BY", text, where)
    if base["spec"]:
        text = f"Cannot reference WINDOW {named.name} which has a frame"
        raise QueryFailure("INVALID_WINDOW_REFERENCE", text, where)
    return {name: parts[name] or base[name] for name in parts}


def _over(ctx: Context, scope: Scope, node: Any) -> str:
    found = _resolved(ctx, scope, node)
    by = [translate(ctx, scope, item) for item in found["partition_by"] or []]
    partition = [settled(one.sql, one.type) for one in by]
    parts = [f"PARTITION BY {', '.join(partition)}"] if partition else []
    keys = []
    for item in found["order"].expressions if found["order"] is not None else []:
        value = translate(ctx, scope, item.this)
        way = ("DESC" if item.args.get("desc") else "ASC") + (
            " NULLS FIRST" if item.args.get("nulls_first") else " NULLS LAST"
        )
        keys.append((value, way))
    parts += ["ORDER BY " + ", ".join(f"{value.sql} {way}" for value, way in keys)] if keys else []
    parts += [_frame(ctx, scope, found["spec"], [value for value, _ in keys])] if found["spec"] is not None else []
    return " ".join(parts)


def _frame(ctx: Context, scope: Scope, spec: Any, keys: list[Typed]) -> str:
    kind = spec.args["kind"]
    start = _side(spec, "start")
    end = _side(spec, "end") if spec.args.get("end") is not None else "CURRENT ROW"
    _check_bounds(ctx, spec, kind, start, end, keys)
    texts = [_bound(ctx, scope, spec, name, side, keys) for name, side in (("start", start), ("end", end))]
    return f"{kind} BETWEEN {texts[0]} AND {texts[1]}"


def _side(spec: Any, name: str) -> str:
    value, side = spec.args[name], spec.args.get(f"{name}_side") or ""
    return f"{value} {side}".strip() if isinstance(value, str) else str(side)


def _check_bounds(ctx: Context, spec: Any, kind: str, start: str, end: str, keys: list[Typed]) -> None:
    where, text = place(ctx.sql, spec), ""
    if start == "UNBOUNDED FOLLOWING":
        text = "Window frame start cannot be UNBOUNDED FOLLOWING"
    elif end == "UNBOUNDED PRECEDING":
        text = "Window frame end cannot be UNBOUNDED PRECEDING"
    elif _ORDER.index(start) > _ORDER.index(end):
        text = f"Window frame starting from {start} cannot end with {end}"
    if text:
        raise QueryFailure("INVALID_WINDOW_FRAME", text, where)
    offsets = [side for side in (start, end) if side in ("PRECEDING", "FOLLOWING")]
    if kind == "ROWS" or not offsets:
        return
    what = f"Window frame of type {kind} PRECEDING or FOLLOWING requires"
    if not keys:
        raise QueryFailure("MISSING_ORDER_BY", f"{what} ORDER BY", where)
    if kind == "RANGE" and len(keys) > 1:
        text = f"{what} single sort item in ORDER BY (actual: {len(keys)})"
        raise QueryFailure("INVALID_ORDER_BY", text, where)


def _bound(ctx: Context, scope: Scope, spec: Any, name: str, side: str, keys: list[Typed]) -> str:
    if side not in ("PRECEDING", "FOLLOWING"):
        return side
    kind, node = spec.args["kind"], spec.args[name]
    value, where = translate(ctx, scope, node), place(ctx.sql, node)
    if kind == "RANGE":
        return f"{_range_offset(value, keys[0], name, where)} {side}"
    if value.type.name not in INTEGERS:
        text = (
            f"Window frame {kind} {name} value type must be exact numeric type with scale 0 (actual {show(value.type)})"
        )
        raise QueryFailure("TYPE_MISMATCH", text, where)
    if type(node).__name__ == "Literal":
        return f"{value.sql} {side}"
    if type(node).__name__ in ("Neg", "Null"):
        raise QueryFailure("INVALID_WINDOW_FRAME", _NEGATIVE)
    return f"{_positive(value.sql)} {side}"


_NEGATIVE = "Window frame offset value must not be negative or null"


def _positive(text: str) -> str:
    """An offset that is computed: checked for each row."""
    return f"(CASE WHEN CAST({text} AS BIGINT) >= 0 THEN CAST({text} AS BIGINT) ELSE error('INVALID_WINDOW_FRAME|{_NEGATIVE}') END)"


def _range_offset(value: Typed, key: Typed, name: str, where: Any) -> str:
    numbers = key.type.name in NUMBERS
    fits = value.type.name in NUMBERS if numbers else value.type.name.startswith("interval")
    if not fits or not (numbers or key.type.name in ("date", "time") or key.type.name.startswith("timestamp")):
        return _refused(value.type, key.type, name, where)
    if numbers:
        return operators.as_type(value, key.type).sql if value.type != key.type else value.sql
    if duckdb(key.type) not in ("DATE", "TIMESTAMP"):
        raise not_supported(f"a RANGE frame over {show(key.type)}", where)
    if value.type == DAY_INTERVAL:
        return f"to_microseconds(CAST({value.sql} AS BIGINT) * 1000)"
    return f"to_months(CAST({value.sql} AS INTEGER))"


def _refused(value: Type, key: Type, name: str, where: Any) -> str:
    text = f"Window frame RANGE value type ({show(value)}) not compatible with sort item type ({show(key)})"
    raise QueryFailure("TYPE_MISMATCH", text, where)


def _misplaced(ctx: Context, scope: Scope, node: Any) -> Typed:
    raise QueryFailure("MISSING_OVER", "IGNORE NULLS needs a window function with OVER", place(ctx.sql, node))


TRANSLATORS: dict[str, Translator] = {
    "Filter": _filter, "Window": _window, "IgnoreNulls": _misplaced, "RespectNulls": _misplaced,
}  # fmt: skip
