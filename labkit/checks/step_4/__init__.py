"""Notebook 4: the transformation in Spark and as a Glue job."""

from __future__ import annotations

from labkit.checks.step_4.clean import check_clean
from labkit.checks.step_4.clearing import clear
from labkit.checks.step_4.files import check_files
from labkit.checks.step_4.job import check_job
from labkit.checks.step_4.joined import check_joined
from labkit.checks.step_4.measured import check_measured
from labkit.checks.step_4.rejected import check_rejected
from labkit.checks.step_4.twice import check_twice
from labkit.checks.task import ETL, PERFORMANCE, Task

__all__ = ["TASKS", "clear"]

TASKS = (
    Task(
        "4.1",
        3,
        ETL,
        "task_4.clean",
        ("task_4.clean.hint_1", "task_4.clean.hint_2", "task_4.clean.hint_3"),
        check_clean,
    ),
    Task(
        "4.2",
        3,
        ETL,
        "task_4.rejected",
        ("task_4.rejected.hint_1", "task_4.rejected.hint_2", "task_4.rejected.hint_3"),
        check_rejected,
    ),
    Task("4.3", 4, ETL, "task_4.job", ("task_4.job.hint_1", "task_4.job.hint_2", "task_4.job.hint_3"), check_job),
    Task(
        "4.4",
        3,
        ETL,
        "task_4.twice",
        ("task_4.twice.hint_1", "task_4.twice.hint_2", "task_4.twice.hint_3"),
        check_twice,
    ),
    Task(
        "4.5",
        3,
        ETL,
        "task_4.joined",
        ("task_4.joined.hint_1", "task_4.joined.hint_2", "task_4.joined.hint_3"),
        check_joined,
    ),
    Task(
        "4.6",
        3,
        PERFORMANCE,
        "task_4.files",
        ("task_4.files.hint_1", "task_4.files.hint_2", "task_4.files.hint_3"),
        check_files,
    ),
    Task(
        "4.7",
        2,
        PERFORMANCE,
        "task_4.measured",
        ("task_4.measured.hint_1", "task_4.measured.hint_2", "task_4.measured.hint_3"),
        check_measured,
    ),
)
