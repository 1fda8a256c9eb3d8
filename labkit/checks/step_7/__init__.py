"""Notebook 7: questions to the Parquet, and what they cost."""

from __future__ import annotations

from labkit.checks.step_7.answers import check_answer
from labkit.checks.step_7.bill import check_bill
from labkit.checks.step_7.clearing import clear
from labkit.checks.step_7.cutoff import check_cutoff
from labkit.checks.step_7.metrics import check_metrics
from labkit.checks.step_7.scanned import check_scanned
from labkit.checks.task import AUTOMATION, ETL, EVALUATION, PERFORMANCE, Task

__all__ = ["TASKS", "clear"]

TASKS = (
    Task(
        "7.1",
        2,
        ETL,
        "task_7.answer",
        ("task_7.answer.hint_1", "task_7.answer.hint_2", "task_7.answer.hint_3"),
        check_answer,
    ),
    Task(
        "7.2",
        2,
        PERFORMANCE,
        "task_7.scanned",
        ("task_7.scanned.hint_1", "task_7.scanned.hint_2", "task_7.scanned.hint_3"),
        check_scanned,
    ),
    Task(
        "7.3",
        2,
        PERFORMANCE,
        "task_7.cutoff",
        ("task_7.cutoff.hint_1", "task_7.cutoff.hint_2", "task_7.cutoff.hint_3"),
        check_cutoff,
    ),
    Task(
        "7.4",
        2,
        AUTOMATION,
        "task_7.metrics",
        ("task_7.metrics.hint_1", "task_7.metrics.hint_2", "task_7.metrics.hint_3"),
        check_metrics,
    ),
    Task(
        "7.5",
        2,
        EVALUATION,
        "task_7.bill",
        ("task_7.bill.hint_1", "task_7.bill.hint_2", "task_7.bill.hint_3"),
        check_bill,
    ),
)
