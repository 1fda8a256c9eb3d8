"""What Trino converts by itself, and the type two values meet in."""

from __future__ import annotations

from labkit.cloud.athena.types import (
    DOUBLE,
    INTEGER_DIGITS,
    INTEGERS,
    MAX_CHAR,
    MOMENTS,
    REAL,
    UNKNOWN,
    VARCHAR,
    Type,
    clock,
    decimal,
    precision,
)


def can_coerce(source: Type, target: Type) -> bool:
    """True when Trino turns ``source`` into ``target`` without a CAST."""
    return source == target or common_type(source, target) == target


def common_type(left: Type, right: Type) -> Type | None:
    """The type both turn into without a CAST, or None."""
    if right in (left, UNKNOWN):
        return left
    if left == UNKNOWN:
        return right
    for first, second in ((left, right), (right, left)):
        found = _ordered(first, second)
        if found:
            return found
    return _nested(left, right)


def _ordered(low: Type, high: Type) -> Type | None:
    if low.name in INTEGERS:
        return _from_integer(low, high)
    if low.name == "decimal":
        if high.name in ("real", "double"):
            return high
        return _decimals(low, high) if high.name == "decimal" else None
    if low.name == "real" and high.name == "double":
        return DOUBLE
    if low.name in ("varchar", "char") and high.name in ("varchar", "char"):
        return _texts(low, high)
    if low.name in MOMENTS and high.name in MOMENTS:
        return _moments(low, high)
    return None


def _moments(low: Type, high: Type) -> Type | None:
    if low.name == "date":
        return high if high.name.startswith("timestamp") else None
    if low.name not in (high.name, high.name.removesuffix(" with time zone")):
        return None
    return clock(high.name, max(precision(low), precision(high)))


def _from_integer(low: Type, high: Type) -> Type | None:
    if high.name in INTEGERS:
        return max(low, high, key=lambda kind: INTEGERS.index(kind.name))
    if high.name == "decimal":
        return _decimals(decimal(INTEGER_DIGITS[low.name], 0), high)
    return {"real": REAL, "double": DOUBLE}.get(high.name)


def _decimals(left: Type, right: Type) -> Type:
    scale = max(left.params[1], right.params[1])
    whole = max(left.params[0] - left.params[1], right.params[0] - right.params[1])
    return decimal(min(38, whole + scale), scale)


def _texts(left: Type, right: Type) -> Type:
    """VARCHAR turns into CHAR where the two meet, as it does in Trino of Athena's age."""
    if "char" in (left.name, right.name):
        return Type("char", (max((side.params or (MAX_CHAR,))[0] for side in (left, right)),))
    if not left.params or not right.params:
        return VARCHAR
    return Type("varchar", (max(left.params[0], right.params[0]),))


def _nested(left: Type, right: Type) -> Type | None:
    if left.name != right.name or len(left.items) != len(right.items) or not left.items:
        return None
    items = [common_type(first, second) for first, second in zip(left.items, right.items, strict=False)]
    if any(item is None for item in items):
        return None
    fields = tuple(a if a == b else None for a, b in zip(left.fields, right.fields, strict=False))
    return Type(left.name, items=tuple(item for item in items if item), fields=fields)
