"""Permissions boundaries of users; moto keeps those of roles only. Installed by `hooks.install_iam`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from labkit.cloud.identity.refused import Refused


def with_boundary(create_user: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """CreateUser that heeds its PermissionsBoundary."""

    def create(response: Any) -> ActionResult:
        arn = response.params.get("PermissionsBoundary")
        if arn:
            _require(response, arn)
        answer = create_user(response)
        if arn:
            _set(response, str(response.params["UserName"]), arn)
        return answer

    return create


def put_user_permissions_boundary(response: Any) -> ActionResult:
    """PutUserPermissionsBoundary."""
    arn = str(response.params.get("PermissionsBoundary") or "")
    _require(response, arn)
    _set(response, str(response.params.get("UserName") or ""), arn)
    return EmptyResult()


def delete_user_permissions_boundary(response: Any) -> ActionResult:
    """DeleteUserPermissionsBoundary."""
    user = response.backend.get_user(str(response.params.get("UserName") or ""))
    if not getattr(user, "permissions_boundary_arn", None):
        raise Refused("NoSuchEntity", f"User {user.name} does not have a permissions boundary attached to it.")
    user.permissions_boundary_arn = user.permissions_boundary = None
    return EmptyResult()


def _require(response: Any, arn: str) -> None:
    if arn not in response.backend.managed_policies:
        raise Refused("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.")


def _set(response: Any, name: str, arn: str) -> None:
    user = response.backend.get_user(name)
    user.permissions_boundary_arn = arn
    # As GetUser shows it: moto's serializer reads the attribute.
    user.permissions_boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
