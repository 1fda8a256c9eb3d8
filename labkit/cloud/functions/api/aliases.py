"""Aliases, and the share of invocations that they send to a second version."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from labkit.cloud.functions.api import shapes, store
from labkit.cloud.functions.api.constraints import broken, validation_error
from labkit.cloud.functions.api.names import LATEST, FunctionName
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_found, page, refuse
from labkit.cloud.functions.kept import new_revision

_OTHER_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the "
    "latest Revision Id"
)


def create_alias(request: Request) -> Reply:
    """CreateAlias."""
    from moto.awslambda.models import LambdaAlias

    params, name = request.params, replace(request.function, qualifier=None)
    with store.CHANGES:
        store.get_version(replace(name, qualifier=params["FunctionVersion"]))
        aliases = store.get_aliases(name)
        if params["Name"] in aliases:
            cause = f"Alias already exists: {name.arn}:{params['Name']}"
            raise refuse(cause, "ResourceConflictException", 409)
        routing = _routing(name, params["FunctionVersion"], params.get("RoutingConfig"))
        alias: Any = LambdaAlias(
            account_id=name.scope.account,
            region=name.scope.region,
            name=params["Name"],
            function_name=name.name,
            function_version=params["FunctionVersion"],
            description=params.get("Description") or "",
            routing_config=routing,
        )
        aliases[params["Name"]] = alias
    return Reply(shapes.alias_configuration(name, alias), 201)


def update_alias(request: Request) -> Reply:
    """UpdateAlias."""
    params, (name, alias) = request.params, _find(request)
    if params.get("RevisionId") and params["RevisionId"] != alias.revision_id:
        raise refuse(_OTHER_REVISION, "PreconditionFailedException", 412)
    with store.CHANGES:
        version = params.get("FunctionVersion") or alias.function_version
        store.get_version(replace(name, qualifier=version))
        routing = params.get("RoutingConfig")
        if routing is not None:
            alias.routing_config = _routing(name, version, routing)
        alias.function_version = version
        if params.get("Description") is not None:
            alias.description = params["Description"]
        alias.revision_id = new_revision()
    return Reply(shapes.alias_configuration(name, alias))


def get_alias(request: Request) -> Reply:
    """GetAlias."""
    name, alias = _find(request)
    return Reply(shapes.alias_configuration(name, alias))


def list_aliases(request: Request) -> Reply:
    """ListAliases."""
    name = replace(request.function, qualifier=None)
    store.get_latest(name)
    wanted = request.params.get("FunctionVersion")
    found = [alias for _, alias in sorted(store.get_aliases(name).items()) if wanted in (None, alias.function_version)]
    shown = [shapes.alias_configuration(name, alias) for alias in found]
    return Reply(page(shown, request.params).document("Aliases"))


def delete_alias(request: Request) -> Reply:
    """DeleteAlias; one that does not exist is no error."""
    name = replace(request.function, qualifier=None)
    store.get_latest(name)
    store.get_aliases(name).pop(request.params["Name"], None)
    return Reply(status=204)


HANDLERS: Mapping[str, Handler] = {
    "CreateAlias": create_alias,
    "UpdateAlias": update_alias,
    "GetAlias": get_alias,
    "ListAliases": list_aliases,
    "DeleteAlias": delete_alias,
}


def _find(request: Request) -> tuple[FunctionName, Any]:
    name = replace(request.function, qualifier=None)
    alias = store.get_aliases(name).get(request.params["Name"]) if store.exists(name) else None
    if alias is None:
        raise not_found(f"Cannot find alias arn: {name.arn}:{request.params['Name']}")
    return name, alias


def _routing(name: FunctionName, version: str, config: Mapping[str, Any] | None) -> dict[str, Any]:
    weights: Mapping[str, float] = (config or {}).get("AdditionalVersionWeights") or {}
    if len(weights) > 1:
        raise refuse("Number of items in AdditionalVersionWeights cannot be greater than 1")
    for other, weight in weights.items():
        if not (math.isfinite(weight) and 0 <= weight < 1):
            told = "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
            told += "Member must have value greater than or equal to 0.0, Member must not be null]"
            raise validation_error([broken({other: weight}, "routingConfig.additionalVersionWeights", told)])
        if other == version:
            told = f"Function version {version} is already included in routing configuration."
            raise refuse(f"Invalid function version {version}. {told}")
        if version == LATEST:
            raise refuse("$LATEST is not supported for an alias pointing to more than 1 version")
        store.get_version(replace(name, qualifier=other))
    return {"AdditionalVersionWeights": dict(weights)} if weights else {}
