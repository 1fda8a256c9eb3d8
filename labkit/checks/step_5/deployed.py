"""The student's function as it is deployed: its code, its configuration, and what its role may do."""

from __future__ import annotations

import io
import urllib.request
import zipfile
from dataclasses import dataclass
from typing import Any

from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.permissions import ALLOWED, Question, ask_about_principal
from labkit.checks.step_5.sandbox import Code

_LARGEST_BYTES = 20_000_000


@dataclass(frozen=True)
class Deployed:
    """A function in Lambda; `code` is its zip with what it needs to run."""

    name: str
    role_arn: str
    runtime: str
    job: str
    code: Code


def get_deployed(context: Context, name: str) -> Deployed:
    """Read the function and download its zip. NotAttempted when there is no such function."""
    from botocore.exceptions import ClientError

    try:
        found: Any = context.clients.lambda_.get_function(FunctionName=name)
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            raise NotAttempted("task_5.no_deployed", function=name) from error
        raise
    setup = found["Configuration"]
    variables = dict(setup.get("Environment", {}).get("Variables", {}))
    code = Code(
        _download(found["Code"]["Location"]), setup.get("Handler", ""), variables, float(setup.get("Timeout", 3))
    )
    return Deployed(name, setup["Role"], setup.get("Runtime", ""), variables.get("GLUE_JOB_NAME", ""), code)


def _download(url: str) -> bytes:
    # A presigned URL of S3, or the local cloud's; a school's proxy cannot reach the latter.
    proxies: dict[str, str] | None = {} if url.startswith("http://127.0.0.1") else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    with opener.open(url, timeout=30) as reply:
        return bytes(reply.read(_LARGEST_BYTES))


def judge_setup(context: Context, deployed: Deployed, job: str) -> list[Finding]:
    """Whether the zip holds the handler, the environment names the job, and the role may start it."""
    facts = {"function": deployed.name, "handler": deployed.code.handler, "job": job}
    module, _, function = deployed.code.handler.rpartition(".")
    with zipfile.ZipFile(io.BytesIO(deployed.code.archive)) as archive:
        names = archive.namelist()
    path = module.replace(".", "/")
    if not function or not {f"{path}.py", f"{path}/__init__.py"} & set(names):
        shown = ", ".join(names[:5])
        inside = any(name.endswith(f"/{path}.py") for name in names)
        why = "task_5.misconception.zip_folder" if inside else ""
        return [Finding(False, "task_5.zip_without_handler", {**facts, "names": shown}, why)]
    return [_judge_job(deployed, job), _judge_role(context, deployed, job)]


def _judge_job(deployed: Deployed, job: str) -> Finding:
    facts = {"function": deployed.name, "given": deployed.job or "—", "job": job}
    return Finding(deployed.job == job, "task_5.job_named" if deployed.job == job else "task_5.job_not_named", facts)


def _judge_role(context: Context, deployed: Deployed, job: str) -> Finding:
    arn = f"arn:aws:glue:{context.region}:{context.account}:job/{job}"
    decision = ask_about_principal(context.clients.iam, deployed.role_arn, [Question("glue:StartJobRun", arn)])[0]
    facts = {"role": deployed.role_arn.rsplit("/", 1)[-1], "action": "glue:StartJobRun", "resource": arn}
    may = decision == ALLOWED
    return Finding(may, "task_5.role_may" if may else "task_5.role_may_not", facts)
