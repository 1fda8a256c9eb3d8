"""Task 2.2: what Glue's role may do with the data: read raw, keep processed, and nothing else."""

from __future__ import annotations

import uuid
from functools import partial

from labkit.aws.iam import RoleState
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.permissions import Question
from labkit.checks.step_2.roles import (
    Probe,
    build_own_roles,
    find_own_role,
    judge_forbidden,
    judge_needed,
    list_actions,
    may,
    need_own_roles,
)
from labkit.checks.step_2.written import list_written_probes

_READ, _WRITE, _DELETE, _LIST = "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"
_STAR = "task_2.misconception.data_star"
_ACTIONS = "task_2.misconception.data_actions"
_NEIGHBOUR = "task_2.misconception.data_neighbour"
_WILDCARD = "task_2.misconception.data_wildcard"
_RAW = "task_2.misconception.data_raw"


def check_data_access(context: Context) -> list[Finding]:
    """The calls of the notebook's table are allowed, and those that a policy which is too wide would let through are not."""
    need_own_roles(context)
    name = build_own_roles(context.names).glue
    role = find_own_role(context, name)
    if role is None:
        raise NotAttempted("task_2.role_missing", role=name)
    if not role.inline and not role.managed:
        raise NotAttempted("task_2.no_policy", role=name)
    explain = partial(_explain, context, name, list_actions(role))
    needed = judge_needed(context, name, _list_needed(context), explain)
    # A wrong ARN is one mistake, not two.
    extra = _list_extra(context, role) if all(item.ok for item in needed) else []
    return [
        *needed,
        *judge_forbidden(context, name, [*_list_probes(context), *extra]),
    ]


def _list_extra(context: Context, role: RoleState) -> list[Probe]:
    names = context.names
    raw, processed = f"arn:aws:s3:::{names.raw_bucket}", f"arn:aws:s3:::{names.processed_bucket}"
    # Parts of large uploads and the bucket's region are asked for by tools along the way: they show and change no data.
    parts = ("s3:abortmultipartupload", "s3:listmultipartuploadparts")
    kept = (_READ.lower(), _WRITE.lower(), _DELETE.lower(), *parts)
    listing = (_LIST.lower(), "s3:getbucketlocation", "s3:listbucketmultipartuploads")

    def is_wanted(action: str, arn: str) -> bool:
        reads = action == _READ.lower() and arn.startswith(f"{raw}/{names.raw_prefix}")
        return (
            reads
            or (arn in (raw, processed) and action in listing)
            or (arn.startswith(f"{processed}/") and action in kept)
        )

    return list_written_probes(context, role, is_wanted, {"s3:prefix": names.raw_prefix})


def _list_needed(context: Context) -> list[Question]:
    names = context.names
    raw, processed = f"arn:aws:s3:::{names.raw_bucket}", f"arn:aws:s3:::{names.processed_bucket}"
    key = uuid.uuid4().hex
    written = f"{processed}/{names.processed}/{key}.parquet"
    elsewhere = f"{processed}/{key}/{key}.parquet"
    return [
        Question(_READ, f"{raw}/{names.raw_prefix}{key}.csv"),
        # A policy may ask for the prefix that is listed: that is stricter still.
        Question(_LIST, raw, {"s3:prefix": names.raw_prefix}),
        *(Question(action, arn) for arn in (written, elsewhere) for action in (_READ, _WRITE, _DELETE)),
        Question(_LIST, processed, {"s3:prefix": f"{names.processed}/"}),
    ]


def _list_probes(context: Context) -> list[Probe]:
    names = context.names
    raw, processed = f"arn:aws:s3:::{names.raw_bucket}", f"arn:aws:s3:::{names.processed_bucket}"
    other = f"arn:aws:s3:::payroll-{uuid.uuid4().hex[:10]}"
    key = uuid.uuid4().hex
    return [
        Probe(Question(_READ, f"{other}/{key}"), _STAR),
        Probe(Question(_LIST, other), _STAR),
        Probe(Question(_WRITE, f"{other}/{key}"), _STAR),
        Probe(Question("s3:ListAllMyBuckets", "*"), _STAR),
        *(
            Probe(Question(_READ, f"{arn}-{suffix}/{key}"), _NEIGHBOUR, (_STAR,))
            for arn in (raw, processed)
            for suffix in ("old", key[:6])
        ),
        *(Probe(Question(action, f"{raw}/{names.raw_prefix}{key}.csv"), _RAW) for action in (_WRITE, _DELETE)),
        Probe(Question(_READ, f"{raw}/{key}/{key}.csv"), "task_2.misconception.data_whole_raw"),
        *(
            Probe(Question(action, processed), _ACTIONS)
            for action in ("s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration")
        ),
        *(
            Probe(Question(action, f"{processed}/{names.processed}/{key}"), _ACTIONS)
            for action in ("s3:PutObjectAcl", "s3:DeleteObjectVersion")
        ),
        Probe(Question("s3:DeleteBucket", raw), _ACTIONS),
        *(Probe(Question("s3:ListBucketVersions", arn), _WILDCARD, (_STAR, _ACTIONS)) for arn in (raw, processed)),
        *(
            Probe(Question("s3:GetObjectVersion", f"{folder}{key}"), _WILDCARD, (_STAR, _ACTIONS))
            for folder in (f"{raw}/{names.raw_prefix}", f"{processed}/")
        ),
        Probe(Question("iam:CreateUser", f"arn:aws:iam::{context.account}:user/{key}"), _STAR),
        Probe(
            Question("lambda:InvokeFunction", f"arn:aws:lambda:{context.region}:{context.account}:function:{key}"),
            _STAR,
        ),
    ]


def _explain(context: Context, role: str, actions: set[str], question: Question) -> str:
    """What the role may do instead tells what was mixed up."""
    bucket, _, path = question.resource.partition("/")
    if question.action == _LIST:
        if any(action.lower() in ("s3:listobjects", "s3:listobjectsv2") for action in actions):
            return "task_2.misconception.action_name"
        twin = Question(_LIST, f"{bucket}/{uuid.uuid4().hex}", question.keys)
        return "task_2.misconception.list_on_objects" if may(context, role, twin) else ""
    if may(context, role, Question(question.action, bucket)):
        return "task_2.misconception.objects_on_bucket"
    if question.action == _DELETE and may(context, role, Question(_WRITE, question.resource)):
        return "task_2.misconception.data_no_delete"
    in_its_folder = f"{bucket}/{context.names.processed}/{path.rpartition('/')[2]}"
    if bucket.endswith(f":{context.names.processed_bucket}") and question.resource != in_its_folder:
        twin = Question(question.action, in_its_folder)
        return "task_2.misconception.data_one_folder" if may(context, role, twin) else ""
    return ""
