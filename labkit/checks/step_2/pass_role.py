"""Task 2.5: whoever makes a job hands it a role: iam:PassRole for that role, to that service, and no other."""

from __future__ import annotations

import uuid

from labkit.aws.iam import RoleState
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.permissions import Question
from labkit.checks.step_2.roles import (
    ANY,
    Probe,
    build_own_roles,
    build_role_arn,
    find_own_role,
    judge_forbidden,
    judge_needed,
    list_actions,
    may,
    need_own_roles,
)
from labkit.checks.step_2.trust import GLUE, LAMBDA
from labkit.checks.step_2.written import WRITTEN_MORE, list_written_probes

# The policy that the notebook's own cell gives to the role.
GIVEN_POLICY = "make-jobs"
_ACTION = "iam:PassRole"
_KEY = "iam:PassedToService"
_STAR = "task_2.misconception.pass_star"
_SERVICE = "task_2.misconception.pass_service"


def check_pass_role(context: Context) -> list[Finding]:
    """The lab's Glue role may be passed to Glue; no other role may, and to no other service."""
    need_own_roles(context)
    name = build_own_roles(context.names).engineer
    role = find_own_role(context, name)
    if role is None:
        raise NotAttempted("task_2.engineer_missing", role=name)
    passed = Question(_ACTION, build_role_arn(context, context.names.glue_role), {_KEY: GLUE})
    if not set(role.inline) - {GIVEN_POLICY} and not role.managed and not may(context, name, passed):
        raise NotAttempted("task_2.no_own_policy", role=name)
    making = Question("glue:CreateJob", _build_demo_arn(context))
    needed = judge_needed(
        context,
        name,
        [passed, making],
        lambda question: "task_2.misconception.policy_replaced" if question == making else _explain(context, role),
    )
    # A wrong ARN is one mistake, not two.
    extra = _list_extra(context, role, passed.resource) if all(item.ok for item in needed) else []
    return [
        *needed,
        *judge_forbidden(context, name, [*_list_probes(context), *extra]),
    ]


def _list_extra(context: Context, role: RoleState, passed: str) -> list[Probe]:
    demo = _build_demo_arn(context)

    def is_wanted(action: str, arn: str) -> bool:
        makes = arn == demo and action in ("glue:createjob", "glue:deletejob")
        return makes or (arn == passed and action in (_ACTION.lower(), "iam:getrole"))

    return list_written_probes(context, role, is_wanted, {_KEY: GLUE})


def _build_demo_arn(context: Context) -> str:
    return f"arn:aws:glue:{context.region}:{context.account}:job/{build_own_roles(context.names).demo_job}"


def _list_probes(context: Context) -> list[Probe]:
    names, other = context.names, uuid.uuid4().hex[:10]
    glue = build_role_arn(context, names.glue_role)
    to_glue = {_KEY: GLUE}
    return [
        Probe(Question(_ACTION, build_role_arn(context, f"admin-{other}"), to_glue), _STAR),
        Probe(Question(_ACTION, build_role_arn(context, names.lambda_role), to_glue), _STAR),
        Probe(Question(_ACTION, f"{glue}-{other}", to_glue), "task_2.misconception.pass_neighbour", (_STAR,)),
        *(
            Probe(Question(_ACTION, glue, {_KEY: service}), _SERVICE)
            for service in (LAMBDA, "ec2.amazonaws.com", "sagemaker.amazonaws.com")
        ),
        *(
            Probe(Question(action, glue), "task_2.misconception.pass_actions")
            for action in ("iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole")
        ),
        *(
            Probe(Question(f"s3:{action}", f"arn:aws:s3:::payroll-{other}{key}"), WRITTEN_MORE, ANY)
            for action, key in (
                ("GetObject", "/a.csv"),
                ("PutObject", "/a.csv"),
                ("ListBucket", ""),
                ("DeleteBucket", ""),
            )
        ),
    ]


def _explain(context: Context, role: RoleState) -> str:
    actions = {action.lower() for action in list_actions(role)}
    if _ACTION.lower() not in actions:
        return "task_2.misconception.pass_assume" if "sts:assumerole" in actions else "task_2.misconception.pass_action"
    text = str(role.inline)
    if "role/service-role/" in text:
        return "task_2.misconception.pass_path"
    if build_role_arn(context, context.names.glue_role) in text and "PassedToService" in text:
        return "task_2.misconception.pass_condition"
    return "task_2.misconception.pass_arn"
