"""4.6: how many files a folder has, which of them a query reads, and how a small table is joined."""

from __future__ import annotations

from collections import Counter
from typing import Any

from labkit.checks.amounts import show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.step_4 import places
from labkit.checks.step_4.parquet import Folder, read_folder
from labkit.checks.step_4.plans import Plan, parse_plan
from labkit.checks.step_4.sales_input import SalesInput, SalesReader
from labkit.checks.step_4.sales_rows import judge_count

# So many times as many files must the first folder have for the difference to be one.
_TIMES = 4


def check_files(context: Context) -> list[Finding]:
    """Two folders of the same rows, and three plans."""
    many, few = read_folder(context, places.MANY), read_folder(context, places.FEW)
    sales = SalesReader(context)
    given = sales.find_input(few.first_written)
    plans = {name: context.get(name) for name in ("pruned_plan", "sort_plan", "broadcast_plan")}
    return [
        _judge_many(many, few),
        _judge_few(few),
        judge_count(many, sales.find_input(many.first_written)),
        judge_count(few, given),
        _judge_busiest(context.get("busiest"), given),
        _judge_pruned(plans["pruned_plan"], given),
        _judge_join("sort_plan", plans["sort_plan"], "SortMergeJoin"),
        _judge_join("broadcast_plan", plans["broadcast_plan"], "BroadcastHashJoin"),
    ]


def _judge_many(many: Folder, few: Folder) -> Finding:
    sizes = [file.item.size_bytes for file in many.files]
    facts = {"many": len(many.files), "few": len(few.files), "bytes": round(sum(sizes) / len(sizes))}
    return Finding(len(many.files) >= _TIMES * len(few.files), "task_4.many_files", facts, "task_4.not_many")


def _judge_few(few: Folder) -> Finding:
    """One file in each partition: that is the target for data of this size."""
    counts = Counter(file.partition for file in few.files)
    facts = {"files": len(few.files), "partitions": len(counts), "most": max(counts.values())}
    if few.partition_names != {("año", "mes")}:
        return Finding(False, "task_4.few_files", facts, "task_4.not_partitioned")
    mistake = "task_4.coalesce_is_not_enough" if len(few.files) > len(counts) else ""
    return Finding(len(few.files) == len(counts), "task_4.few_files", facts, mistake)


def _find_busiest(given: SalesInput) -> set[int]:
    months = Counter(int(row[9]) for row in given.clean)
    most = max(months.values(), default=0)
    return {month for month, count in months.items() if count == most}


def _judge_busiest(value: Any, given: SalesInput) -> Finding:
    right = type(value) is int and value in _find_busiest(given)
    raw = Counter(row["fecha"][5:7] for row in given.rows if row["fecha"][4:5] == "-")
    most = raw.most_common(1)[0][0] if raw else ""
    mistake = "task_4.busiest_of_raw" if str(value) == most.lstrip("0") else ""
    return Finding(right, "task_4.busiest", {"value": show_value(value)}, mistake)


def _judge_pruned(value: Any, given: SalesInput) -> Finding:
    plan = _read_plan("pruned_plan", value)
    if isinstance(plan, Finding):
        return plan
    facts = {"filters": "; ".join(plan.partition_filters)[:120] or "[]", "name": "pruned_plan"}
    if not plan.partition_filters:
        return Finding(False, "task_4.pruned", facts, "task_4.filter_on_data")
    right = bool(plan.months) and plan.months <= _find_busiest(given)
    return Finding(right, "task_4.pruned", facts, "task_4.other_month")


def _judge_join(name: str, value: Any, wanted: str) -> Finding:
    plan = _read_plan(name, value)
    if isinstance(plan, Finding):
        return plan
    facts = {"name": name, "joins": ", ".join(sorted(plan.joins)) or "—"}
    mistakes = {"SortMergeJoin": "task_4.broadcast_by_itself", "BroadcastHashJoin": "task_4.broadcast_not_asked"}
    return Finding(wanted in plan.joins, "task_4.join_plan", facts, mistakes[wanted])


def _read_plan(name: str, value: Any) -> Plan | Finding:
    plan = parse_plan(value) if isinstance(value, str) else None
    if plan is None or not plan.is_plan:
        return Finding(False, "task_4.no_plan", {"name": name, "type": type(value).__name__}, "task_4.explain_prints")
    return plan
