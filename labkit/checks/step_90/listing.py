"""The exercises of the practice notebook; no points, the pleasure of it."""

from __future__ import annotations

from labkit.checks.context import Context
from labkit.checks.step_90 import cleaning, grouping, joining, windows, writing
from labkit.checks.task import ETL, PERFORMANCE, Task

TASKS = (
    Task("90.1", 0, ETL, "task.90_1.title", ("task.90_1.hint_1", "task.90_1.hint_2"), cleaning.check_read),
    Task("90.2", 0, ETL, "task.90_2.title", ("task.90_2.hint_1", "task.90_2.hint_2"), cleaning.check_minutes),
    Task("90.3", 0, ETL, "task.90_3.title", ("task.90_3.hint_1", "task.90_3.hint_2"), cleaning.check_km),
    Task("90.4", 0, ETL, "task.90_4.title", ("task.90_4.hint_1", "task.90_4.hint_2"), cleaning.check_last_report),
    Task("90.5", 0, ETL, "task.90_5.title", ("task.90_5.hint_1", "task.90_5.hint_2"), grouping.check_passes),
    Task("90.6", 0, ETL, "task.90_6.title", ("task.90_6.hint_1", "task.90_6.hint_2"), grouping.check_pivot),
    Task("90.7", 0, ETL, "task.90_7.title", ("task.90_7.hint_1", "task.90_7.hint_2"), joining.check_quarters),
    Task("90.8", 0, ETL, "task.90_8.title", ("task.90_8.hint_1", "task.90_8.hint_2"), joining.check_shunned),
    Task("90.9", 0, ETL, "task.90_9.title", ("task.90_9.hint_1", "task.90_9.hint_2"), grouping.check_services),
    Task("90.10", 0, ETL, "task.90_10.title", ("task.90_10.hint_1", "task.90_10.hint_2"), windows.check_longest),
    Task("90.11", 0, ETL, "task.90_11.title", ("task.90_11.hint_1", "task.90_11.hint_2"), windows.check_moved),
    Task(
        "90.12",
        0,
        PERFORMANCE,
        "task.90_12.title",
        ("task.90_12.hint_1", "task.90_12.hint_2"),
        writing.check_partitions,
    ),
)


def clear(context: Context) -> None:
    """Delete what the last exercise wrote."""
    from labkit.aws.s3 import list_objects

    bucket = context.names.processed_bucket
    for item in list_objects(context.clients.s3, bucket, writing.FOLDER):
        context.clients.s3.delete_object(Bucket=bucket, Key=item.key)
