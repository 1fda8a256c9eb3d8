"""Clean sales in a folder, against the ones that the student's files give: types, folders, rows, values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from labkit.checks.amounts import show_value
from labkit.checks.finding import Finding
from labkit.checks.step_4.parquet import NO_VALUE, Folder
from labkit.checks.step_4.sales_input import CLEAN_COLUMNS, SalesInput
from labkit.checks.truth import parse_date, parse_number

_TEXT = ("string", "large_string")
_TYPES = {
    "id_venta": _TEXT,
    "fecha": ("date32[day]",),
    "id_tienda": _TEXT,
    "id_cliente": _TEXT,
    "id_producto": _TEXT,
    "cantidad": ("int8", "int16", "int32", "int64"),
    "precio_unitario": ("double", "float"),
    "canal": _TEXT,
}
_PARTITION = ("año", "mes")
_Row = dict[str, str]


def judge_types(folder: Folder) -> Finding:
    """Every column under its name and with its type; more columns do no harm."""
    types = folder.types
    missing = [name for name in _TYPES if name not in types]
    wrong = [f"{name}: {types[name]}" for name, kinds in _TYPES.items() if name in types and types[name] not in kinds]
    facts = {"wrong": ", ".join(wrong) or "—", "missing": ", ".join(missing) or "—", "columns": len(types)}
    if not wrong and not missing:
        return Finding(True, "task_4.types", facts)
    mistake = ""
    if types.get("fecha", "").startswith("timestamp"):
        mistake = "task_4.date_has_time"
    elif types.get("cantidad") in (*_TEXT, "double") or types.get("precio_unitario") in _TEXT:
        mistake = "task_4.still_text"
    return Finding(False, "task_4.types_differ", facts, mistake)


def judge_partitions(folder: Folder) -> Finding:
    """Hive folders by year and month, in this order, and none for rows without a date."""
    names = sorted(folder.partition_names)
    empty = any(value == NO_VALUE for file in folder.files for _name, value in file.partition)
    facts = {"folders": " · ".join("/".join(f"{name}=…" for name in found) or "—" for found in names)}
    if names == [_PARTITION] and not empty:
        months = {file.partition for file in folder.files}
        return Finding(True, "task_4.partitions", {**facts, "months": len(months)})
    if empty:
        return Finding(False, "task_4.partitions_differ", {**facts, "name": NO_VALUE}, "task_4.partition_of_nothing")
    mistake = "task_4.not_partitioned" if names == [()] else "task_4.other_partitions"
    return Finding(False, "task_4.partitions_differ", {**facts, "name": NO_VALUE}, mistake)


def judge_count(folder: Folder, given: SalesInput) -> Finding:
    """How many rows there are; the mistakes that give exactly this number are known by it."""
    facts = {"files": len(given.files), "later": ", ".join(given.later) or "—"}
    if folder.rows == len(given.accepted):
        # The number itself is an answer of task 4.4.
        return Finding(True, "task_4.rows", facts)
    facts |= {"rows": folder.rows}
    mistake = next((key for key, count in _MISTAKES.items() if count(given) == folder.rows), "")
    return Finding(False, "task_4.rows_differ", facts, mistake or ("task_4.files_came_later" if given.later else ""))


def judge_values(folder: Folder, given: SalesInput) -> Finding:
    """The rows themselves, whatever their order."""
    wanted = Counter(_plain(row) for row in given.clean)
    found = Counter(_plain(row) for row in folder.select(CLEAN_COLUMNS))
    strange = found - wanted
    if not strange:
        return Finding(True, "task_4.values")
    column, examples = _find_column(list(strange.elements()), given)
    facts = {"rows": sum(strange.values()), "column": column or "—", "examples": examples or "—"}
    return Finding(False, "task_4.values_differ", facts, _COLUMN_MISTAKES.get(column, ""))


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    """Values that are equal are equal here: a date with a time is judged with the types, an empty text is no customer."""
    return tuple(_plain_value(value) for value in row)


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, (float, Decimal)):
        return round(float(value), 6)
    return None if value == "" else value


def _find_column(rows: list[tuple[Any, ...]], given: SalesInput) -> tuple[str, str]:
    """The column in which these rows differ most often from the sale of the same id_venta, and up to three of its values."""
    wanted = {row[0] or "": _plain(row) for row in given.clean}
    differing: dict[str, list[Any]] = {}
    for row in rows:
        right = wanted.get(row[0] or "")
        for name, value, expected in zip(CLEAN_COLUMNS, row, right or (), strict=False):
            if value != expected:
                differing.setdefault(name, []).append(value)
    if not differing:
        return "", ""
    name = max(differing, key=lambda column: len(differing[column]))
    return name, ", ".join(dict.fromkeys(show_value(value) for value in differing[name][:20]))[:90]


_COLUMN_MISTAKES = {
    "precio_unitario": "task_4.comma_prices",
    "id_tienda": "task_4.blanks_stay",
    "canal": "task_4.blanks_stay",
    "fecha": "task_4.other_dates",
    "mes": "task_4.other_dates",
    "año": "task_4.other_dates",
}


def _has_day(row: _Row) -> bool:
    return parse_date(row["fecha"]) is not None


def _amount(row: _Row) -> float | None:
    return parse_number(row["cantidad"])


def _looks_like_a_date(row: _Row) -> bool:
    return _has_day(row) or "/" in row["fecha"] or row["fecha"][2:3] == "-"


# What is believed → how many rows that gives.
_MISTAKES: dict[str, Callable[[SalesInput], int]] = {
    "task_4.nothing_filtered": lambda given: len(given.rows),
    "task_4.written_twice": lambda given: 2 * len(given.accepted),
    "task_4.dates_unchecked": lambda given: sum((_amount(row) or 0) > 0 for row in given.rows),
    "task_4.quantities_unchecked": lambda given: sum(_has_day(row) for row in given.rows),
    "task_4.only_nulls_dropped": lambda given: sum(_has_day(row) and _amount(row) is not None for row in given.rows),
    "task_4.zero_kept": lambda given: (
        sum(_has_day(row) and (_amount(row) or -1) >= 0 for row in given.rows)
        + sum(_has_day(row) and _amount(row) == 0 for row in given.rows)
    ),
    "task_4.day_first_kept": lambda given: sum(
        _looks_like_a_date(row) and (_amount(row) or 0) > 0 for row in given.rows
    ),
    "task_4.times_lost": lambda given: sum(len(row["fecha"].strip()) == 10 for row in given.accepted),
    "task_4.anonymous_lost": lambda given: sum(bool(row["id_cliente"]) for row in given.accepted),
    "task_4.all_nulls_lost": lambda given: sum(bool(row["id_cliente"] and row["id_venta"]) for row in given.accepted),
    "task_4.comma_lost": lambda given: sum("," not in row["precio_unitario"] for row in given.accepted),
    "task_4.repeated_lost": lambda given: len(set(given.clean)),
    "task_4.repeated_ids_lost": lambda given: len({row["id_venta"] for row in given.accepted}),
    "task_4.rejected_instead": lambda given: len(given.rejected),
}
