"""The roles of notebook 02: the student's own, beside those that the lab's later steps use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.aws.iam import RoleState, find_role
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotPossible
from labkit.checks.permissions import ALLOWED, EXPLICIT_DENY, Question, ask_about_principal, list_statements, listed
from labkit.names import Names


@dataclass(frozen=True)
class OwnRoles:
    """The names that the notebook builds from the lab's; `demo_job` exists for a moment in task 2.5."""

    glue: str
    function: str
    reader: str
    engineer: str
    demo_job: str


def build_own_roles(names: Names) -> OwnRoles:
    """Glue's and Lambda's role written by hand, one that reads, and one that makes jobs."""
    return OwnRoles(
        f"{names.glue_role_name}-student",
        f"{names.lambda_role_name}-student",
        f"{names.glue_role_name}-reader",
        f"{names.glue_role_name}-engineer",
        f"{names.job}-demo",
    )


def need_own_roles(context: Context) -> None:
    """NotPossible where the lab's role was given as an ARN: such an account lets nobody make the roles that the task is about."""
    if context.names.gives_roles:
        raise NotPossible("task_2.roles_given", role=context.names.glue_role_name)


def build_role_arn(context: Context, name: str) -> str:
    """The ARN of a role of this account."""
    return f"arn:aws:iam::{context.account}:role/{name}"


def find_role_arn(context: Context, name: str) -> str:
    """The ARN of a role that exists: a role made with a path has it in its ARN."""
    return str(context.clients.iam.get_role(RoleName=name)["Role"]["Arn"])


def find_own_role(context: Context, name: str) -> RoleState | None:
    """The role with its policies, or None."""
    return find_role(context.clients.iam, name)


def list_actions(role: RoleState) -> set[str]:
    """The actions that the role's inline policies name, as they are written."""
    statements = [item for document in role.inline.values() for item in list_statements(document)]
    return {str(action) for item in statements for action in listed(item.get("Action"))}


ANY = ("any other",)


@dataclass(frozen=True)
class Probe:
    """A call that must be denied, and what whoever allows it believes.

    `unless` are misconceptions that say it all: where one is found, this one is not told as well (ANY: where any other is).
    """

    question: Question
    misconception: str
    unless: tuple[str, ...] = ()


def may(context: Context, role: str, question: Question) -> bool:
    """Whether the role's policies allow one call."""
    return ask_about_principal(context.clients.iam, find_role_arn(context, role), [question]) == [ALLOWED]


def judge_needed(context: Context, role: str, questions: list[Question], explain: Any) -> list[Finding]:
    """One finding when every call is allowed, else one for each that is not: `explain(question)` names the misconception."""
    said = ask_about_principal(context.clients.iam, find_role_arn(context, role), questions)
    denied = [(question, how) for question, how in zip(questions, said, strict=True) if how != ALLOWED]
    if not denied:
        return [Finding(True, "task_2.needed_allowed", {"role": role, "calls": len(questions)})]
    return [
        Finding(
            False,
            "task_2.needed_denied",
            {"role": role, "decision": how, **question.facts},
            _why(how, question, explain),
        )
        for question, how in denied
    ]


def _why(how: str, question: Question, explain: Any) -> str:
    if how == EXPLICIT_DENY:
        return "task_2.misconception.needed_forbidden"
    return explain(question) or "task_2.misconception.needed_unsaid"


def judge_forbidden(context: Context, role: str, probes: list[Probe]) -> list[Finding]:
    """One finding when every call is denied, else one for each misconception that lets some through."""
    said = ask_about_principal(context.clients.iam, find_role_arn(context, role), [item.question for item in probes])
    open_ = [probe for probe, how in zip(probes, said, strict=True) if how == ALLOWED]
    if not open_:
        return [Finding(True, "task_2.forbidden_denied", {"role": role, "calls": len(probes)})]
    believed = {probe.misconception for probe in open_}
    first: dict[str, Probe] = {}
    for probe in open_:
        others = believed - {probe.misconception}
        if not (others if probe.unless == ANY else others & set(probe.unless)):
            first.setdefault(probe.misconception, probe)
    return [
        Finding(
            False,
            "task_2.forbidden_allowed",
            {"role": role, **probe.question.facts, "calls": len(open_)},
            misconception,
        )
        for misconception, probe in list(first.items())[:3]
    ]
