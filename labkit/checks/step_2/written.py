"""What a student's policies name beyond what was asked: each such call is tried, however far from the usual mistakes it is."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from labkit.aws.iam import RoleState
from labkit.checks.context import Context
from labkit.checks.permissions import Question, list_statements, listed
from labkit.checks.step_2.roles import ANY, Probe

# An S3 action of one of these words acts on objects, whose ARN has a key in it; any other on a bucket, whose ARN has none.
_ON_OBJECTS = re.compile(r"object|multipartuploadparts|abortmultipartupload", re.IGNORECASE)
_MOST = 60
WRITTEN_MORE = "task_2.misconception.written_more"
# Whatever a role is for, writing its own log does no harm.
_LOGGING = {"logs:createloggroup", "logs:createlogstream", "logs:putlogevents"}
# What a wildcard in an action stands for: some actions of each service that a policy of a data pipeline may name by mistake. Those of S3
# are each task's own affair.
_KNOWN = tuple(
    f"{service}:{action}"
    for service, actions in {
        "athena": ("startqueryexecution", "getqueryresults"),
        "cloudformation": ("createstack", "describestacks"),
        "cloudwatch": ("putmetricdata", "deletealarms"),
        "dynamodb": ("getitem", "putitem", "listtables"),
        "ec2": ("describeinstances", "runinstances", "terminateinstances"),
        "ecs": ("runtask",),
        "events": ("putrule", "putevents"),
        "firehose": ("putrecord",),
        "glue": ("createjob", "deletejob", "getjobs", "gettable", "getdatabase", "startcrawler", "startworkflowrun"),
        "iam": ("createuser", "listroles", "passrole", "putrolepolicy", "attachrolepolicy"),
        "kinesis": ("putrecord", "getrecords"),
        "kms": ("decrypt", "encrypt", "listkeys"),
        "lambda": ("createfunction", "invokefunction", "listfunctions"),
        "lakeformation": ("getdataaccess",),
        "logs": ("deleteloggroup", "describeloggroups"),
        "rds": ("createdbinstance", "describedbinstances"),
        "secretsmanager": ("getsecretvalue", "listsecrets"),
        "sns": ("publish", "createtopic", "listtopics"),
        "sqs": ("sendmessage", "receivemessage", "listqueues"),
        "ssm": ("getparameter",),
        "states": ("startexecution",),
        "sts": ("assumerole",),
    }.items()
    for action in actions
)

# (action in lower case, ARN) → whether the task asks for it, or nobody minds
Wanted = Callable[[str, str], bool]


def list_written_probes(context: Context, role: RoleState, wanted: Wanted, keys: dict[str, str]) -> list[Probe]:
    """The calls that the role's Allow statements name and nobody asked for; a wildcard in an ARN becomes some name."""
    found: dict[tuple[str, str], Probe] = {}
    for written, resource in _list_allowed(context, role):
        arn = resource if resource == "*" else re.sub(r"[*?]", lambda _: uuid.uuid4().hex[:8], resource)
        if "${" in arn or not (arn == "*" or arn.startswith("arn:")):
            continue
        for action in _list_actions(written):
            if action not in _LOGGING and _fits(action, arn) and not wanted(action, arn):
                found[action, resource] = Probe(Question(action, arn, keys), WRITTEN_MORE, ANY)
    return list(found.values())[:_MOST]


def _list_actions(written: str) -> list[str]:
    """The action itself, or what a pattern of another service than S3 stands for."""
    if not re.search(r"[*?]", written):
        return [written]
    return [action for action in _KNOWN if fnmatchcase(action, written)]


def _list_allowed(context: Context, role: RoleState) -> Iterator[tuple[str, str]]:
    for document in [*role.inline.values(), *_read_managed(context, role)]:
        for statement in list_statements(document):
            if statement.get("Effect") == "Allow":
                for action in listed(statement.get("Action")):
                    yield from ((str(action).lower(), str(resource)) for resource in listed(statement.get("Resource")))


def _read_managed(context: Context, role: RoleState) -> list[dict[str, Any]]:
    """The documents of the attached policies, the account's own and AWS's."""
    iam: Any = context.clients.iam
    documents = []
    for arn in sorted(role.managed):
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        documents.append(dict(json.loads(unquote(found))) if isinstance(found, str) else dict(found))
    return documents


def _fits(action: str, arn: str) -> bool:
    """False for an S3 action on the other kind of ARN: it allows nothing. What S3 allows on "*" each task tries itself."""
    if arn == "*":
        return not action.startswith("s3:")
    return not action.startswith("s3:") or bool(_ON_OBJECTS.search(action)) is ("/" in arn)
