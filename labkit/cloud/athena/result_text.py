"""Values as texts by DuckDB itself, for the types where that gives Athena's text byte for byte; Python writes the others."""

from __future__ import annotations

from labkit.cloud.athena.dialect.moment_texts import shown
from labkit.cloud.athena.types import INTEGERS, MOMENTS, Type

_PLAIN = (*INTEGERS, "boolean", "varchar")


def text_sql(kind: Type, value: str) -> str | None:
    """A DuckDB expression that gives a column's text, or None. ``value`` is a column name: it may stand there several times."""
    name = kind.name
    if name in _PLAIN:
        return f"CAST({value} AS VARCHAR)"
    if name == "double":
        # Double.toString: plain from 0.001 to 10 million, otherwise with an exponent.
        plain = f"{value} = 0 OR (abs({value}) >= 1e-3 AND abs({value}) < 1e7)"
        text = f"replace(replace(double_text({value}), '5.0E-324', '4.9E-324'), '1.0E-323', '9.9E-324')"
        return f"(CASE WHEN {value} IS NULL THEN NULL WHEN {plain} THEN CAST({value} AS VARCHAR) ELSE {text} END)"
    if name == "decimal":
        return _decimal(kind, value)
    if name in MOMENTS or name.startswith("interval"):
        return shown(value, kind)
    return None


def _decimal(kind: Type, value: str) -> str:
    """DuckDB leaves out the zero before the point when all digits are behind it."""
    text = f"CAST({value} AS VARCHAR)"
    if kind.params[0] != kind.params[1]:
        return text
    return f"regexp_replace({text}, '^(-?)[.]', '\\10.')"
