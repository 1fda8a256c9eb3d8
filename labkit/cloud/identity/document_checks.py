"""Policies are looked at before moto keeps them: IAM and S3 refuse what AWS refuses, in its words (`hooks.install_document_checks`)."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from moto.iam.exceptions import IAMException
from moto.iam.models import IAMBackend
from moto.s3.exceptions import S3ClientError

from labkit.cloud.call import AwsError
from labkit.cloud.identity.bucket_policy import validate_bucket_policy
from labkit.cloud.identity.known_principals import is_known_principal
from labkit.cloud.identity.validation import Holder, validate_policy, validate_size


def checked(method: Callable[..., Any], check: Callable[..., None]) -> Callable[..., Any]:
    """A method of a moto backend that first asks `check`, with the same arguments; its AwsError becomes moto's error."""

    @functools.wraps(method)
    def call(backend: Any, *args: Any, **more: Any) -> Any:
        _refuse(check, backend, *args, **more)
        return method(backend, *args, **more)

    return call


def update_assume_role_policy(backend: Any, role_name: str, policy_document: str) -> None:
    """In moto's place, which knows one version and a few actions only."""
    role = backend.get_role(role_name)
    _refuse(check_trust, backend, policy_document)
    role.assume_role_policy_document = policy_document


def check_role(backend: Any, role_name: str, assume_role_policy_document: Any, *_args: Any, **_more: Any) -> None:
    """CreateRole."""
    check_trust(backend, assume_role_policy_document)


def check_trust(backend: Any, document: Any) -> None:
    """The trust policy of a role of this account."""
    text = _text(document)
    validate_size([text], "trust")
    validate_policy(text, "trust", lambda entry: is_known_principal(entry, backend.account_id))


def check_policy(backend: Any, description: str, path: str, policy_document: Any, *_args: Any, **_more: Any) -> None:
    """CreatePolicy: its size; its form is looked at by `IdentityDocument`."""
    validate_size([_text(policy_document)], "policy")


def check_version(backend: Any, policy_arn: str, policy_document: Any, *_args: Any, **_more: Any) -> None:
    """CreatePolicyVersion."""
    check_policy(backend, "", "", policy_document)


def check_inline(holder: Holder) -> Callable[..., None]:
    """PutUserPolicy, PutGroupPolicy, PutRolePolicy: the inline policies of one holder count together."""

    def check(backend: Any, name: str, policy_name: str, policy_json: Any) -> None:
        owner = getattr(backend, f"get_{holder}")(name)
        others = [_text(text) for kept, text in dict(owner.policies).items() if kept != policy_name]
        validate_size([*others, _text(policy_json)], holder, name)

    return check


def check_bucket_policy(backend: Any, bucket_name: str, policy: Any) -> None:
    """PutBucketPolicy."""
    bucket = backend.get_bucket(bucket_name)
    text = policy.decode("utf-8", "replace") if isinstance(policy, bytes) else _text(policy)
    validate_bucket_policy(text, bucket.name, lambda entry: is_known_principal(entry, bucket.account_id))


def _refuse(check: Callable[..., None], backend: Any, *args: Any, **more: Any) -> None:
    try:
        check(backend, *args, **more)
    except AwsError as error:
        # moto looks up how to answer by the module of the exception.
        failure = IAMException if isinstance(backend, IAMBackend) else S3ClientError
        raise failure(error.code, error.message) from error


def _text(document: Any) -> str:
    """CloudFormation gives objects where IAM's API gives texts."""
    return document if isinstance(document, str) else json.dumps(document)
