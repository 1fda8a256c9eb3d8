"""The tasks of notebook 02 and what undoes them."""

from __future__ import annotations

from typing import Any

from labkit.aws.iam import find_role
from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.step_2.data_access import check_data_access
from labkit.checks.step_2.one_job import check_one_job
from labkit.checks.step_2.pass_role import check_pass_role
from labkit.checks.step_2.refusal import check_refusal
from labkit.checks.step_2.roles import build_own_roles
from labkit.checks.step_2.trust import check_trust
from labkit.checks.task import AUTOMATION, ETL, Task

TASKS = (
    Task(
        "2.1",
        2,
        ETL,
        "task_2.trust.title",
        ("task_2.trust.hint_1", "task_2.trust.hint_2", "task_2.trust.hint_3"),
        check_trust,
    ),
    Task(
        "2.2",
        4,
        ETL,
        "task_2.data.title",
        ("task_2.data.hint_1", "task_2.data.hint_2", "task_2.data.hint_3"),
        check_data_access,
    ),
    Task(
        "2.3",
        3,
        AUTOMATION,
        "task_2.job.title",
        ("task_2.job.hint_1", "task_2.job.hint_2", "task_2.job.hint_3"),
        check_one_job,
    ),
    Task(
        "2.4",
        3,
        ETL,
        "task_2.refusal.title",
        ("task_2.refusal.hint_1", "task_2.refusal.hint_2", "task_2.refusal.hint_3"),
        check_refusal,
    ),
    Task(
        "2.5",
        2,
        AUTOMATION,
        "task_2.pass.title",
        ("task_2.pass.hint_1", "task_2.pass.hint_2", "task_2.pass.hint_3"),
        check_pass_role,
    ),
)


def clear(context: Context) -> None:
    """Delete the four roles of the notebook with their policies, and the job of task 2.5."""
    from botocore.exceptions import ClientError

    iam: Any = context.clients.iam
    own = build_own_roles(context.names)
    if context.names.gives_roles:
        return  # nobody could make them
    for name in (own.glue, own.function, own.reader, own.engineer):
        role = find_role(iam, name)
        if role is None:
            continue
        for arn in role.managed:
            iam.detach_role_policy(RoleName=name, PolicyArn=arn)
        for policy in role.inline:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)
    try:
        context.clients.glue.delete_job(JobName=own.demo_job)
    except ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
