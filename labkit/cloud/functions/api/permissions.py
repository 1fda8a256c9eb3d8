"""The policy of a function: who else may invoke it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.names import LATEST, FunctionName
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_found, refuse
from labkit.cloud.functions.kept import keep_function, kept_function, new_revision

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

_MAX_POLICY_BYTES = 20480
_OTHER_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest "
    "Revision Id"
)
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com|amazon\.com|amazonaws\.com\.cn)")
_PRINCIPAL_ARN = re.compile(r"arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|user/.+|role/.+|assumed-role/.+)")


def add_permission(request: Request) -> Reply:
    """AddPermission."""
    params, name = request.params, request.function
    if name.qualifier == LATEST:
        raise refuse("We currently do not support adding policies for $LATEST.")
    with store.CHANGES:
        store.get_version(name)
        policy = _Policy(name)
        policy.check_revision(params.get("RevisionId"))
        if any(one["Sid"] == params["StatementId"] for one in policy.statements):
            cause = f"The statement id ({params['StatementId']}) provided already exists. Please provide a new statement id, or remove "
            raise refuse(f"{cause}the existing statement.", "ResourceConflictException", 409)
        statement = _statement(params, name)
        policy.check_size(statement)
        policy.all.append(statement)
        policy.changed()
    return Reply({"Statement": json.dumps(statement, separators=(",", ":"))}, 201)


def get_policy(request: Request) -> Reply:
    """GetPolicy."""
    name = request.function
    store.get_latest(replace(name, qualifier=None))
    policy = _Policy(name)
    if not policy.statements:
        raise not_found("The resource you requested does not exist.")
    document = {"Version": "2012-10-17", "Id": "default", "Statement": policy.statements}
    return Reply({"Policy": json.dumps(document, separators=(",", ":")), "RevisionId": policy.revision})


def remove_permission(request: Request) -> Reply:
    """RemovePermission."""
    params, name = request.params, request.function
    with store.CHANGES:
        if not store.exists(name):
            raise not_found(f"No policy found for: {name.arn}")
        policy = _Policy(name)
        policy.check_revision(params.get("RevisionId"))
        if not policy.statements:
            raise not_found("No policy is associated with the given resource.")
        found = [one for one in policy.statements if one["Sid"] == params["StatementId"]]
        if not found:
            raise not_found(f"Statement {params['StatementId']} is not found in resource policy.")
        policy.all.remove(found[0])
        policy.changed()
    return Reply(status=204)


HANDLERS: Mapping[str, Handler] = {
    "AddPermission": add_permission,
    "GetPolicy": get_policy,
    "RemovePermission": remove_permission,
}


class _Policy:
    """The statements of one qualifier; moto keeps those of all of them in one list, each with its Resource."""

    def __init__(self, name: FunctionName) -> None:
        self._name = name
        self._latest: LambdaFunction = store.get_latest(replace(name, qualifier=None))
        self.all: list[dict[str, Any]] = self._latest.policy.statements

    @property
    def statements(self) -> list[dict[str, Any]]:
        return [one for one in self.all if one["Resource"] == self._arn]

    @property
    def revision(self) -> str:
        return kept_function(self._latest).policy_revisions.get(self._arn, "")

    def check_revision(self, wanted: str | None) -> None:
        if wanted and wanted != self.revision:
            raise refuse(_OTHER_REVISION, "PreconditionFailedException", 412)

    def check_size(self, more: Mapping[str, Any]) -> None:
        document = {"Version": "2012-10-17", "Id": "default", "Statement": [*self.statements, more]}
        size = len(json.dumps(document, separators=(",", ":")))
        if size > _MAX_POLICY_BYTES:
            cause = f"The final policy size ({size}) is bigger than the limit ({_MAX_POLICY_BYTES})."
            raise refuse(cause, "PolicyLengthExceededException")

    def changed(self) -> None:
        revisions = dict(kept_function(self._latest).policy_revisions)
        keep_function(self._latest, policy_revisions={**revisions, self._arn: new_revision()})

    @property
    def _arn(self) -> str:
        qualifier = None if self._name.qualifier == LATEST else self._name.qualifier
        return replace(self._name, qualifier=qualifier).qualified_arn


def _statement(params: Mapping[str, Any], name: FunctionName) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(params["Principal"]),
        "Action": params["Action"],
        "Resource": name.qualified_arn,
    }
    conditions: dict[str, dict[str, Any]] = {}
    for member, operator, key in (
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
    ):
        if params.get(member):
            conditions.setdefault(operator, {})[key] = params[member]
    if params.get("InvokedViaFunctionUrl") is not None:
        conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": str(params["InvokedViaFunctionUrl"]).lower()}
    return {**statement, **({"Condition": conditions} if conditions else {})}


def _principal(text: str) -> Any:
    if text == "*":
        return "*"
    if re.fullmatch(r"\d{12}", text):
        return {"AWS": f"arn:aws:iam::{text}:root"}
    if _PRINCIPAL_ARN.fullmatch(text):
        return {"AWS": text}
    if _SERVICE.fullmatch(text):
        return {"Service": text}
    raise refuse("The provided principal was invalid. Please check the principal and try again.")
