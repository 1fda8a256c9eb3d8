"""Small sales that a student's function is tried on: made anew for each student, so that only a function passes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.checks.amounts import is_near, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.step_4.sales_input import COLUMNS, clean_row
from labkit.checks.truth import find_reason
from labkit.checks.values import Frame

_SHOWN = 4


@dataclass(frozen=True)
class Case:
    """One sale, as the CSV reader gives it (None for an empty cell), and the columns that make it a trap."""

    row: dict[str, str | None]
    traps: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.row["id_venta"] or ""

    @property
    def texts(self) -> dict[str, str]:
        return {name: value or "" for name, value in self.row.items()}

    @property
    def reason(self) -> str:
        return find_reason(self.texts)

    def __str__(self) -> str:
        return ", ".join(f"{name} = {show_value(self.row[name])}" for name in self.traps)


def build_cases(seed: int) -> list[Case]:
    """The cases of one student."""
    rng = random.Random(f"{seed}:tricky")  # noqa: S311 - variety, no secret
    return [_build_case(number, traps, rng) for number, traps in enumerate(_build_traps(rng), start=1)]


def _build_traps(rng: random.Random) -> list[dict[str, str | None]]:
    year, month, day = rng.randint(2021, 2026), rng.randint(1, 9), rng.randint(13, 28)
    iso = f"{year}-{month:02}-{day}"
    leap, count = rng.choice((2020, 2024)), rng.randint(2, 9)
    return [
        {"fecha": iso},
        {"fecha": f"{iso}T{rng.randint(9, 21):02}:{rng.randint(10, 59)}:00"},
        {"fecha": f"{iso} {rng.randint(10, 21)}:{rng.randint(10, 59)}:07"},
        {"fecha": f"{leap}-02-29"},
        {"fecha": f"{leap + 1}-02-29"},
        {"fecha": f"{year}-02-30"},
        {"fecha": f"{year}-13-{month:02}"},
        {"fecha": f"{day}/{month:02}/{year}"},
        {"fecha": f"{month:02}-{day}-{year}"},
        {"fecha": None},
        {"cantidad": str(rng.randint(10, 99))},
        {"cantidad": "0"},
        {"cantidad": str(-count)},
        {"cantidad": None},
        {"cantidad": rng.choice(("cuatro", "doce", "media docena"))},
        {"cantidad": f"{count} uds"},
        {"cantidad": f" {count} "},
        {"precio_unitario": f"{count},{rng.randint(10, 99)}"},
        {"precio_unitario": str(count)},
        {"id_tienda": f"T0{count}  "},
        {"canal": "web "},
        {"id_cliente": None},
        {"fecha": None, "cantidad": "0"},
        {"fecha": f"{day}/{month:02}/{year}", "cantidad": None},
    ]


def _build_case(number: int, traps: dict[str, str | None], rng: random.Random) -> Case:
    plain: dict[str, str | None] = {
        "id_venta": f"X{rng.randint(100, 999)}{number:03}",
        "fecha": f"{rng.randint(2021, 2026)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
        "id_tienda": f"T{rng.randint(1, 9):02}",
        "id_cliente": f"C{rng.randint(1, 800):05}",
        "id_producto": f"P{rng.randint(1, 40):03}",
        "cantidad": str(rng.randint(1, 6)),
        "precio_unitario": f"{rng.randint(1, 60)}.{rng.randint(10, 99)}",
        "canal": rng.choice(("tienda", "web", "app")),
    }
    return Case({**plain, **traps}, tuple(traps))


def judge_clean(context: Context, cases: list[Case]) -> Finding:
    """What the student's `clean` makes of the cases: which rows it keeps, and what is in them."""
    answer = context.call("clean_rows", [(_as_rows(cases),)])[0]
    refused = _judge_answer(answer.value, answer.error, "clean")
    if refused is not None:
        return refused
    kept = _by_id(answer.value)
    wrong = [_tell(case, kept.get(case.id)) for case in cases if not _is_right(case, kept.get(case.id))]
    return _report(wrong, len(cases), "task_4.tricky")


def judge_reasons(context: Context, cases: list[Case]) -> Finding:
    """The `motivo` that the student's `judge` gives each case."""
    answer = context.call("judge_rows", [(_as_rows(cases),)])[0]
    refused = _judge_answer(answer.value, answer.error, "judge")
    if refused is not None:
        return refused
    if "motivo" not in answer.value.names:
        return Finding(False, "task_4.no_reason_column", {"columns": ", ".join(answer.value.names)})
    given = {key: row.get("motivo") for key, row in _by_id(answer.value).items()}
    wrong = [
        f"{case} → {show_value(given.get(case.id))}" for case in cases if (given.get(case.id) or "") != case.reason
    ]
    lost = len([case for case in cases if case.id not in given])
    if lost:
        return Finding(False, "task_4.judged_lost", {"lost": lost, "cases": len(cases)}, "task_4.judge_filters")
    return _report(wrong, len(cases), "task_4.tricky_reasons")


def _as_rows(cases: list[Case]) -> list[dict[str, str | None]]:
    return [{name: case.row[name] for name in COLUMNS} for case in cases]


def _judge_answer(value: Any, error: str, function: str) -> Finding | None:
    if error:
        return Finding(False, "task_4.function_failed", {"function": function, "error": error[:300]})
    if not isinstance(value, Frame):
        kind = "None" if value is None else getattr(value, "type", type(value).__name__)
        return Finding(False, "task_4.no_dataframe", {"function": function, "type": kind}, "task_4.return_forgotten")
    if "id_venta" not in value.names:
        facts = {"function": function, "columns": ", ".join(value.names) or "—"}
        return Finding(False, "task_4.id_lost", facts)
    return None


def _by_id(frame: Frame) -> dict[str, dict[str, Any]]:
    return {str(row["id_venta"]): row for row in (dict(zip(frame.names, row, strict=True)) for row in frame.rows)}


def _is_right(case: Case, row: dict[str, Any] | None) -> bool:
    if case.reason or row is None:
        return bool(case.reason) and row is None
    expected = dict(zip((*COLUMNS, "año", "mes"), clean_row(case.texts), strict=True))
    return all(_same(row.get(name), value) for name, value in expected.items())


def _same(value: Any, expected: Any) -> bool:
    if isinstance(expected, float) and type(value) in (int, float):
        return is_near(value, expected, 1e-6)
    return bool((value.date() if isinstance(value, datetime) else value) == expected)


def _tell(case: Case, row: dict[str, Any] | None) -> str:
    """What became of a case: the row's own values in its columns, or that it is gone."""
    if row is None:
        return f"{case} → ∅"
    return f"{case} → " + ", ".join(f"{name} = {show_value(row.get(name))}" for name in case.traps)


def _report(wrong: list[str], total: int, key: str) -> Finding:
    facts = {"right": total - len(wrong), "total": total, "wrong": "; ".join(wrong[:_SHOWN])}
    if not wrong:
        return Finding(True, key, facts)
    if key == "task_4.tricky":
        return Finding(False, "task_4.tricky_wrong", facts)
    two_faults = any("fecha" in told and "cantidad" in told for told in wrong)
    return Finding(False, "task_4.tricky_reasons_wrong", facts, "task_4.reason_order" if two_faults else "")
