"""IAM calls without a user's name speak of whoever asks; moto asks its own list of keys. Installed by `hooks.install_iam`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from moto.core.responses import ActionResult

from labkit.cloud.identity.admission import current_admission
from labkit.cloud.identity.refused import Refused

CALLS = ("get_user", "list_access_keys", "create_access_key", "update_access_key", "delete_access_key")
# When the account's root user was made: the local account has always been there.
_LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)


def as_caller(method: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """A call of moto's that is told the caller's name where the request gives none."""

    @functools.wraps(method)
    def call(response: Any) -> ActionResult:
        admission = current_admission()
        if admission is None or response.params.get("UserName"):
            return method(response)
        principal = admission.principal
        if principal.kind == "root":
            return _of_root(method.__name__, principal.account)
        response.params["UserName"] = principal.name
        return method(response)

    call.__module__ = __name__
    return call


def _of_root(call: str, account: str) -> ActionResult:
    """The root user has a name in no list of users, and its key here is the fixed word `root`."""
    if call == "get_user":
        arn = f"arn:aws:iam::{account}:root"
        return ActionResult({"User": {"UserId": account, "Arn": arn, "CreateDate": _LONG_AGO}})
    if call == "list_access_keys":
        return ActionResult({"AccessKeyMetadata": []})
    raise Refused("AccessDenied", "The root user of the local account has no keys of its own to make or to change.")
