"""What a function is at the moment it is invoked: a frozen copy of the configuration that moto keeps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from labkit.cloud.call import AwsError, Scope

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

DEFAULT_RETRIES = 2
DEFAULT_EVENT_AGE_S = 21600


@dataclass(frozen=True)
class Archive:
    """A zip file: the function's code or one layer."""

    sha256: str
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class AsyncPolicy:
    """How asynchronous invocations of a function end: retries after the first attempt, age in seconds, destination ARNs."""

    retries: int = DEFAULT_RETRIES
    max_age_s: int = DEFAULT_EVENT_AGE_S
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(frozen=True)
class FunctionSpec:
    """One version of one function. `arn` carries no qualifier; `memory_mb` in MB; `timeout_s` in seconds."""

    scope: Scope
    name: str
    arn: str
    version: str
    handler: str
    runtime: str
    role_arn: str
    memory_mb: int
    timeout_s: int
    code: Archive
    package_type: str = "Zip"
    environment: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[Archive, ...] = ()
    reserved_concurrency: int | None = None
    asynchronous: AsyncPolicy = AsyncPolicy()

    @property
    def key(self) -> str:
        """Names the function in its account and region, whatever the version: concurrency is counted by it."""
        return self.arn

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.name}"

    @property
    def fingerprint(self) -> str:
        """Changes when a worker that runs this version would have to be another one."""
        parts = [self.arn, self.version, self.handler, self.runtime, self.role_arn, self.memory_mb, self.timeout_s]
        codes = [self.code.sha256, *(layer.sha256 for layer in self.layers)]
        text = json.dumps([parts, codes, sorted(self.environment.items())])
        return hashlib.sha256(text.encode()).hexdigest()


def split_name(name: str, qualifier: str | None = None) -> tuple[str, str | None]:
    """Function name and qualifier out of a name, ``name:qualifier``, a partial ARN (``account:function:name``) or an ARN."""
    tail = name.split(":function:", 1)[1] if ":function:" in name else name
    bare, _, inside = tail.partition(":")
    return bare, inside or qualifier or None


def scope_of(name_or_arn: str, scope: Scope) -> Scope:
    """The account and region that an ARN names; `scope` for a bare name."""
    parts = name_or_arn.split(":")
    return Scope(parts[4], parts[3]) if name_or_arn.startswith("arn:") and len(parts) > 5 else scope


def find_function(scope: Scope, name: str, qualifier: str | None = None) -> FunctionSpec:
    """The version that a qualifier (version, alias or none) means; AwsError ResourceNotFoundException."""
    from moto.awslambda.exceptions import LambdaClientError
    from moto.awslambda.models import lambda_backends

    bare, wanted = split_name(name, qualifier)
    place = scope_of(name, scope)
    try:
        function = lambda_backends[place.account][place.region].get_function(bare, wanted)
    except (LambdaClientError, KeyError):
        _refuse_unknown(place, bare, wanted)
    if function is None:
        _refuse_unknown(place, bare, wanted)
    return describe(function)


def _refuse_unknown(scope: Scope, name: str, qualifier: str | None) -> NoReturn:
    arn = f"arn:aws:lambda:{scope.region}:{scope.account}:function:{name}" + (f":{qualifier}" if qualifier else "")
    raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404)


def describe(function: LambdaFunction) -> FunctionSpec:
    """The frozen copy of a function of moto."""
    scope = Scope(function.account_id, function.region)
    reserved = function.reserved_concurrency
    return FunctionSpec(
        scope=scope,
        name=function.function_name,
        arn=f"arn:aws:lambda:{scope.region}:{scope.account}:function:{function.function_name}",
        version=str(function.version),
        handler=function.handler or "",
        runtime=function.run_time or "",
        role_arn=function.role,
        memory_mb=int(function.memory_size),
        timeout_s=int(function.timeout),
        package_type=function.package_type or "Zip",
        code=Archive(function.code_sha_256, getattr(function, "code_bytes", b"")),
        environment={name: str(value) for name, value in function.environment_vars.items()},
        layers=tuple(_find_layer(scope, layer["Arn"]) for layer in function.layers),
        reserved_concurrency=None if reserved is None else int(reserved),
        asynchronous=_async_policy(function),
    )


def _find_layer(scope: Scope, arn: str) -> Archive:
    from moto.awslambda.models import lambda_backends

    version = lambda_backends[scope.account][scope.region].layers_versions_by_arn(arn)
    if version is None:
        raise AwsError(
            "ResourceNotFoundException", f"The layer version {arn} was deleted; the function still names it.", 404
        )
    return Archive(version.code_sha_256, version.code_bytes)


def _async_policy(function: LambdaFunction) -> AsyncPolicy:
    # moto appends each Put to a list; AWS keeps the last one.
    config: dict[str, Any] = function.event_invoke_config[-1].config if function.event_invoke_config else {}
    destinations = config.get("DestinationConfig") or {}
    return AsyncPolicy(
        retries=int(config.get("MaximumRetryAttempts", DEFAULT_RETRIES)),
        max_age_s=int(config.get("MaximumEventAgeInSeconds", DEFAULT_EVENT_AGE_S)),
        on_success=(destinations.get("OnSuccess") or {}).get("Destination"),
        on_failure=(destinations.get("OnFailure") or {}).get("Destination"),
    )
