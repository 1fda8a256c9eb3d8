"""What a function is at the moment it is invoked: a frozen copy of the configuration that moto keeps."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.kept import Archive, kept_function, kept_version

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

    from labkit.cloud.functions.api.names import FunctionName

DEFAULT_RETRIES = 2
DEFAULT_EVENT_AGE_S = 21600


@dataclass(frozen=True)
class AsyncPolicy:
    """How asynchronous invocations of a function end: retries after the first attempt, age in seconds, destination ARNs."""

    retries: int = DEFAULT_RETRIES
    max_age_s: int = DEFAULT_EVENT_AGE_S
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(frozen=True)
class LogSettings:
    """LoggingConfig; `group` None is the function's own, the levels count for JSON only."""

    format: str = "Text"
    group: str | None = None
    application_level: str = "INFO"
    system_level: str = "INFO"

    @property
    def is_json(self) -> bool:
        """Whether lines are JSON documents."""
        return self.format == "JSON"


@dataclass(frozen=True)
class FunctionSpec:
    """One version of one function. `arn` carries no qualifier; `memory_mb` and `storage_mb` in MB; `timeout_s` in seconds."""

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
    storage_mb: int = 512
    architecture: str = "x86_64"
    logging: LogSettings = LogSettings()
    traced: bool = False
    may_loop: bool = False
    dead_letter: str | None = None
    reserved_concurrency: int | None = None
    asynchronous: AsyncPolicy = AsyncPolicy()
    configured: str = ""

    @property
    def key(self) -> str:
        """Names the function in its account and region, whatever the version: concurrency is counted by it."""
        return self.arn

    @property
    def log_group(self) -> str:
        return self.logging.group or f"/aws/lambda/{self.name}"

    @property
    def fingerprint(self) -> str:
        """Changes when a worker that runs this version would have to be another one."""
        parts = [self.arn, self.version, self.handler, self.runtime, self.role_arn, self.memory_mb, self.timeout_s]
        settings = [self.storage_mb, self.logging.format, self.log_group, self.logging.application_level, self.traced]
        settings.append(self.configured)
        codes = [self.code.sha256, *(layer.sha256 for layer in self.layers)]
        text = json.dumps([parts, settings, codes, sorted(self.environment.items())])
        return hashlib.sha256(text.encode()).hexdigest()


def split_name(name: str, qualifier: str | None = None) -> tuple[str, str | None]:
    """Function name and qualifier out of a name, ``name:qualifier``, a partial ARN (``account:function:name``) or an ARN."""
    tail = name.rpartition("function:")[2] if "function:" in name else name
    bare, _, inside = tail.partition(":")
    return bare, inside or qualifier or None


def scope_of(name_or_arn: str, scope: Scope) -> Scope:
    """The account and region that an ARN names; `scope` for a bare name."""
    parts = name_or_arn.split(":")
    return Scope(parts[4], parts[3]) if name_or_arn.startswith("arn:") and len(parts) > 5 else scope


def find_function(scope: Scope, name: str, qualifier: str | None = None) -> FunctionSpec:
    """The version that a qualifier (version, alias or none) means; AwsError ResourceNotFoundException.

    An alias with two versions means either of them, by their shares.
    """
    from labkit.cloud.functions.api import store
    from labkit.cloud.functions.api.names import FunctionName

    bare, wanted = split_name(name, qualifier)
    asked = FunctionName(scope_of(name, scope), bare, wanted)
    function = store.get_version(asked)
    chosen = _second_version(asked)
    if chosen is not None:
        function = store.get_version(replace(asked, qualifier=chosen))
    return describe(function, asked)


def _second_version(asked: FunctionName) -> str | None:
    """The additional version of an alias, as often as its share says."""
    from labkit.cloud.functions.api import store

    alias = store.get_aliases(asked).get(str(asked.qualifier)) if asked.qualifier else None
    for version, share in store.weights(alias).items() if alias else ():
        if random.random() < share:  # noqa: S311 - a share of traffic, not a secret
            return version
    return None


def describe(function: LambdaFunction, asked: FunctionName) -> FunctionSpec:
    """The frozen copy of a function of moto, as it was asked for."""
    from labkit.cloud.functions.api import store
    from labkit.cloud.functions.api.shapes import logging_config

    latest, kept = store.get_latest(asked), kept_version(function)
    config, reserved = logging_config(function), latest.reserved_concurrency
    return FunctionSpec(
        scope=asked.scope,
        name=asked.name,
        arn=asked.arn,
        version=str(function.version),
        handler=function.handler or "",
        runtime=function.run_time or "",
        role_arn=function.role,
        memory_mb=int(function.memory_size),
        timeout_s=int(function.timeout),
        package_type=function.package_type or "Zip",
        code=Archive(function.code_sha_256, getattr(function, "code_bytes", b"")),
        environment={name: str(value) for name, value in function.environment_vars.items()},
        layers=_layers(function),
        storage_mb=int(function.ephemeral_storage),
        architecture=function.architectures[0],
        logging=LogSettings(
            config["LogFormat"],
            config["LogGroup"],
            config.get("ApplicationLogLevel", "INFO"),
            config.get("SystemLogLevel", "INFO"),
        ),
        traced=function.tracing_config.get("Mode") == "Active",
        may_loop=kept_function(latest).recursive_loop == "Allow",
        dead_letter=kept.dead_letter,
        reserved_concurrency=None if reserved is None else int(reserved),
        asynchronous=_async_policy(latest, asked.qualifier),
        configured=kept.configured,
    )


def _layers(function: LambdaFunction) -> tuple[Archive, ...]:
    """The archives that were taken when the layers were set: a layer that is deleted later runs on, as on AWS."""
    kept = kept_version(function).layers
    if kept is not None:
        return kept
    return tuple(_find_layer(Scope(function.account_id, function.region), layer["Arn"]) for layer in function.layers)


def _find_layer(scope: Scope, arn: str) -> Archive:
    from labkit.cloud.functions.api.store import layer_version

    version = layer_version(scope, arn)
    if version is None:
        cause = f"The layer version {arn} was deleted; the function still names it."
        raise AwsError("ResourceNotFoundException", cause, 404)
    return Archive(version.code_sha_256, version.code_bytes)


def _async_policy(latest: LambdaFunction, qualifier: str | None) -> AsyncPolicy:
    config: Mapping[str, Any] = kept_function(latest).event_invoke.get(qualifier or "$LATEST", {})
    destinations = config.get("DestinationConfig") or {}
    return AsyncPolicy(
        retries=int(config.get("MaximumRetryAttempts", DEFAULT_RETRIES)),
        max_age_s=int(config.get("MaximumEventAgeInSeconds", DEFAULT_EVENT_AGE_S)),
        on_success=(destinations.get("OnSuccess") or {}).get("Destination") or None,
        on_failure=(destinations.get("OnFailure") or {}).get("Destination") or None,
    )
