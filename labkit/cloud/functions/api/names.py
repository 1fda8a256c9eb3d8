"""The many ways to name a function: a name, a partial ARN, an ARN, each with or without a version or an alias."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api.constraints import broken, validation_error

_NAME = re.compile(
    r"(?:arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:|"
    r"(?:(?P<partial_region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?P<partial_account>\d{12}):)?(?:function:)?)"
    r"(?P<name>[a-zA-Z0-9-_]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
LATEST = "$LATEST"
_MAX_NAME = 64


@dataclass(frozen=True)
class FunctionName:
    """A function of a scope; `qualifier` is a version, an alias, $LATEST, or None when the caller named none."""

    scope: Scope
    name: str
    qualifier: str | None = None

    @property
    def arn(self) -> str:
        """Without a qualifier."""
        return f"arn:aws:lambda:{self.scope.region}:{self.scope.account}:function:{self.name}"

    @property
    def qualified_arn(self) -> str:
        """With the qualifier, if there is one."""
        return f"{self.arn}:{self.qualifier}" if self.qualifier else self.arn


def read_name(text: str, scope: Scope, qualifier: str | None = None) -> FunctionName:
    """The function that a FunctionName and a Qualifier mean; AwsError when they disagree or lead to another region."""
    match = _NAME.fullmatch(text)
    if match is None:
        raise AwsError("ResourceNotFoundException", f"Function not found: {text}", 404, {"Type": "User"})
    region, account = match["region"] or match["partial_region"], match["account"] or match["partial_account"]
    if region and region != scope.region:
        cause = f"Functions from '{region}' are not reachable in this region ('{scope.region}')"
        raise AwsError("ResourceNotFoundException", cause, 404, {"Type": "User"})
    inside = match["qualifier"]
    if inside and qualifier and inside != qualifier:
        cause = "The derived qualifier from the function name does not match the specified qualifier."
        raise AwsError("InvalidParameterValueException", cause, 400, {"Type": "User"})
    if len(match["name"]) > _MAX_NAME:
        told = broken(match["name"], "functionName", f"Member must have length less than or equal to {_MAX_NAME}")
        raise validation_error([told])
    place = scope if account in (None, scope.account) else Scope(account, scope.region)
    return FunctionName(place, match["name"], inside or qualifier)


def is_version(qualifier: str) -> bool:
    """A published version's number, not an alias."""
    return qualifier.isdigit()
