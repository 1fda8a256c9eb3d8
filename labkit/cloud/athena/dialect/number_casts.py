"""CAST between numbers, BOOLEAN and texts, as DuckDB text; ``conversion_failures.py`` puts its errors into Trino's words."""

from __future__ import annotations

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.types import INTEGER_DIGITS, INTEGERS, NUMBERS, Type, duckdb

# DuckDB takes ' 12 ', '1e3', '1.5', '0x1f' and '1_000' for an integer, Trino none of them. A text with a letter that Trino
# refuses gets a mark before it, so that the conversion itself fails (or TRY_CAST gives NULL).
MARK = "!"
_REFUSED = {
    **dict.fromkeys(INTEGERS, "regexp_matches({0}, '[^0-9+-]')"),
    "decimal": "regexp_matches({0}, '[^0-9.eE+-]')",
    **dict.fromkeys(
        ("real", "double"),
        "regexp_matches({0}, '[^0-9.eE+\\s-]') AND NOT regexp_full_match({0}, '\\s*[+-]?(NaN|Infinity)\\s*')",
    ),
}
# A DOUBLE's digit after the last one kept decides the rounding: beyond this, or near a half, its shortest text does.
_EXACT = 10**11
# Trino's names of a number's origin in an error, told by how many spaces stand before the digits.
DOUBLE_MARK, REAL_MARK = " ", "  "
_LONG_TEXT = 1000
_REPEATING = ("regexp_matches(", "double_text(", "real_text(", "text_boolean", "fitting_text", "round(")
# Letters that the longest value of a type needs.
_LENGTHS = {"boolean": 5, "tinyint": 4, "smallint": 6, "integer": 11, "bigint": 20, "real": 16, "double": 24}


def _refusing(sql: str, target: Type) -> str:
    return f"CASE WHEN {_REFUSED[target.name].format(sql)} THEN '{MARK}' || {sql} ELSE {sql} END"


def _to_decimal(sql: str, source: str, target: Type, word: str) -> str:
    """By its shortest digits: 1.005 as DECIMAL(3, 2) is 1.01; as DuckDB does it where that is the same, which is faster."""
    precision, scale = target.params
    mark, wide = (REAL_MARK, f"CAST({sql} AS DOUBLE)") if source == "real" else (DOUBLE_MARK, sql)
    slow = f"{word}(('{mark}' || CAST({wide} AS VARCHAR)) AS {duckdb(target)})"
    if len(wide) > _LONG_TEXT or scale > 10:
        return slow
    moved = f"({wide} * {10**scale})"
    plain = f"abs({moved}) < {min(_EXACT, 10**precision - 1)} AND abs({moved} - round({moved})) < 0.4999"
    return f"(CASE WHEN {plain} THEN CAST({wide} AS {duckdb(target)}) ELSE {slow} END)"


def repeats(sql: str) -> bool:
    """True when the text holds casts already that name what they convert several times."""
    return sum(sql.count(mark) for mark in _REPEATING) > 1


def to_number(value: Typed, target: Type, word: str) -> str:
    """A number, BOOLEAN or text as a number; ``word`` is CAST or TRY_CAST."""
    source, sql = value.type.name, value.sql
    if source in ("varchar", "char"):
        text = f"trim({sql}, ' ')" if source == "char" else sql
        return f"{word}({_refusing(text, target)} AS {duckdb(target)})"
    if source in ("real", "double"):
        if target.name in INTEGERS:  # Trino rounds half away from zero, DuckDB's CAST half to even
            return f"{word}(round({sql}) AS {duckdb(target)})"
        if target.name == "decimal":
            return _to_decimal(sql, source, target, word)
        if target.name == "real":  # beyond a REAL's range is Infinity
            return f"coalesce(TRY_CAST({sql} AS FLOAT), CAST({sql} * 'Infinity'::DOUBLE AS FLOAT))"
    return f"{word}({sql} AS {duckdb(target)})"


def to_boolean(value: Typed, lenient: bool) -> str:
    """A number or text as BOOLEAN."""
    if value.type.name not in ("varchar", "char"):
        return f"CAST({value.sql} AS BOOLEAN)"
    text = f"rtrim({value.sql}, ' ')" if value.type.name == "char" else value.sql
    return f"text_boolean{'_or_null' if lenient else ''}({text})"


def to_text(value: Typed) -> str:
    """A number or BOOLEAN as Trino writes it into a VARCHAR."""
    if value.type.name == "double":
        return f"double_text({value.sql})"
    if value.type.name == "real":
        return f"real_text({value.sql})"
    if value.type.name == "decimal" and value.type.params[0] == value.type.params[1]:  # DuckDB would write .05
        return f"regexp_replace(CAST({value.sql} AS VARCHAR), '^(-?)[.]', '\\10.')"
    return f"CAST({value.sql} AS VARCHAR)"


def bounded(sql: str, source: Type, target: Type, lenient: bool) -> str:
    """Text of a bounded length: texts are cut, anything else that is too long is refused."""
    if not target.params:
        return sql
    size = target.params[0]
    if source.name in ("varchar", "char"):
        if source.name == "varchar" and source.params and source.params[0] <= size:
            return sql
        return f"substring({sql}, 1, {size})"
    if source.name in (*NUMBERS, "boolean") and _longest(source) <= size:
        return sql
    kind = target.name
    return f"fitting_text{'_or_null' if lenient else ''}({sql}, {size}, '{kind}')"


def _longest(kind: Type) -> int:
    if kind.name == "decimal":
        return kind.params[0] + 3
    return _LENGTHS.get(kind.name, INTEGER_DIGITS.get(kind.name, 1 << 30))
