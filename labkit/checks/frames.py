"""Comparing a DataFrame that a student made with the rows it must have, whatever their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.values import Frame, Other

# Sums of decimals come out a little different in another order of adding.
_DIGITS = 6
_NUMBER = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")


def get_frame(context: Context, name: str) -> Frame | None:
    """The DataFrame of this name, or None when the value is something else; NotAttempted while it is missing."""
    value = context.get(name)
    return value if isinstance(value, Frame) else None


def describe_value(value: Any) -> str:
    """What kind of value came instead of a DataFrame."""
    return value.type if isinstance(value, Other) else type(value).__name__


def compare_rows(
    context: Context, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]
) -> list[Finding]:
    """Findings about the DataFrame `name`: its columns (name and kind: "text", "whole", "number", "time", "day"), how many rows, which.

    Columns may stand in any order; more columns than asked for are wrong, since what they hold is not known.
    """
    frame = get_frame(context, name)
    if frame is None:
        return [Finding(False, "frame.no_frame", {"name": name, "type": describe_value(context.get(name))})]
    found = _check_columns(name, frame, columns)
    if not all(item.ok for item in found):
        return found
    order = [frame.names.index(column) for column, _kind in columns]
    theirs = Counter(tuple(_plain(row[place]) for place in order) for row in frame.rows)
    ours = Counter(tuple(_plain(value) for value in row) for row in rows)
    right = sum((theirs & ours).values())
    facts = {"name": name, "found": frame.total, "right": right, "wrong": frame.total - right}
    same_size = frame.total == len(rows)
    found.append(Finding(same_size, "frame.size_right" if same_size else "frame.size_wrong", facts))
    complete = same_size and right == len(rows)
    found.append(Finding(complete, "frame.rows_right" if complete else "frame.rows_wrong", facts))
    return found


def _check_columns(name: str, frame: Frame, columns: Sequence[tuple[str, str]]) -> list[Finding]:
    wanted = [column for column, _kind in columns]
    missing, extra = sorted(set(wanted) - set(frame.names)), sorted(set(frame.names) - set(wanted))
    if missing or extra or len(frame.names) != len(wanted):
        facts = {"name": name, "missing": ", ".join(missing) or "—", "extra": ", ".join(extra) or "—"}
        return [Finding(False, "frame.columns_wrong", facts)]
    found = [Finding(True, "frame.columns_right", {"name": name, "columns": ", ".join(wanted)})]
    types = dict(frame.columns)
    for column, kind in columns:
        if not _is_kind(types[column], kind):
            facts = {"name": name, "column": column, "type": types[column]}
            found.append(Finding(False, "frame.type_wrong", facts, misconception="frame.type_belief"))
    return found


def _is_kind(spark_type: str, kind: str) -> bool:
    base = spark_type.split("(", maxsplit=1)[0]
    allowed = {
        "text": ("string",),
        "whole": ("tinyint", "smallint", "int", "bigint"),
        "number": _NUMBER,
        "time": ("timestamp", "timestamp_ntz"),
        "day": ("date",),
    }
    return base in allowed[kind]


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float, Decimal)):
        return round(float(value), _DIGITS)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return value.isoformat() if isinstance(value, date) else repr(value)
