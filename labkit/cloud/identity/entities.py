"""What IAM refuses to do with roles, groups and managed policies, in its words (`hooks.install_document_checks`)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from moto.iam.exceptions import IAMException

from labkit.cloud.call import AwsError

_AWS_OWN = "arn:aws:iam::aws:policy/"


def named(find: Callable[[Any, str], Any], kind: str) -> Callable[[Any, str], Any]:
    """moto's get_role or get_group, whose error says what AWS's says."""

    @functools.wraps(find)
    def get(backend: Any, name: str) -> Any:
        try:
            return find(backend, name)
        except IAMException:
            raise _not_found(f"The {kind} with name {name} cannot be found.") from None

    return get


def _not_found(message: str) -> IAMException:
    from moto.iam.exceptions import NotFoundException

    return NotFoundException(message)


def _check_owner(_backend: Any, policy_arn: str, *_args: Any, **_more: Any) -> None:
    if str(policy_arn).startswith(_AWS_OWN):
        raise AwsError("AccessDenied", "Policy is outside your own account.", 403)


def _check_unused(backend: Any, policy_arn: str) -> None:
    """DeletePolicy: neither attached, nor a boundary, nor of many versions."""
    _check_owner(backend, policy_arn)
    holders = [*list(backend.users.values()), *list(backend.groups.values()), *list(backend.roles.values())]
    if any(
        policy_arn in holder.managed_policies or getattr(holder, "permissions_boundary_arn", None) == policy_arn
        for holder in holders
    ):
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    policy = backend.managed_policies.get(policy_arn)
    if policy is not None and len(policy.versions) > 1:
        raise AwsError(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.",
            409,
        )


CHECKS: dict[str, Callable[..., None]] = {
    "delete_policy": _check_unused,
    "delete_policy_version": _check_owner,
    "create_policy_version": _check_owner,
    "set_default_policy_version": _check_owner,
    "tag_policy": _check_owner,
    "untag_policy": _check_owner,
}
