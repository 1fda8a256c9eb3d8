"""3.1: a schema predicted before the crawl, and compared with the one that was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.aws.data_catalog import find_table
from labkit.checks.amounts import show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_3.columns import MIXED, NO_TYPE, NUMBER, find_reason, is_number
from labkit.checks.step_3.header import find_catalog_table
from labkit.checks.step_3.origin import judge_origin
from labkit.checks.values import Frame, read_value

_FIELDS = ("column", "predicted", "found", "reason")


@dataclass(frozen=True)
class _Line:
    """One column of the student's comparison, each part as it was handed over."""

    predicted: Any
    found: Any
    reason: Any


def check_schema(context: Context) -> list[Finding]:
    """The locked prediction, the catalog and the comparison must agree, and the reasons must be those of the student's files."""
    locked = _read_locked(context)
    comparison = _read_comparison(context.get("comparison"))
    culprits = context.get("culprits")
    table = find_table(context.clients.glue, context.names.database, context.names.dataset)
    document = find_catalog_table(context, context.names.dataset)
    if table is None or document is None:
        raise NotAttempted("task_3.no_table", table=f"{context.names.database}.{context.names.dataset}")
    catalog = dict(table.columns)
    findings = [Finding(True, "task_3.schema.locked", {"count": len(locked)}), judge_origin(context, document)]
    if comparison is None:
        return [*findings, Finding(False, "task_3.schema.shape", {"found": show_value(context.get("comparison"))})]
    findings.append(_compare_columns(comparison, catalog))
    known = {name: line for name, line in comparison.items() if name in catalog}
    reasons = {name: find_reason(row.get(name, "") for row in context.truth.sales) for name in catalog}
    reasons |= {name: NUMBER for name, kind in catalog.items() if kind != "string"}
    return [
        *findings,
        _compare_predictions(known, locked),
        _compare_types(known, catalog),
        _compare_reasons(known, reasons),
        _judge_culprits(context, culprits, [name for name, reason in reasons.items() if reason == MIXED]),
    ]


def _read_locked(context: Context) -> Mapping[str, Any]:
    entry, reset = context.journal.last("prediction", task="3.1"), context.journal.last("reset", step=3)
    if entry is None or (reset is not None and entry.number < reset.number):
        raise NotAttempted("task_3.schema.no_prediction")
    schema = read_value(entry.data["values"].get("schema"))
    return schema if isinstance(schema, dict) else {}


def _read_comparison(value: Any) -> dict[str, _Line] | None:
    """By column: from a DataFrame, a list of dicts, or a dict of dicts; None for anything else."""
    if isinstance(value, Frame):
        value = [dict(zip(value.names, row, strict=True)) for row in value.rows]
    if isinstance(value, dict):
        value = [{**line, "column": name} for name, line in value.items() if isinstance(line, dict)]
    if not isinstance(value, (list, tuple)) or not all(
        isinstance(line, dict) and isinstance(line.get("column"), str) for line in value
    ):
        return None
    lines = [tuple(line.get(field) for field in _FIELDS) for line in value]
    return {name: _Line(predicted, found, reason) for name, predicted, found, reason in lines}


def _compare_columns(comparison: Iterable[str], catalog: Mapping[str, str]) -> Finding:
    missing, unknown = sorted(set(catalog) - set(comparison)), sorted(set(comparison) - set(catalog))
    facts = {"count": len(catalog), "missing": _list(missing), "unknown": _list(unknown)}
    if missing or unknown:
        return Finding(False, "task_3.schema.columns_differ", facts)
    return Finding(True, "task_3.schema.columns", facts)


def _compare_predictions(lines: Mapping[str, _Line], locked: Mapping[str, Any]) -> Finding:
    wrong = sorted(name for name, line in lines.items() if line.predicted != locked.get(name))
    if wrong:
        return Finding(False, "task_3.schema.predicted_differs", {"columns": _list(wrong)}, "task_3.schema.tidied")
    return Finding(True, "task_3.schema.predicted", {"count": len(lines)})


def _compare_types(lines: Mapping[str, _Line], catalog: Mapping[str, str]) -> Finding:
    wrong = sorted(name for name, line in lines.items() if line.found != catalog[name])
    if wrong:
        return Finding(
            False, "task_3.schema.found_differs", {"columns": _list(wrong)}, "task_3.schema.expected_not_found"
        )
    differing = sum(line.predicted != line.found for line in lines.values())
    return Finding(True, "task_3.schema.found", {"count": len(lines), "differing": differing})


def _compare_reasons(lines: Mapping[str, _Line], reasons: Mapping[str, str]) -> Finding:
    wrong = sorted(name for name, line in lines.items() if line.reason != reasons[name])
    if not wrong:
        return Finding(bool(lines), "task_3.schema.reasons", {"count": len(lines)})
    facts = {"columns": _list(wrong)}
    if any(reasons[name] == NO_TYPE for name in wrong):
        return Finding(False, "task_3.schema.reasons_differ", facts, "task_3.schema.dates_have_a_type")
    if any(reasons[name] == MIXED for name in wrong):
        return Finding(False, "task_3.schema.reasons_differ", facts, "task_3.schema.majority_wins")
    return Finding(False, "task_3.schema.reasons_differ", facts, "task_3.schema.looks_like_number")


def _judge_culprits(context: Context, culprits: Any, mixed: list[str]) -> Finding:
    """For every column of numbers that became text, one value of the files that is no number."""
    if not isinstance(culprits, dict):
        return Finding(False, "task_3.schema.culprits_shape", {"found": show_value(culprits)})
    extra = sorted(str(name) for name in culprits if name not in mixed)
    missing = [name for name in mixed if name not in culprits]
    if missing or extra:
        # Which columns they are is the question itself, so only numbers are told.
        facts = {"missing": len(missing), "extra": _list(extra)}
        return Finding(False, "task_3.schema.culprits_columns", facts, "task_3.schema.majority_wins")
    for name in mixed:
        value = culprits[name]
        facts = {"column": name, "value": show_value(value)}
        if not isinstance(value, str) or not _occurs(context, name, value.strip()):
            return Finding(False, "task_3.schema.culprit_absent", facts, "task_3.schema.not_in_your_files")
        if not value.strip():
            return Finding(False, "task_3.schema.culprit_empty", facts, "task_3.schema.empty_is_text")
        if is_number(value):
            return Finding(False, "task_3.schema.culprit_number", facts, "task_3.schema.sign_is_text")
    return Finding(True, "task_3.schema.culprits", {"values": _list(f"{name}: {culprits[name]}" for name in mixed)})


def _occurs(context: Context, column: str, value: str) -> bool:
    """True for a cell of the column, in its quotes or without, and for the part of a quoted one that Athena's SerDe shows."""
    if any(value in (row[column].strip(), f'"{row[column].strip()}"') for row in context.truth.sales):
        return True
    for path in context.truth.sales_files:
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        place = header.split(",").index(column)
        if any(line.split(",")[place].strip() == value for line in lines):
            return True
    return False


def _list(items: Iterable[str]) -> str:
    return ", ".join(items) or "—"
