"""Notebook 8: predict, measure, decide, justify."""

from __future__ import annotations

from labkit.checks.evaluation.predictions import check_prediction
from labkit.checks.step_8.choice import check_choice
from labkit.checks.step_8.clearing import clear
from labkit.checks.step_8.deciding import check_break_even, check_record
from labkit.checks.step_8.measuring import check_measurements
from labkit.checks.task import EVALUATION, PERFORMANCE, Task

__all__ = ["TASKS", "clear"]

TASKS = (
    Task(
        "8.1",
        2,
        EVALUATION,
        "task_8.predict.title",
        ("task_8.predict.hint_1", "task_8.predict.hint_2", "task_8.predict.hint_3"),
        check_prediction,
    ),
    Task(
        "8.2",
        2,
        PERFORMANCE,
        "task_8.measure.title",
        ("task_8.measure.hint_1", "task_8.measure.hint_2", "task_8.measure.hint_3"),
        check_measurements,
    ),
    Task(
        "8.3",
        2,
        EVALUATION,
        "task_8.choose.title",
        ("task_8.choose.hint_1", "task_8.choose.hint_2", "task_8.choose.hint_3"),
        check_choice,
    ),
    Task(
        "8.4",
        1,
        EVALUATION,
        "task_8.what_if.title",
        ("task_8.what_if.hint_1", "task_8.what_if.hint_2"),
        check_break_even,
    ),
    Task(
        "8.5",
        1,
        EVALUATION,
        "task_8.record.title",
        ("task_8.record.hint_1", "task_8.record.hint_2", "task_8.record.hint_3"),
        check_record,
        by_hand=2,
    ),
)
