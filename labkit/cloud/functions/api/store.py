"""moto's Lambda as the place where functions, aliases and layers lie."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import Scope
from labkit.cloud.functions.api.names import LATEST, FunctionName, is_version
from labkit.cloud.functions.api.request import not_found

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaAlias, LambdaBackend, LambdaFunction, LayerVersion

# One change of the control plane at a time: two CreateFunction of one name must not both succeed.
CHANGES = threading.RLock()


def backend(scope: Scope) -> LambdaBackend:
    """moto's Lambda of an account and region."""
    from moto.awslambda.models import lambda_backends

    return lambda_backends[scope.account][scope.region]


def storage(scope: Scope) -> Any:
    """moto's entries of functions, ARNs and aliases; it has no public way to them."""
    return backend(scope)._lambdas  # noqa: SLF001


def layers(scope: Scope) -> dict[str, Any]:
    """moto's layers by name, each with its `layer_versions`."""
    found: dict[str, Any] = backend(scope)._layers._layers  # noqa: SLF001
    return found


def find_function(name: FunctionName) -> dict[str, Any] | None:
    """moto's entry of a function: `latest` and `versions`."""
    found: dict[str, Any] | None = storage(name.scope)._functions.get(name.name)  # noqa: SLF001
    return found


def exists(name: FunctionName) -> bool:
    """Whether there is a function of that name."""
    return find_function(name) is not None


def get_latest(name: FunctionName) -> LambdaFunction:
    """The unpublished version; ResourceNotFoundException in the words for the name as it was given."""
    entry = find_function(name)
    if entry is None or entry["latest"] is None:
        raise not_found(f"Function not found: {name.qualified_arn}")
    latest: LambdaFunction = entry["latest"]
    return latest


def get_versions(name: FunctionName) -> Sequence[LambdaFunction]:
    """The published versions, oldest first."""
    get_latest(name)
    entry = find_function(name)
    return list(entry["versions"]) if entry else []


def get_aliases(name: FunctionName) -> dict[str, LambdaAlias]:
    """The aliases by name; the dict is moto's own."""
    found: dict[str, LambdaAlias] = storage(name.scope)._aliases[name.arn]  # noqa: SLF001
    return found


def get_version(name: FunctionName) -> LambdaFunction:
    """The version that the qualifier means: a number, an alias (its main version), $LATEST, or none."""
    latest = get_latest(name)
    qualifier = name.qualifier
    if qualifier in (None, LATEST):
        return latest
    if not is_version(str(qualifier)):
        alias = get_aliases(name).get(str(qualifier))
        if alias is None:
            raise not_found(f"Cannot find alias arn: {name.qualified_arn}")
        qualifier = alias.function_version
        if qualifier == LATEST:
            return latest
    for version in get_versions(name):
        if str(version.version) == qualifier:
            return version
    raise not_found(f"Function not found: {name.qualified_arn}")


def list_latest(scope: Scope) -> list[LambdaFunction]:
    """Every function's unpublished version, by name."""
    return sorted(storage(scope).latest(), key=lambda function: str(function.function_name))


def layer_version(scope: Scope, arn: str) -> LayerVersion | None:
    """The layer version of an ARN, or None."""
    try:
        return backend(scope).layers_versions_by_arn(arn)
    except ValueError:
        return None


def put_layer(scope: Scope, layer: LayerVersion) -> None:
    """Give a layer version its number and keep it."""
    backend(scope)._layers.put_layer_version(layer)  # noqa: SLF001


def weights(alias: LambdaAlias) -> Mapping[str, float]:
    """The additional versions of an alias and their shares."""
    config: Any = alias.routing_config or {}
    found: Mapping[str, float] = config.get("AdditionalVersionWeights") or {}
    return found


def add_version(name: FunctionName, version: LambdaFunction) -> None:
    """Put a published version beside the others."""
    entry = find_function(name)
    if entry is not None:
        entry["versions"].append(version)
        storage(name.scope)._arns[version.function_arn] = version  # noqa: SLF001


def remove_version(name: FunctionName, number: str) -> None:
    """Remove a published version; nothing when there is none."""
    entry = find_function(name)
    if entry is not None:
        entry["versions"] = [version for version in entry["versions"] if str(version.version) != number]


def remove_function(name: FunctionName) -> None:
    """Remove a function with its versions and aliases."""
    get_aliases(name).clear()
    functions = storage(name.scope)._functions  # noqa: SLF001
    functions.pop(name.name, None)


def all_code(account: str) -> list[Any]:
    """Everything of an account that has code: versions of functions, and versions of layers."""
    from moto.awslambda.models import lambda_backends

    found: list[Any] = []
    for region in list(lambda_backends[account]):
        scope = Scope(account, region)
        for entry in list(storage(scope)._functions.values()):  # noqa: SLF001
            found += [one for one in (entry["latest"], *entry["versions"]) if one is not None]
        for layer in list(layers(scope).values()):
            found += list(layer.layer_versions.values())
    return found
