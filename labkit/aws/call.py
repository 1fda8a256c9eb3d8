"""An AWS call as data: it can be shown as a boto3 line and as an AWS CLI line before (or instead of) being made."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.aws.session import Clients


@dataclass(frozen=True)
class JsonText:
    """A document that AWS takes as JSON text, such as a policy; shown as `json.dumps(…)` rather than as an escaped string."""

    document: Mapping[str, Any]

    def __str__(self) -> str:
        return json.dumps(self.document, ensure_ascii=False)


@dataclass(frozen=True)
class FileBytes:
    """The bytes of a file that a call carries, shown by the file's name."""

    name: str
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class AwsCall:
    """One call: `service` and `operation` as boto3 spells them, `params` in AWS spelling.

    `verb` is "create", "update" or "run"; `kind` and `name` say which resource it is about. `price` names an item of
    prices.json ("" when the call is free). `reason` is the key of a text that says why the call is made (`plan.reason.…`).
    `wait` returns once the resource can be used by the next call.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    verb: str
    kind: str
    name: str
    price: str = ""
    wait: Callable[[Clients], None] | None = field(default=None, compare=False, repr=False)
    reason: str = field(default="", compare=False)

    def as_boto3(self) -> str:
        """Return the call as one line of Python that runs after `import boto3, json, pathlib`."""
        arguments = ", ".join(f"{name}={_python(value)}" for name, value in self.params.items())
        return f'boto3.client("{self.service}").{self.operation}({arguments})'

    def as_cli(self) -> str:
        """Return the call as one AWS CLI line for a POSIX shell."""
        if self.operation == "upload_file":
            return _upload_line(self.params)
        service = "s3api" if self.service == "s3" else self.service
        words = ["aws", service, self.operation.replace("_", "-")]
        for name, value in self.params.items():
            words += _option(name, value)
        return shlex.join(words)

    def resolved(self) -> dict[str, Any]:
        """Return the parameters as boto3 wants them: texts for JSON documents, bytes for files."""
        return {name: _resolve(value) for name, value in self.params.items()}


def _resolve(value: Any) -> Any:
    if isinstance(value, JsonText):
        return str(value)
    if isinstance(value, FileBytes):
        return value.body
    if isinstance(value, Mapping):
        return {key: _resolve(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_resolve(item) for item in value]
    return value


def _python(value: Any) -> str:
    if isinstance(value, JsonText):
        return f"json.dumps({dict(value.document)!r})"
    if isinstance(value, FileBytes):
        return f"pathlib.Path({value.name!r}).read_bytes()"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_python(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_python(item) for item in value) + "]"
    return repr(value)


def _option(name: str, value: Any) -> list[str]:
    from botocore import xform_name

    flag = "--" + xform_name(name, "-")
    if isinstance(value, bool):
        return [flag if value else flag.replace("--", "--no-", 1)]
    if isinstance(value, FileBytes):
        return [flag, f"fileb://{value.name}"]
    if isinstance(value, Mapping) and isinstance(value.get("ZipFile"), FileBytes):
        # `aws lambda create-function` takes the zip beside --code, because JSON cannot hold bytes.
        return ["--zip-file", f"fileb://{value['ZipFile'].name}"]
    if isinstance(value, (Mapping, list, tuple)):
        return [flag, json.dumps(_resolve(value), ensure_ascii=False)]
    return [flag, str(value)]


def _upload_line(params: Mapping[str, Any]) -> str:
    words = ["aws", "s3", "cp", str(params["Filename"]), f"s3://{params['Bucket']}/{params['Key']}"]
    metadata = params.get("ExtraArgs", {}).get("Metadata")
    return shlex.join(words + (["--metadata", json.dumps(metadata)] if metadata else []))
