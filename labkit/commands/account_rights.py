"""May the caller do what the lab does? Asked of IAM's simulator, action by action on the exact ARNs."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.aws.session import Clients
from labkit.checks.permissions import ALLOWED, EXPLICIT_DENY, Question, ask_about_principal
from labkit.doctor.account.facts import Refused
from labkit.run.inputs import build_lab
from labkit.settings import Settings
from labkit.steps.caller_policy import Grant, list_grants

_PASSING = "iam:PassRole"


@dataclass(frozen=True)
class Rights:
    """What was denied; None, with `error`, where the simulator may not be asked."""

    refused: tuple[Refused, ...] | None = None
    pass_roles: tuple[Refused, ...] | None = None
    asked: int = 0
    error: str = ""


def find_refused(clients: Clients, settings: Settings, arn: str) -> Rights:
    """Ask for each action of the lab's policy on each resource that the lab would name."""
    from botocore.exceptions import BotoCoreError, ClientError

    if arn.endswith(":root"):
        return Rights((), ())  # nothing is denied to it inside its account, and the simulator knows no root user
    refused: list[Refused] = []
    asked = 0
    try:
        principal = _find_principal(clients, arn)
        for grant in list_grants(build_lab(settings)):
            questions = _build_questions(grant)
            said = ask_about_principal(clients.iam, principal, questions)
            asked += len(questions)
            refused += [
                Refused(question.action, question.resource, explicit=how == EXPLICIT_DENY)
                for question, how in zip(questions, said, strict=True)
                if how != ALLOWED
            ]
    except (ClientError, BotoCoreError) as error:
        return Rights(error=str(error))
    passing = tuple(one for one in refused if one.action == _PASSING)
    return Rights(tuple(one for one in refused if one.action != _PASSING), passing, asked)


def _build_questions(grant: Grant) -> list[Question]:
    """One for each action and ARN. A pattern's `*` becomes nothing, or some key of a bucket and some table of a database."""
    questions = []
    for resource in grant.resources:
        sample = (
            resource if resource == "*" else resource.replace("*/*", "/sample").replace("/*", "/sample").rstrip("*")
        )
        keys = {name: values[0] for name, values in grant.conditions.items()}
        questions += [Question(action, sample, keys) for action in grant.actions if _fits(action, sample)]
    return questions


def _fits(action: str, arn: str) -> bool:
    """False for the pairs of a Glue statement that no call makes: a database's action on a table is allowed or not with its own."""
    if ":table/" in arn:
        return "Table" in action or "Partition" in action
    return ":userDefinedFunction/" not in arn or "UserDefinedFunction" in action


def _find_principal(clients: Clients, arn: str) -> str:
    """The user or role behind the caller: a session of a role is asked about as its role, whose path only IAM knows."""
    if ":assumed-role/" not in arn:
        return arn
    name = arn.split("/")[1]
    return str(clients.iam.get_role(RoleName=name)["Role"]["Arn"])
