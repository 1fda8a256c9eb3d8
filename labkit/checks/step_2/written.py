"""What a student's policies name beyond what was asked: each such call is tried, however far from the usual mistakes it is."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from labkit.aws.iam import RoleState
from labkit.checks.context import Context
from labkit.checks.permissions import Question, list_statements, listed
from labkit.checks.step_2.roles import ANY, Probe

# An S3 action of one of these words acts on objects, whose ARN has a key in it; any other on a bucket, whose ARN has none.
_ON_OBJECTS = re.compile(r"object|multipartuploadparts|abortmultipartupload", re.IGNORECASE)
_MOST = 60

# (action in lower case, ARN) → whether the task asks for it, or nobody minds
Wanted = Callable[[str, str], bool]


def list_written_probes(
    context: Context, role: RoleState, services: tuple[str, ...], wanted: Wanted, keys: dict[str, str]
) -> list[Probe]:
    """The calls of `services` that the role's Allow statements name and nobody asked for; wildcards in ARNs become some name."""
    found: dict[tuple[str, str], Probe] = {}
    for action, resource in _list_allowed(context, role):
        arn = re.sub(r"[*?]", lambda _: uuid.uuid4().hex[:8], resource)
        is_told = action.split(":", maxsplit=1)[0] in services and not re.search(r"[*?]", action) and "${" not in arn
        if is_told and resource.startswith("arn:") and _fits(action, arn) and not wanted(action, arn):
            question = Question(action, arn, keys)
            found[action, resource] = Probe(question, "task_2.misconception.written_more", ANY)
    return list(found.values())[:_MOST]


def _list_allowed(context: Context, role: RoleState) -> Iterator[tuple[str, str]]:
    for document in [*role.inline.values(), *_read_managed(context, role)]:
        for statement in list_statements(document):
            if statement.get("Effect") == "Allow":
                for action in listed(statement.get("Action")):
                    yield from ((str(action).lower(), str(resource)) for resource in listed(statement.get("Resource")))


def _read_managed(context: Context, role: RoleState) -> list[dict[str, Any]]:
    """The documents of the account's own attached policies; AWS's name nothing of the lab."""
    iam: Any = context.clients.iam
    documents = []
    for arn in sorted(role.managed):
        if ":aws:policy/" in arn:
            continue
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        documents.append(dict(json.loads(unquote(found))) if isinstance(found, str) else dict(found))
    return documents


def _fits(action: str, arn: str) -> bool:
    """False for an S3 action on the other kind of ARN: it allows nothing."""
    return not action.startswith("s3:") or bool(_ON_OBJECTS.search(action)) is ("/" in arn)
