"""Task 2.4: an AccessDenied is read (who, what, on what) and mended with the statement that was missing, and no more."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from labkit.aws.iam import RoleState
from labkit.aws.session import Clients, error_code
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.permissions import Question
from labkit.checks.step_2.roles import (
    Probe,
    build_own_roles,
    find_own_role,
    find_role_arn,
    judge_forbidden,
    judge_needed,
    list_actions,
    may,
    need_own_roles,
)
from labkit.checks.step_2.written import list_written_probes
from labkit.settings import Credentials

# The policy that the notebook's own cell gives to the role; what the student adds has any other name.
GIVEN_POLICY = "read-files"
_FIELDS = ("principal", "action", "resource")
_ACTION = "s3:ListBucket"
_COPY = "task_2.misconception.refusal_copy"


def check_refusal(context: Context) -> list[Finding]:
    """The three parts of the message, the call that works now, and those that still must not."""
    need_own_roles(context)
    name = build_own_roles(context.names).reader
    denied = context.get("denied")
    role = find_own_role(context, name)
    if role is None:
        raise NotAttempted("task_2.reader_missing", role=name)
    findings = [_read_part(context, name, field, denied) for field in _FIELDS]
    if not set(role.inline) - {GIVEN_POLICY} and not role.managed and not may(context, name, _question(context)):
        return [*findings, Finding(False, "task_2.refusal_not_mended", {"role": name})]
    call = _call(context, name, role)
    extra = _list_extra(context, role) if call.ok else []
    reading = Question("s3:GetObject", f"arn:aws:s3:::{context.names.raw_bucket}/{context.names.raw_prefix}ventas.csv")
    return [
        *findings,
        call,
        *judge_needed(context, name, [reading], lambda _: "task_2.misconception.policy_replaced"),
        *judge_forbidden(context, name, [*_list_probes(context), *extra]),
    ]


def _read_part(context: Context, name: str, field: str, denied: Any) -> Finding:
    written = denied.get(field) if isinstance(denied, dict) else None
    facts = {"field": field, "value": written if isinstance(written, str) else repr(written)}
    bucket = f"arn:aws:s3:::{context.names.raw_bucket}"
    if not isinstance(written, str) or not written.strip():
        return Finding(False, "task_2.refusal_part_missing", facts, _COPY)
    text = written.strip().strip('"')
    session = f"arn:aws:sts::{context.account}:assumed-role/{name}/"
    right = {
        "principal": text == find_role_arn(context, name) or (text.startswith(session) and len(text) > len(session)),
        "action": text.lower() == _ACTION.lower(),
        "resource": text == bucket,
    }
    why = {
        "principal": "task_2.misconception.refusal_principal",
        "action": "task_2.misconception.action_name" if "object" in text.lower() else _COPY,
        "resource": "task_2.misconception.list_on_objects" if text.startswith(f"{bucket}/") else _COPY,
    }
    if right[field]:
        return Finding(True, "task_2.refusal_part_right", facts)
    return Finding(False, "task_2.refusal_part_wrong", facts, why[field])


def _question(context: Context) -> Question:
    return Question(_ACTION, f"arn:aws:s3:::{context.names.raw_bucket}", {"s3:prefix": context.names.raw_prefix})


def _call(context: Context, name: str, role: RoleState) -> Finding:
    """The very call of the notebook, made as the role: no simulation."""
    from botocore.exceptions import ClientError

    names = context.names
    facts = {"role": name, "call": f'list_objects_v2(Bucket="{names.raw_bucket}", Prefix="{names.raw_prefix}")'}
    try:
        keys = context.clients.sts.assume_role(RoleArn=find_role_arn(context, name), RoleSessionName="labkit-check")
        given = keys["Credentials"]
        pair = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        reader = Clients(replace(context.settings.target, credentials=pair))
        found = reader.s3.list_objects_v2(Bucket=names.raw_bucket, Prefix=names.raw_prefix)
    except ClientError as error:
        said = {"code": error_code(error), "message": str(error.response["Error"].get("Message", ""))}
        return Finding(False, "task_2.refusal_call_denied", {**facts, **said}, _explain(context, name, role))
    return Finding(True, "task_2.refusal_call_works", {**facts, "objects": found["KeyCount"]})


def _explain(context: Context, name: str, role: RoleState) -> str:
    written = {action.lower() for action in list_actions(role)}
    if written & {"s3:listobjects", "s3:listobjectsv2"}:
        return "task_2.misconception.action_name"
    twin = Question(_ACTION, f"arn:aws:s3:::{context.names.raw_bucket}/{uuid.uuid4().hex}", _question(context).keys)
    if may(context, name, twin):
        return "task_2.misconception.list_on_objects"
    return ""


def _list_extra(context: Context, role: RoleState) -> list[Probe]:
    raw = f"arn:aws:s3:::{context.names.raw_bucket}"

    def is_wanted(action: str, arn: str) -> bool:
        files = action == "s3:getobject" and arn.startswith(f"{raw}/{context.names.raw_prefix}")
        return files or (arn == raw and action in (_ACTION.lower(), "s3:getbucketlocation"))

    return list_written_probes(context, role, is_wanted, dict(_question(context).keys))


def _list_probes(context: Context) -> list[Probe]:
    raw = f"arn:aws:s3:::{context.names.raw_bucket}"
    other, key = f"arn:aws:s3:::payroll-{uuid.uuid4().hex[:10]}", uuid.uuid4().hex
    star, more = "task_2.misconception.refusal_star", "task_2.misconception.refusal_more"
    return [
        Probe(Question(_ACTION, other), star),
        Probe(Question(_ACTION, f"{raw}-{key[:6]}"), star),
        Probe(Question("s3:GetObject", f"{other}/{key}"), star),
        *(
            Probe(Question(action, f"{raw}/{context.names.raw_prefix}{key}.csv"), more)
            for action in ("s3:PutObject", "s3:DeleteObject")
        ),
        Probe(Question("s3:ListBucketVersions", raw), more),
        Probe(Question("s3:PutBucketPolicy", raw), more),
    ]
