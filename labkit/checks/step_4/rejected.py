"""4.2: the rows that were put aside, each with its reason and its own words."""

from __future__ import annotations

from collections import Counter
from typing import Any

from labkit.checks.amounts import show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.step_4 import places
from labkit.checks.step_4.parquet import Folder, read_folder
from labkit.checks.step_4.sales_input import COLUMNS, REASONS, SalesInput, SalesReader
from labkit.checks.step_4.tricky import build_cases, judge_reasons

_REASON = "motivo"
_TEXT = ("string", "large_string", "partition")


def check_rejected(context: Context) -> list[Finding]:
    """The columns as they were read, how many rows each reason has, nothing lost, and the function on tricky rows."""
    folder = read_folder(context, places.REJECTED)
    given = SalesReader(context).find_input(folder.first_written)
    return [
        _judge_columns(folder),
        *_judge_reasons(folder, given),
        _judge_rows(folder, given),
        judge_reasons(context, build_cases(context.truth.seed)),
    ]


def _judge_columns(folder: Folder) -> Finding:
    types = folder.types
    missing = [name for name in (*COLUMNS, _REASON) if name not in types]
    converted = [f"{name}: {kind}" for name, kind in types.items() if name in COLUMNS and kind not in _TEXT]
    facts = {"missing": ", ".join(missing) or "—", "converted": ", ".join(converted) or "—"}
    if not missing and not converted:
        return Finding(True, "task_4.rejected_columns", facts)
    return Finding(False, "task_4.rejected_columns_differ", facts, "task_4.original_lost" if converted else "")


def _judge_reasons(folder: Folder, given: SalesInput) -> list[Finding]:
    found = Counter(str(reason) for (reason,) in folder.select([_REASON]))
    wanted = Counter(reason for _row, reason in given.rejected)
    findings = [
        Finding(
            found[reason] == wanted[reason],
            "task_4.reason_count",
            {"reason": reason, "rows": found[reason]},
            _find_mistake(reason, found, wanted),
        )
        for reason in REASONS
    ]
    strange = sorted(set(found) - set(REASONS))
    if strange:
        names = ", ".join(f"{show_value(name)} ({found[name]})" for name in strange[:4])
        findings.append(Finding(False, "task_4.strange_reasons", {"names": names}, "task_4.good_rows_too"))
    return findings


def _find_mistake(reason: str, found: Counter[str], wanted: Counter[str]) -> str:
    """Which belief gives this number for this reason."""
    difference = found[reason] - wanted[reason]
    if reason in ("cantidad_vacia", "cantidad_no_numerica") and _mixed(
        found, wanted, "cantidad_vacia", "cantidad_no_numerica"
    ):
        return "task_4.empty_is_no_text"
    if reason in ("fecha_vacia", "fecha_no_valida") and _mixed(found, wanted, "fecha_vacia", "fecha_no_valida"):
        return "task_4.empty_is_no_text"
    if reason == "fecha_no_valida" and difference:
        return "task_4.times_rejected" if difference > 0 else "task_4.day_first_kept"
    if reason == "cantidad_no_positiva" and difference < 0:
        return "task_4.zero_kept"
    return ""


def _mixed(found: Counter[str], wanted: Counter[str], one: str, other: str) -> bool:
    """True when two reasons have the right sum in wrong shares."""
    return found[one] + found[other] == wanted[one] + wanted[other] and found[one] != wanted[one]


def _judge_rows(folder: Folder, given: SalesInput) -> Finding:
    """The rejected rows are the input's own, none twice, none lost; texts count without the blanks around them."""
    names = [name for name in COLUMNS if name in folder.types]
    found = Counter(_texts(row) for row in folder.select(names))
    wanted = Counter(_texts(tuple(row[name] for name in names)) for row, _reason in given.rejected)
    strange, lost = sum((found - wanted).values()), sum((wanted - found).values())
    facts = {"rows": sum(found.values()), "strange": strange, "lost": lost, "later": ", ".join(given.later) or "—"}
    if not strange and not lost:
        return Finding(True, "task_4.rejected_rows", facts)
    return Finding(False, "task_4.rejected_rows_differ", facts, _find_row_mistake(found, wanted, given))


def _find_row_mistake(found: Counter[Any], wanted: Counter[Any], given: SalesInput) -> str:
    if sum(found.values()) == 2 * sum(wanted.values()):
        return "task_4.written_twice"
    if sum(found.values()) == len(given.rows):
        return "task_4.good_rows_too"
    return "task_4.files_came_later" if given.later else ""


def _texts(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple("" if value is None else str(value).strip() for value in row)
