"""Task 1.4: the bucket is closed: nothing public, nothing unencrypted at rest, nothing over plain HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.permissions import EXPLICIT_DENY, Question, ask_about_resource, list_statements
from labkit.checks.step_1.places import build_sources_bucket, find_sources_bucket

SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_OBJECT_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
_BUCKET_ACTIONS = ("s3:ListBucket", "s3:GetBucketLocation")


def check_closing(context: Context) -> list[Finding]:
    """Block Public Access is complete, default encryption is set, and the policy denies plain HTTP to everybody, and no more."""
    s3 = context.clients.s3
    bucket, refusal = _find_bucket(context)
    policy = None if refusal else _read_policy(s3, bucket)
    if refusal:
        return [
            Finding(
                False,
                "task_1.closing_locked",
                {"bucket": bucket, "message": refusal},
                "task_1.misconception.closing_locked",
            )
        ]
    block = _look_at_block(s3, bucket)
    if policy is None:
        if block.ok:
            raise NotAttempted("task_1.closing_nothing", bucket=bucket)
        return [block, Finding(False, "task_1.closing_no_policy", {"bucket": bucket})]
    return [block, _look_at_encryption(s3, bucket), *_look_at_policy(context, bucket, policy)]


def _find_bucket(context: Context) -> tuple[str, str]:
    """The bucket, and AWS's words when even the check is kept out of it."""
    from botocore.exceptions import ClientError

    try:
        return find_sources_bucket(context), ""
    except ClientError as error:
        if error_code(error) != "AccessDenied":
            raise
        return build_sources_bucket(context.names), str(error.response["Error"].get("Message", ""))


def _read_policy(s3: Any, bucket: str) -> str | None:
    from botocore.exceptions import ClientError

    try:
        return str(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error_code(error) == "NoSuchBucketPolicy":
            return None
        raise


def _look_at_block(s3: Any, bucket: str) -> Finding:
    from botocore.exceptions import ClientError

    try:
        found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error_code(error) != "NoSuchPublicAccessBlockConfiguration":
            raise
        found = {}
    off = [name for name in SETTINGS if not found.get(name)]
    if off:
        facts = {"bucket": bucket, "off": ", ".join(off)}
        return Finding(False, "task_1.closing_block_off", facts, "task_1.misconception.closing_block_off")
    return Finding(True, "task_1.closing_block_on", {"bucket": bucket})


def _look_at_encryption(s3: Any, bucket: str) -> Finding:
    from botocore.exceptions import ClientError

    try:
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        kind = rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
    except ClientError as error:
        if error_code(error) != "ServerSideEncryptionConfigurationNotFoundError":
            raise
        kind = ""
    return Finding(bool(kind), "task_1.closing_encryption", {"bucket": bucket, "kind": kind or "-"})


def _look_at_policy(context: Context, bucket: str, policy: str) -> list[Finding]:
    arn = f"arn:aws:s3:::{bucket}"
    plain = _list_questions(arn, "false")
    iam = context.clients.iam
    caller = str(context.clients.sts.get_caller_identity()["Arn"])
    anybody = _ask_as_anybody(context, policy, plain, caller)
    you = ask_about_resource(iam, policy, plain, caller) if ":user/" in caller else anybody
    over_tls = _list_questions(arn, "true")
    tls = _ask_as_anybody(context, policy, over_tls, caller)
    denied = [decision == EXPLICIT_DENY for decision in anybody]
    findings = []
    open_ = [question for question, no, mine in zip(plain, denied, you, strict=True) if not no or mine != EXPLICIT_DENY]
    if open_:
        why = _explain(policy, plain, denied, [decision == EXPLICIT_DENY for decision in you])
        findings.append(Finding(False, "task_1.closing_plain_open", open_[0].facts, why))
    else:
        findings.append(Finding(True, "task_1.closing_plain_denied", {"calls": len(plain)}))
    shut = [question for question, decision in zip(over_tls, tls, strict=True) if decision == EXPLICIT_DENY]
    if shut:
        findings.append(
            Finding(False, "task_1.closing_tls_denied", shut[0].facts, "task_1.misconception.closing_tls_denied")
        )
    else:
        findings.append(Finding(True, "task_1.closing_tls_open", {"calls": len(over_tls)}))
    return findings


def _ask_as_anybody(context: Context, policy: str, questions: list[Question], caller: str) -> list[str]:
    """As somebody whom the policy does not name; AWS itself wants a caller that exists, and there it is whoever checks."""
    from botocore.exceptions import ClientError

    try:
        return ask_about_resource(context.clients.iam, policy, questions)
    except ClientError as error:
        if error_code(error) != "InvalidInput":
            raise
        return ask_about_resource(context.clients.iam, policy, questions, caller)


def _list_questions(arn: str, secure: str) -> list[Question]:
    keys = {"aws:SecureTransport": secure}
    key = uuid.uuid4().hex
    return [
        *(Question(action, f"{arn}/{key}", keys, "object") for action in _OBJECT_ACTIONS),
        *(Question(action, arn, keys, "bucket") for action in _BUCKET_ACTIONS),
    ]


def _explain(policy: str, questions: list[Question], denied: list[bool], you: list[bool]) -> str:
    import json

    if any(you) and not any(denied):
        return "task_1.misconception.closing_principal"
    closed = {question.label for question, no in zip(questions, denied, strict=True) if no}
    if closed == {"object"}:
        return "task_1.misconception.closing_objects_only"
    if closed == {"bucket"}:
        return "task_1.misconception.closing_bucket_only"
    if closed:
        return "task_1.misconception.closing_some_actions"
    effects = {str(item.get("Effect")) for item in list_statements(json.loads(policy))}
    return "task_1.misconception.closing_allow" if effects == {"Allow"} else "task_1.misconception.closing_condition"
