"""Task 2.3: Lambda's role may start one job, and no other."""

from __future__ import annotations

import uuid

from labkit.aws.iam import RoleState
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.permissions import Question, list_statements, listed
from labkit.checks.step_2.roles import (
    Probe,
    build_own_roles,
    find_own_role,
    judge_forbidden,
    judge_needed,
    list_actions,
    need_own_roles,
)
from labkit.checks.step_2.trust import LAMBDA, judge_trust
from labkit.checks.step_2.written import list_written_probes

_START = "glue:StartJobRun"
_STAR = "task_2.misconception.job_star"
_PLACE = "task_2.misconception.job_place"
_NEIGHBOUR = "task_2.misconception.job_neighbour"
_ACTIONS = "task_2.misconception.job_actions"


def check_one_job(context: Context) -> list[Finding]:
    """Lambda may assume the role; StartJobRun is allowed on the lab's job and on no other, and nothing else of Glue is."""
    need_own_roles(context)
    name = build_own_roles(context.names).function
    role = find_own_role(context, name)
    if role is None:
        raise NotAttempted("task_2.role_missing", role=name)
    if not role.inline and not role.managed:
        raise NotAttempted("task_2.no_policy", role=name)
    resources = [
        str(resource)
        for document in role.inline.values()
        for item in list_statements(document)
        for resource in listed(item.get("Resource"))
    ]
    job = _build_arn(context, context.names.job)
    needed = judge_needed(
        context, name, [Question(_START, job)], lambda _: _explain(job, resources, list_actions(role))
    )
    # A wrong ARN is one mistake, not two.
    extra = _list_extra(context, role, job) if all(item.ok for item in needed) else []
    return [
        *judge_trust(context, name, role.trust, LAMBDA),
        *needed,
        *judge_forbidden(context, name, [*_list_probes(context), *extra]),
    ]


def _list_extra(context: Context, role: RoleState, job: str) -> list[Probe]:
    """Looking at the job and its runs does no harm: a function that asks before it starts is a good one."""
    harmless = {_START.lower(), "glue:getjob", "glue:getjobrun", "glue:getjobruns", "glue:batchgetjobs"}

    def is_wanted(action: str, arn: str) -> bool:
        return arn == job and action in harmless

    return list_written_probes(context, role, is_wanted, {})


def _build_arn(context: Context, job: str) -> str:
    return f"arn:aws:glue:{context.region}:{context.account}:job/{job}"


def _list_probes(context: Context) -> list[Probe]:
    job = context.names.job
    other = uuid.uuid4().hex[:10]
    own = _build_arn(context, job)
    region = "eu-west-1" if context.region != "eu-west-1" else "us-east-1"
    return [
        Probe(Question(_START, _build_arn(context, f"payroll-{other}")), _STAR),
        Probe(Question(_START, own.replace(f":{context.region}:", f":{region}:")), _PLACE, (_STAR,)),
        Probe(Question(_START, f"{own}-{other}"), _NEIGHBOUR, (_STAR,)),
        Probe(Question(_START, f"{own}2"), _NEIGHBOUR, (_STAR,)),
        Probe(Question(_START, _build_arn(context, f"{job.split('-', maxsplit=1)[0]}-{other}")), _NEIGHBOUR, (_STAR,)),
        *(
            Probe(Question(action, own), _ACTIONS)
            for action in ("glue:DeleteJob", "glue:UpdateJob", "glue:StartWorkflowRun", "glue:BatchStopJobRun")
        ),
        Probe(Question("glue:CreateJob", _build_arn(context, other)), _ACTIONS),
        Probe(
            Question("s3:GetObject", f"arn:aws:s3:::{context.names.raw_bucket}/{other}"), "task_2.misconception.job_s3"
        ),
        Probe(
            Question("iam:PassRole", f"arn:aws:iam::{context.account}:role/{context.names.glue_role}"),
            "task_2.misconception.job_pass",
        ),
    ]


def _explain(job: str, resources: list[str], actions: set[str]) -> str:
    """What is wrong with the action, or with the ARN that was written in place of the job's."""
    name = job.rsplit("/", 1)[-1]
    if actions and not any("*" in action or action.lower() == _START.lower() for action in actions):
        return "task_2.misconception.job_action"
    if any(resource in (name, f"job/{name}") for resource in resources):
        return "task_2.misconception.job_no_arn"
    if any(":jobs/" in resource or f":job:{name}" in resource for resource in resources):
        return "task_2.misconception.job_form"
    if any(resource.endswith(name) for resource in resources):
        return _PLACE
    if any(":role/" in resource or ":function:" in resource for resource in resources):
        return "task_2.misconception.job_other_arn"
    return ""
