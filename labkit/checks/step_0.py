"""Notebook 0: one task without points, to try how tasks work."""

from __future__ import annotations

import csv

from labkit.checks.amounts import read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.task import ETL, Task


def check_rows(context: Context) -> list[Finding]:
    """How many sales the student's first month has."""
    given = context.get("rows")
    first = context.truth.sales_files[0]
    with first.open(encoding="utf-8", newline="") as file:
        expected = sum(1 for _row in csv.reader(file)) - 1
    facts = {"given": show_value(given), "file": first.name}
    amount = read_amount(given)
    if amount is None:
        return [Finding(False, "task_0.number", facts)]
    files = Finding(True, "task_0.read", facts)
    if amount == expected:
        return [files, Finding(True, "task_0.rows", facts)]
    total = len(context.truth.sales)
    believed = {expected + 1: "task_0.header", total: "task_0.all_files", total + 12: "task_0.all_files"}.get(
        int(amount), ""
    )
    return [files, Finding(False, "task_0.rows", facts, believed)]


TASKS = (Task("0.1", 0, ETL, "task_0.title", ("task_0.hint_1", "task_0.hint_2"), check_rows),)
