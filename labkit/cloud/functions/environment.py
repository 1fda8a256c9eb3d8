"""The environment variables of a function, as AWS sets them."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from labkit.cloud.functions.configuration import FunctionSpec
from labkit.cloud.functions.packages import Package


def build_log_stream(spec: FunctionSpec, now: datetime) -> str:
    """A new worker's log stream, ``YYYY/MM/DD/[$LATEST]<32 hex>``; in a group of several functions it names the function."""
    own = spec.log_group == f"/aws/lambda/{spec.name}"
    return f"{now:%Y/%m/%d}/{'' if own else spec.name}[{spec.version}]{secrets.token_hex(16)}"


def build_environment(
    spec: FunctionSpec, package: Package, role_env: Mapping[str, str], log_stream: str, tmp: Path
) -> dict[str, str]:
    """All variables of a worker: the role's, AWS's reserved ones, then the function's own, which cannot replace reserved ones."""
    reserved = {
        "_HANDLER": spec.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "LAMBDA_TASK_ROOT": str(package.task),
        "LAMBDA_RUNTIME_DIR": sys.prefix,
        "AWS_REGION": spec.scope.region,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129:2000",
    }
    if spec.logging.is_json:
        reserved |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": spec.logging.application_level}
    place = {
        "HOME": str(tmp),
        "TMPDIR": str(tmp),
        "TEMP": str(tmp),
        "TMP": str(tmp),
        "TZ": ":UTC",
        "LANG": "en_US.UTF-8",
    }
    programs = {"PATH": os.pathsep.join((str(package.opt / "bin"), role_env.get("PATH", "")))} if package.opt else {}
    # PYTHONPATH is for what the handler starts with sys.executable: it must find the function's own modules too.
    return {**role_env, **place, **programs, "PYTHONPATH": str(package.task), **spec.environment, **reserved}
