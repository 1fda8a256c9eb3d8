"""Notebook 3: the crawler, and what it believes about files."""

from __future__ import annotations

from labkit.checks.step_3.clearing import clear
from labkit.checks.step_3.counting import check_counts
from labkit.checks.step_3.header import check_header
from labkit.checks.step_3.partitions import check_partitions
from labkit.checks.step_3.schema import check_schema
from labkit.checks.task import ETL, EVALUATION, PERFORMANCE, Task

__all__ = ["TASKS", "clear"]

TASKS = (
    Task(
        "3.1",
        3,
        EVALUATION,
        "task_3.schema",
        ("task_3.schema.hint_1", "task_3.schema.hint_2", "task_3.schema.hint_3"),
        check_schema,
    ),
    Task(
        "3.2",
        4,
        ETL,
        "task_3.header",
        ("task_3.header.hint_1", "task_3.header.hint_2", "task_3.header.hint_3"),
        check_header,
    ),
    Task(
        "3.3",
        2,
        EVALUATION,
        "task_3.counts",
        ("task_3.counts.hint_1", "task_3.counts.hint_2", "task_3.counts.hint_3"),
        check_counts,
    ),
    Task(
        "3.4",
        4,
        PERFORMANCE,
        "task_3.months",
        ("task_3.months.hint_1", "task_3.months.hint_2", "task_3.months.hint_3"),
        check_partitions,
    ),
)
