"""`AWS::Lambda::Function` of CloudFormation: made and changed by the same calls, so that nothing of a template is left out in silence."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import Scope
from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.constraints import check_parameters
from labkit.cloud.functions.api.model import operations
from labkit.cloud.functions.api.names import FunctionName
from labkit.cloud.functions.api.request import Request

if TYPE_CHECKING:
    from labkit.cloud.functions.api.control import ControlPlane

# Templates write numbers and truth values as text too.
_NUMBERS = ("Timeout", "MemorySize", "ReservedConcurrentExecutions")
_OF_THE_CODE = ("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri")


class FunctionStacks:
    """Stands in for moto's making of functions from templates; AwsError ends the call of CloudFormation that asked for it."""

    def __init__(self, control: ControlPlane, changed: Callable[[str, str, str], None]) -> None:
        self._control = control
        self._changed = changed

    def create(self, name: str, properties: Mapping[str, Any], scope: Scope) -> Any:
        """The new function, as moto keeps it."""
        params = _parameters(properties)
        reserved = params.pop("ReservedConcurrentExecutions", None)
        self._call("CreateFunction", {**params, "FunctionName": name, "Code": _code(properties["Code"])}, scope)
        self._reserve(name, reserved, scope)
        return store.get_latest(FunctionName(scope, name))

    def update(self, name: str, properties: Mapping[str, Any], scope: Scope) -> Any:
        """The changed function."""
        params = _parameters(properties)
        reserved = params.pop("ReservedConcurrentExecutions", None)
        for member in ("Tags", "Architectures", "PackageType", "CodeSigningConfigArn"):
            params.pop(member, None)
        self._call("UpdateFunctionConfiguration", {**params, "FunctionName": name}, scope)
        self._call("UpdateFunctionCode", {**_code(properties["Code"]), "FunctionName": name}, scope)
        self._reserve(name, reserved, scope)
        return store.get_latest(FunctionName(scope, name))

    def _reserve(self, name: str, reserved: int | None, scope: Scope) -> None:
        if reserved is not None:
            params = {"FunctionName": name, "ReservedConcurrentExecutions": reserved}
            self._call("PutFunctionConcurrency", params, scope)

    def _call(self, action: str, params: dict[str, Any], scope: Scope) -> None:
        shape = next(one for one in operations() if one.name == action).shape
        check_parameters(shape, params)
        self._control.call(Request(action, params, scope))
        self._changed("lambda", scope.account, scope.region)


def _parameters(properties: Mapping[str, Any]) -> dict[str, Any]:
    params = {name: value for name, value in properties.items() if name not in ("Code", "FunctionName")}
    for name in _NUMBERS:
        if name in params:
            params[name] = int(params[name])
    if "EphemeralStorage" in params:
        params["EphemeralStorage"] = {"Size": int(params["EphemeralStorage"]["Size"])}
    variables = (params.get("Environment") or {}).get("Variables")
    if variables:
        params["Environment"] = {"Variables": {name: str(value) for name, value in variables.items()}}
    if isinstance(params.get("Tags"), list):
        params["Tags"] = {tag["Key"]: str(tag["Value"]) for tag in params["Tags"]}
    return params


def _code(code: Mapping[str, Any]) -> dict[str, Any]:
    """Text in a template is the file index.py (docs.aws.amazon.com/AWSCloudFormation, AWS::Lambda::Function Code)."""
    found = {name: code[name] for name in _OF_THE_CODE if name in code}
    if "ZipFile" in found:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("index.py", found["ZipFile"])
        found["ZipFile"] = base64.b64encode(buffer.getvalue()).decode("ascii")
    return found
