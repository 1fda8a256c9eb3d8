"""The tasks of notebook 06 and what undoes them."""

from __future__ import annotations

from typing import Any

from labkit.aws.s3 import bucket_exists, list_function_triggers
from labkit.checks.context import Context
from labkit.checks.step_6.chain import check_chain
from labkit.checks.step_6.deliveries import check_deliveries
from labkit.checks.step_6.recursion import check_recursion
from labkit.checks.step_6.trigger import check_trigger
from labkit.checks.task import AUTOMATION, Task
from labkit.steps.practice import build_practice, delete_functions, delete_objects

TASKS = (
    Task(
        "6.1",
        3,
        AUTOMATION,
        "task_6.trigger.title",
        ("task_6.trigger.hint_1", "task_6.trigger.hint_2", "task_6.trigger.hint_3"),
        check_trigger,
    ),
    Task(
        "6.2",
        2,
        AUTOMATION,
        "task_6.chain.title",
        ("task_6.chain.hint_1", "task_6.chain.hint_2", "task_6.chain.hint_3"),
        check_chain,
    ),
    Task(
        "6.3",
        2,
        AUTOMATION,
        "task_6.deliveries.title",
        ("task_6.deliveries.hint_1", "task_6.deliveries.hint_2", "task_6.deliveries.hint_3"),
        check_deliveries,
    ),
    Task(
        "6.4",
        2,
        AUTOMATION,
        "task_6.recursion.title",
        ("task_6.recursion.hint_1", "task_6.recursion.hint_2", "task_6.recursion.hint_3"),
        check_recursion,
    ),
)


def clear(context: Context) -> None:
    """Take the tasks' rules out of the bucket's notifications, then delete their functions and objects; the lab's own trigger stays."""
    practice = build_practice(context.names)
    functions = (practice.echo_function, practice.deaf_function, practice.loop_function)
    if bucket_exists(context.clients.s3, practice.loop_bucket):
        _disconnect(context, practice.loop_bucket, functions)
        for prefix in (practice.loop_prefix, practice.inbox_prefix):
            delete_objects(context.clients, practice.loop_bucket, prefix)
    delete_functions(context.clients, functions)


def _disconnect(context: Context, bucket: str, functions: tuple[str, ...]) -> None:
    present = list_function_triggers(context.clients.s3, bucket)
    rules = present.get("LambdaFunctionConfigurations", [])
    kept = [
        rule for rule in rules if not str(rule["LambdaFunctionArn"]).endswith(tuple(f":{name}" for name in functions))
    ]
    if len(kept) != len(rules):
        configuration: Any = {**present, "LambdaFunctionConfigurations": kept}
        context.clients.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
