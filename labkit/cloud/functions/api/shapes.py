"""Functions and aliases as Lambda's replies show them."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.names import LATEST, FunctionName
from labkit.cloud.functions.kept import kept_version

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaAlias, LambdaFunction

_CREATING = "The function is being created."
# Left out of lists: they describe the moment.
_MOMENT = ("State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason")
_MOMENT_TOO = ("LastUpdateStatusReasonCode", "RuntimeVersionConfig")


def lambda_time(when: datetime) -> str:
    """Lambda's form of a time: 2026-11-29T10:00:00.123+0000."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}+0000"


def name_of(function: LambdaFunction) -> FunctionName:
    """The name of a version, with its number as the qualifier."""
    from labkit.cloud.call import Scope

    scope = Scope(function.account_id, function.region)
    return FunctionName(scope, function.function_name, str(function.version))


def configuration(function: LambdaFunction, qualifier: str | None = None) -> dict[str, Any]:
    """A FunctionConfiguration; the ARN carries the qualifier that was asked for."""
    name, kept = name_of(function), kept_version(function)
    document: dict[str, Any] = {
        "FunctionName": name.name,
        "FunctionArn": f"{name.arn}:{qualifier}" if qualifier else name.arn,
        "Runtime": function.run_time,
        "Role": function.role,
        "Handler": function.handler,
        "CodeSize": function.code_size,
        "Description": function.description or "",
        "Timeout": int(function.timeout),
        "MemorySize": int(function.memory_size),
        "LastModified": function.last_modified,
        "CodeSha256": function.code_sha_256,
        "Version": str(function.version),
        "TracingConfig": function.tracing_config,
        "RevisionId": kept.revision_id,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": function.package_type or "Zip",
        "Architectures": function.architectures,
        "EphemeralStorage": {"Size": int(function.ephemeral_storage)},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "RuntimeVersionConfig": {"RuntimeVersionArn": runtime_version(function)},
        "LoggingConfig": logging_config(function),
    }
    if function.environment_vars:
        document["Environment"] = {"Variables": function.environment_vars}
    if function.layers:
        document["Layers"] = [{"Arn": layer["Arn"], "CodeSize": layer["CodeSize"]} for layer in function.layers]
    if kept.dead_letter:
        document["DeadLetterConfig"] = {"TargetArn": kept.dead_letter}
    if function.kms_key_arn:
        document["KMSKeyArn"] = function.kms_key_arn
    return document


def created(document: dict[str, Any]) -> dict[str, Any]:
    """The same as CreateFunction and PublishVersion answer it, before the function is ready."""
    document = {name: value for name, value in document.items() if name != "LastUpdateStatus"}
    return {**document, "State": "Pending", "StateReason": _CREATING, "StateReasonCode": "Creating"}


def updated(document: dict[str, Any]) -> dict[str, Any]:
    """The same as the Update calls answer it."""
    told = {"LastUpdateStatusReason": _CREATING, "LastUpdateStatusReasonCode": "Creating"}
    return {**document, "LastUpdateStatus": "InProgress", **told}


def listed(document: dict[str, Any]) -> dict[str, Any]:
    """The same as lists show it."""
    return {name: value for name, value in document.items() if name not in (*_MOMENT, *_MOMENT_TOO)}


def logging_config(function: LambdaFunction) -> dict[str, str]:
    """LoggingConfig with its defaults; JSON has levels, Text has none."""
    kept = kept_version(function).logging
    found = {"LogFormat": kept.get("LogFormat", "Text")}
    if found["LogFormat"] == "JSON":
        found["ApplicationLogLevel"] = kept.get("ApplicationLogLevel", "INFO")
        found["SystemLogLevel"] = kept.get("SystemLogLevel", "INFO")
    return {**found, "LogGroup": kept.get("LogGroup", f"/aws/lambda/{function.function_name}")}


def runtime_version(function: LambdaFunction) -> str:
    """An ARN of AWS's form for the runtime that runs here; it names nothing on AWS."""
    mark = hashlib.sha256(f"labkit {function.run_time}".encode()).hexdigest()
    return f"arn:aws:lambda:{function.region}::runtime:{mark}"


def alias_configuration(name: FunctionName, alias: LambdaAlias) -> dict[str, Any]:
    """An AliasConfiguration."""
    document: dict[str, Any] = {
        "AliasArn": f"{name.arn}:{alias.name}",
        "Name": alias.name,
        "FunctionVersion": alias.function_version,
        "Description": alias.description or "",
        "RevisionId": alias.revision_id,
    }
    if store.weights(alias):
        document["RoutingConfig"] = {"AdditionalVersionWeights": dict(store.weights(alias))}
    return document


def fingerprint(function: LambdaFunction) -> str:
    """Changes with what PublishVersion looks at: the code and the configuration."""
    shown = configuration(function)
    for name in ("FunctionArn", "Version", "RevisionId", "LastModified"):
        shown.pop(name)
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def qualifier_shown(name: FunctionName, function: LambdaFunction) -> str | None:
    """The qualifier of the ARN in a reply to a call for `name`."""
    return name.qualifier or (None if str(function.version) == LATEST else str(function.version))
