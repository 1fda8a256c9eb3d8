"""The tasks of notebook 05 and what undoes them."""

from __future__ import annotations

from labkit.checks.context import Context
from labkit.checks.step_5.handler import check_handler
from labkit.checks.step_5.new_files import check_new_files
from labkit.checks.step_5.report_line import check_report
from labkit.checks.step_5.seed_day import check_seed_day
from labkit.checks.step_5.student_tests import check_student_tests
from labkit.checks.step_5.twice import check_twice
from labkit.checks.task import AUTOMATION, PERFORMANCE, Task
from labkit.steps.practice import build_practice, delete_functions, delete_markers

TASKS = (
    Task(
        "5.1",
        2,
        AUTOMATION,
        "task_5.seed.title",
        ("task_5.seed.hint_1", "task_5.seed.hint_2", "task_5.seed.hint_3"),
        check_seed_day,
    ),
    Task(
        "5.2",
        2,
        AUTOMATION,
        "task_5.new_files.title",
        ("task_5.new_files.hint_1", "task_5.new_files.hint_2", "task_5.new_files.hint_3"),
        check_new_files,
    ),
    Task(
        "5.3",
        3,
        AUTOMATION,
        "task_5.handler.title",
        ("task_5.handler.hint_1", "task_5.handler.hint_2", "task_5.handler.hint_3", "task_5.handler.hint_4"),
        check_handler,
    ),
    Task(
        "5.4",
        2,
        AUTOMATION,
        "task_5.twice.title",
        ("task_5.twice.hint_1", "task_5.twice.hint_2", "task_5.twice.hint_3"),
        check_twice,
    ),
    Task(
        "5.5",
        2,
        AUTOMATION,
        "task_5.tests.title",
        ("task_5.tests.hint_1", "task_5.tests.hint_2", "task_5.tests.hint_3"),
        check_student_tests,
    ),
    Task(
        "5.6",
        2,
        PERFORMANCE,
        "task_5.report.title",
        ("task_5.report.hint_1", "task_5.report.hint_2", "task_5.report.hint_3"),
        check_report,
    ),
)


def clear(context: Context) -> None:
    """Delete the three functions of the tasks with their logs, and the markers."""
    practice = build_practice(context.names)
    delete_functions(context.clients, (practice.seed_function, practice.function, practice.once_function))
    delete_markers(context.clients, practice)
