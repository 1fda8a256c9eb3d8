"""Functions of Lambda in stacks (docs.aws.amazon.com/AWSCloudFormation, AWS::Lambda::Function): every property goes to the call,
so that the engine refuses what it does not carry out.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.stacks.resource import Ask, Made, Properties, Resource, retag, tag_map

_NUMBERS = ("Timeout", "MemorySize", "ReservedConcurrentExecutions")
_CODE = ("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri")
_OWN = frozenset({"Code", "FunctionName", "ReservedConcurrentExecutions", "Tags"})
# What CreateFunction takes and UpdateFunctionConfiguration does not.
_FIXED = frozenset({"Architectures", "PackageType", "CodeSigningConfigArn", "Publish"})
# What a change takes away: UpdateFunctionConfiguration leaves alone what it is not told of, so its defaults are named.
_DEFAULTS: Mapping[str, Any] = {
    "Description": "", "Timeout": 3, "MemorySize": 128, "Environment": {"Variables": {}}, "Layers": [],
    "DeadLetterConfig": {"TargetArn": ""}, "TracingConfig": {"Mode": "PassThrough"}, "EphemeralStorage": {"Size": 512},
}  # fmt: skip


class Function(Resource):
    """AWS::Lambda::Function; `Ref` is its name, its attribute is Arn."""

    type = "AWS::Lambda::Function"
    name_property = "FunctionName"
    replaced_by = frozenset({"PackageType"})
    has = frozenset({"Arn"})

    @classmethod
    def _read(cls, template: Properties) -> dict[str, Any]:
        return _plain(template.get("Properties") or {})

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        params = {key: value for key, value in properties.items() if key not in _OWN}
        code, tags = _code(properties.get("Code") or {}), tag_map(properties.get("Tags"))
        made = ask("lambda", "create_function", FunctionName=name, Code=code, Tags=tags, **params)
        try:
            cls._reserve(ask, name, properties)
        except Exception:
            cls.remove(ask, scope, name, properties)
            raise
        return Made(name, {"Arn": made["FunctionArn"]})

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        old = {key: value for key, value in before.items() if key not in _OWN | _FIXED}
        new = {key: value for key, value in after.items() if key not in _OWN | _FIXED}
        if old != new:
            dropped = {key: _DEFAULTS[key] for key in old if key not in new and key in _DEFAULTS}
            ask("lambda", "update_function_configuration", FunctionName=name, **dropped, **new)
        if before.get("Code") != after.get("Code") or before.get("Architectures") != after.get("Architectures"):
            places = after.get("Architectures")
            ask("lambda", "update_function_code", FunctionName=name, Architectures=places, **_code(after["Code"]))
        if "ReservedConcurrentExecutions" in before and "ReservedConcurrentExecutions" not in after:
            ask("lambda", "delete_function_concurrency", FunctionName=name)
        else:
            cls._reserve(ask, name, after)
        arn = f"arn:aws:lambda:{scope.region}:{scope.account}:function:{name}"
        retag(
            before,
            after,
            lambda tags: ask("lambda", "tag_resource", Resource=arn, Tags=tags),
            lambda names: ask("lambda", "untag_resource", Resource=arn, TagKeys=names),
        )

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        ask("lambda", "delete_function", FunctionName=name)

    @classmethod
    def _reserve(cls, ask: Ask, name: str, properties: Properties) -> None:
        reserved = properties.get("ReservedConcurrentExecutions")
        if reserved is not None:
            ask("lambda", "put_function_concurrency", FunctionName=name, ReservedConcurrentExecutions=reserved)


def _plain(properties: Properties) -> dict[str, Any]:
    params = dict(properties)
    for name in _NUMBERS:
        if name in params:
            params[name] = int(params[name])
    if "EphemeralStorage" in params:
        params["EphemeralStorage"] = {"Size": int(params["EphemeralStorage"]["Size"])}
    variables = (params.get("Environment") or {}).get("Variables")
    if variables:
        params["Environment"] = {"Variables": {name: str(value) for name, value in variables.items()}}
    return params


def _code(code: Mapping[str, Any]) -> dict[str, Any]:
    """Text in a template is the file index.py (AWS::Lambda::Function Code)."""
    found = {name: code[name] for name in _CODE if name in code}
    if "ZipFile" in found:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("index.py", found["ZipFile"])
        found["ZipFile"] = buffer.getvalue()
    return found
