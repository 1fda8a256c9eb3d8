"""The settings of a function that a request brings: what AWS refuses of them, and how moto's object takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.request import not_here, refuse
from labkit.cloud.functions.kept import Archive
from labkit.cloud.functions.runtimes import check_runtime

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

    from labkit.cloud.services import Services

_MAX_MEMORY_MB = 10240
_MAX_ENVIRONMENT_BYTES = 4096
_MAX_LAYERS = 5
_NO_ROLE = "The role defined for the function cannot be assumed by Lambda."
# docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Reserved environment variables".
RESERVED = frozenset(
    {"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"}
    | {"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"}
    | {"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"}
    | {"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    | {"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}
)
_RETIRED = frozenset({"python2.7", "python3.6", "python3.7"})
# Settings that would be kept and never carried out; the value that asks for nothing is let through.
_REFUSED = {
    "FileSystemConfigs": "EFS and S3 file systems (FileSystemConfigs)",
    "CodeSigningConfigArn": "code signing (CodeSigningConfigArn)",
    "ImageConfig": "container images (ImageConfig)",
    "TenancyConfig": "tenant isolation (TenancyConfig)",
    "CapacityProviderConfig": "managed instances (CapacityProviderConfig)",
    "DurableConfig": "durable functions (DurableConfig)",
    "RuntimeConfig": "RuntimeConfig",
    "AcceleratorConfig": "AcceleratorConfig",
    "PublishTo": "PublishTo",
}


@dataclass(frozen=True)
class Checker:
    """Checks settings against the account's roles, layers and queues."""

    services: Services
    scope: Scope

    def check(self, params: Mapping[str, Any]) -> None:
        """AwsError for the first thing that AWS or this cloud refuses."""
        _refuse_unsupported(params)
        if params.get("MemorySize", 0) > _MAX_MEMORY_MB:
            raise refuse(
                f"'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to {_MAX_MEMORY_MB}"
            )
        _check_environment((params.get("Environment") or {}).get("Variables") or {})
        if params.get("Runtime"):
            _check_runtime(params["Runtime"])
        if params.get("Role"):
            self._check_role(params["Role"])
        _check_logging(params.get("LoggingConfig") or {})
        self._check_dead_letter((params.get("DeadLetterConfig") or {}).get("TargetArn"), params.get("Role"))

    def read_layers(self, arns: Sequence[str]) -> tuple[list[Any], tuple[Archive, ...]]:
        """moto's entries for layer versions, and their archives; AwsError when one is unknown or there are too many."""
        if len(arns) > _MAX_LAYERS:
            raise refuse(f"Cannot reference more than {_MAX_LAYERS} layers.")
        seen: dict[str, str] = {}
        found = []
        for arn in arns:
            name, _, _ = arn.rpartition(":")
            if name in seen:
                cause = (
                    "Two different versions of the same layer are not allowed to be referenced in the same function. "
                )
                raise refuse(f"{cause}{seen[name]} and {arn}")
            seen[name] = arn
            if arn.split(":")[3] != self.scope.region:
                cause = f"Layers are expected to be in region {self.scope.region}."
                raise refuse(f"Layers are not in the same region as the function. {cause}")
            layer = store.layer_version(self.scope, arn)
            if layer is None:
                raise refuse(f"Layer version {arn} does not exist.")
            found.append(layer)
        entries = [{"Arn": layer.arn, "CodeSize": layer.code_size} for layer in found]
        return entries, tuple(Archive(layer.code_sha_256, layer.code_bytes) for layer in found)

    def _check_role(self, role: str) -> None:
        if role.split(":")[4] != self.scope.account:
            raise AwsError("AccessDeniedException", "Cross-account pass role is not allowed.", 403)
        try:
            trusted = self.services.role_trusts(role, "lambda.amazonaws.com", self.scope)
        except AwsError:
            trusted = False
        if not trusted:
            raise refuse(_NO_ROLE)

    def _check_dead_letter(self, target: str | None, role: str | None) -> None:
        if not target:
            return
        service = target.split(":")[2] if target.count(":") > 2 else ""
        action, words = {
            "sqs": ("sqs:SendMessage", "SendMessage on SQS"),
            "sns": ("sns:Publish", "Publish on SNS"),
        }.get(service, ("", ""))
        if not action:
            raise refuse(f"The dead-letter target {target} is not an Amazon SQS queue or an Amazon SNS topic.")
        if role and not may(self.services, role, action, target, self.scope):
            raise refuse(f"The provided execution role does not have permissions to call {words}")


def may(services: Services, role: str, action: str, resource: str, scope: Scope) -> bool:
    """Whether a function's role may do something."""
    return services.role_guard(role, "awslambda", scope).may(action, resource)


def take_settings(function: LambdaFunction, params: Mapping[str, Any]) -> None:
    """Set on moto's object what a checked request brings; layers, logging and the dead-letter target are kept elsewhere."""
    simple = {"Role": "role", "Handler": "handler", "Description": "description", "Timeout": "timeout"}
    more = {"MemorySize": "memory_size", "Runtime": "run_time", "KMSKeyArn": "kms_key_arn"}
    for name, attribute in {**simple, **more}.items():
        if name in params:
            setattr(function, attribute, params[name])
    if "Environment" in params:
        function.environment_vars = dict(params["Environment"].get("Variables") or {})
    if "TracingConfig" in params:
        function.tracing_config = {"Mode": params["TracingConfig"].get("Mode") or "PassThrough"}
    if "EphemeralStorage" in params:
        function.ephemeral_storage = params["EphemeralStorage"]["Size"]


def _refuse_unsupported(params: Mapping[str, Any]) -> None:
    for name, feature in _REFUSED.items():
        if params.get(name):
            raise not_here(feature)
    network = params.get("VpcConfig") or {}
    if network.get("SubnetIds") or network.get("SecurityGroupIds"):
        raise not_here("VPC networking of functions (VpcConfig)")
    if (params.get("SnapStart") or {}).get("ApplyOn") == "PublishedVersions":
        raise not_here("SnapStart (ApplyOn PublishedVersions)")


def _check_runtime(runtime: str) -> None:
    known = _known_runtimes()
    if runtime not in known:
        told = f"Member must satisfy enum value set: [{', '.join(known)}] or be a valid ARN"
        raise refuse(f"Value {runtime} at 'runtime' failed to satisfy constraint: {told}")
    if runtime in _RETIRED:
        cause = "is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime"
        raise refuse(f"The runtime parameter of {runtime} {cause} while creating or updating functions.")
    try:
        check_runtime(runtime)
    except AwsError as error:
        raise refuse(error.message) from None


def _known_runtimes() -> list[str]:
    from labkit.cloud.functions.api.model import operations

    shape = next(one for one in operations() if one.name == "CreateFunction").shape
    return list(shape.members["Runtime"].enum)


def _check_environment(variables: Mapping[str, str]) -> None:
    cause = (
        "Lambda was unable to configure your environment variables because the environment variables you have provided"
    )
    reserved = [name for name in variables if name in RESERVED]
    if reserved:
        told = "contains reserved keys that are currently not supported for modification. Reserved keys used in this request:"
        raise refuse(f"{cause} {told} {', '.join(reserved)}")
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if variables and len(measured.encode()) > _MAX_ENVIRONMENT_BYTES:
        raise refuse(f"{cause} exceeded the 4KB limit. String measured: {measured}")


def _check_logging(config: Mapping[str, str]) -> None:
    levels = [name for name in ("ApplicationLogLevel", "SystemLogLevel") if config.get(name)]
    if levels and config.get("LogFormat") == "Text":
        raise refuse(
            f"Log level is not supported when LogFormat is set to Text. Remove {' and '.join(levels)}, or set LogFormat to JSON."
        )
