"""Values as texts by DuckDB itself, byte for byte as Athena writes them.

Python would do the same about a thousand times slower, and would hold the interpreter that also answers every S3 call; it is left with
the few types that have no expression here.
"""

from __future__ import annotations

from labkit.cloud.athena.dialect.literals import text as literal
from labkit.cloud.athena.dialect.moment_texts import shown
from labkit.cloud.athena.types import INTEGERS, MOMENTS, Type, field_name

_PLAIN = (*INTEGERS, "boolean", "varchar", "char", "json", "uuid", "unknown")

# The number of digits that a REAL needs; Java writes two at least.
_REAL = "\n".join(
    f"WHEN TRY_CAST(printf('%.{digits}e', x) AS FLOAT) = x THEN CAST(printf('%.{digits}e', x) AS DOUBLE)"
    for digits in range(1, 8)
)
MACROS = (
    # Double.toString: plain from 0.001 to 10 million, otherwise with an exponent, and two digits of the two smallest numbers.
    """CREATE MACRO java_double(x) AS CASE WHEN x IS NULL THEN NULL
         WHEN x = 0 OR (abs(x) >= 1e-3 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)
         ELSE replace(replace(double_text(x), '5.0E-324', '4.9E-324'), '1.0E-323', '9.9E-324') END""",
    # The DOUBLE that is written with the digits that a REAL needs.
    f"""CREATE MACRO shortest_real(x) AS CASE WHEN x = 0 OR NOT isfinite(x) THEN CAST(x AS DOUBLE)
         {_REAL} ELSE CAST(printf('%.8e', x) AS DOUBLE) END""",
)


def text_sql(kind: Type, value: str, depth: int = 0) -> str | None:
    """A DuckDB expression that gives a value's text, or None. ``value`` is a name or a field of one: it may stand there several times."""
    name = kind.name
    if name in _PLAIN:
        return f"CAST({value} AS VARCHAR)"
    if name == "double":
        return f"java_double({value})"
    if name == "real":
        return f"java_double(shortest_real({value}))"
    if name == "decimal":
        return _decimal(kind, value)
    if name == "varbinary":
        return f"rtrim(regexp_replace(lower(hex({value})), '(..)', '\\1 ', 'g'))"
    if name in MOMENTS or name.startswith("interval"):
        return shown(value, kind)
    if kind.items and name in _NESTED:
        return _NESTED[name](kind, value, depth + 1)
    return None


def _decimal(kind: Type, value: str) -> str:
    """DuckDB leaves out the zero before the point when all digits are behind it."""
    text = f"CAST({value} AS VARCHAR)"
    if kind.params[0] != kind.params[1]:
        return text
    return f"regexp_replace({text}, '^(-?)[.]', '\\10.')"


def _array(kind: Type, value: str, depth: int) -> str | None:
    item = text_sql(kind.items[0], f"x{depth}", depth)
    if item is None:
        return None
    texts = f"list_transform({value}, lambda x{depth}: coalesce({item}, 'null'))"
    return _joined(value, "[", texts, "]")


def _map(kind: Type, value: str, depth: int) -> str | None:
    key = text_sql(kind.items[0], f"struct_extract_at(x{depth}, 1)", depth)
    item = text_sql(kind.items[1], f"struct_extract_at(x{depth}, 2)", depth)
    if key is None or item is None:
        return None
    pairs = f"list_transform(map_entries({value}), lambda x{depth}: {key} || '=' || coalesce({item}, 'null'))"
    return _joined(value, "{", pairs, "}")


def _joined(value: str, opening: str, texts: str, closing: str) -> str:
    """The texts between brackets. DuckDB's array_to_string would write them twice, and so double with each level."""
    joined = f"coalesce(list_aggregate({texts}, 'string_agg', ', '), '')"
    return f"(CASE WHEN {value} IS NOT NULL THEN '{opening}' || {joined} || '{closing}' END)"


def _row(kind: Type, value: str, depth: int) -> str | None:
    parts = []
    for index, one in enumerate(kind.items):
        item = text_sql(one, f"struct_extract_at({value}, {index + 1})", depth)
        if item is None:
            return None
        parts.append(f"{literal(field_name(kind, index) + '=')} || coalesce({item}, 'null')")
    joined = " || ', ' || ".join(parts)
    return f"(CASE WHEN {value} IS NOT NULL THEN '{{' || {joined} || '}}' END)"


_NESTED = {"array": _array, "map": _map, "row": _row}
