"""Step 5: the Lambda function that starts the job."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from labkit.aws.call import AwsCall, FileBytes
from labkit.aws.functions import FunctionState, find_function, wait_function
from labkit.aws.session import Clients
from labkit.steps.lab import Lab
from labkit.steps.log_group import plan_log_group
from labkit.steps.roles import build_role_arn


@dataclass(frozen=True)
class Function:
    """A Lambda function: `timeout_s` seconds, `memory_mb` MiB; `archive` is the zip that it runs."""

    name: str
    role_arn: str
    runtime: str
    handler: str
    timeout_s: int
    memory_mb: int
    environment: Mapping[str, str]
    archive_name: str
    archive: bytes = field(repr=False)

    @property
    def code_sha256(self) -> str:
        return base64.b64encode(hashlib.sha256(self.archive).digest()).decode("ascii")

    @property
    def configuration(self) -> dict[str, Any]:
        return {
            "FunctionName": self.name,
            "Role": self.role_arn,
            "Runtime": self.runtime,
            "Handler": self.handler,
            "Timeout": self.timeout_s,
            "MemorySize": self.memory_mb,
            "Environment": {"Variables": dict(self.environment)},
        }


def build_wanted(lab: Lab) -> Function:
    """The function of the lab: its smallest memory, half a minute for one API call."""
    return Function(
        name=lab.names.function,
        role_arn=build_role_arn(lab, lab.names.lambda_role),
        runtime="python3.11",
        handler=f"{lab.handler.stem}.lambda_handler",
        timeout_s=30,
        memory_mb=128,
        environment={"GLUE_JOB_NAME": lab.names.job},
        archive_name=f"{lab.handler.stem}.zip",
        archive=build_archive(lab.handler),
    )


def build_archive(handler: Path) -> bytes:
    """Zip one file, byte for byte the same each time: its own date would make the same code look changed."""
    entry = zipfile.ZipInfo(handler.name, date_time=(2026, 1, 1, 0, 0, 0))
    entry.external_attr = 0o644 << 16  # Lambda refuses a file that others may not read
    entry.create_system = 3  # Unix, whatever the laptop runs
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, handler.read_bytes())
    return buffer.getvalue()


def plan(clients: Clients, lab: Lab) -> list[AwsCall]:
    """The function's log group where logs must not stay for ever, and the function or what brings it up to date."""
    wanted = build_wanted(lab)
    return plan_log_group(clients, f"/aws/lambda/{wanted.name}", lab) + plan_function(clients, wanted, lab.tags)


def plan_function(clients: Clients, wanted: Function, tags: Mapping[str, str] | None = None) -> list[AwsCall]:
    """The call that makes any function, or those that bring its code and configuration up to date."""
    found = find_function(clients.lambda_, wanted.name)
    wait = partial(_wait, wanted.name)
    code = FileBytes(wanted.archive_name, wanted.archive)
    if found is None:
        params = {**wanted.configuration, "Code": {"ZipFile": code}, **({"Tags": dict(tags)} if tags else {})}
        return [_build_call("create_function", params, wanted.name, wait)]
    calls: list[AwsCall] = []
    if found.code_sha256 != wanted.code_sha256:
        params = {"FunctionName": wanted.name, "ZipFile": code}
        calls.append(_build_call("update_function_code", params, wanted.name, wait))
    if not _same_configuration(wanted, found):
        calls.append(_build_call("update_function_configuration", wanted.configuration, wanted.name, wait))
    return calls


def _build_call(operation: str, params: dict[str, Any], name: str, wait: Callable[[Clients], None]) -> AwsCall:
    verb = operation.partition("_")[0]
    reason = "plan.reason.missing" if verb == "create" else "plan.reason.differs"
    return AwsCall("lambda", operation, params, verb, "lambda-function", name, wait=wait, reason=reason)


def _same_configuration(wanted: Function, found: FunctionState) -> bool:
    return (wanted.role_arn, wanted.runtime, wanted.handler, wanted.timeout_s, wanted.memory_mb) == (
        found.role,
        found.runtime,
        found.handler,
        found.timeout_s,
        found.memory_mb,
    ) and dict(wanted.environment) == found.environment


def _wait(name: str, clients: Clients) -> None:
    wait_function(clients.lambda_, name)
