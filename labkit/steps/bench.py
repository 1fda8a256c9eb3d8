"""Notebook 8's bench: the samples in S3, and a job and a function of their own that add them up and say how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from labkit.aws.call import AwsCall
from labkit.aws.iam import find_role
from labkit.aws.s3 import bucket_exists
from labkit.aws.session import Clients
from labkit.data.samples import Sample
from labkit.lab_files import find_lab_file
from labkit.names import Names, is_role_arn
from labkit.steps.function import Function, build_archive, plan_function
from labkit.steps.job import Job, plan_job
from labkit.steps.lab import Lab, Upload
from labkit.steps.log_group import plan_log_group
from labkit.steps.roles import Role, build_role_arn, plan_role
from labkit.steps.step import Step
from labkit.steps.uploads import plan_upload

NUMBER = 8
PREFIX = "evaluation/"
# Its CPU comes with its memory: at 1,769 MB a function has one whole vCPU (AWS's documentation).
FUNCTION_MB = 1769


@dataclass(frozen=True)
class Bench:
    """The names of the bench, from the lab's: apart for each student of an account, as those are."""

    job: str
    function: str
    glue_role: str
    lambda_role: str


def build_bench(names: Names) -> Bench:
    """The lab's names with an ending; a role that was given as an ARN is used here too."""
    return Bench(
        f"{names.job}-evaluation",
        f"{names.function}-evaluation",
        names.glue_role if is_role_arn(names.glue_role) else f"{names.glue_role}-evaluation",
        names.lambda_role if is_role_arn(names.lambda_role) else f"{names.lambda_role}-evaluation",
    )


def build_step(samples: Sequence[Sample]) -> Step:
    """The bench as a step, so that plan, apply and ledger work on it as on the six of the lab."""
    return Step(NUMBER, "evaluation", partial(_plan, tuple(samples)))


def build_uploads(lab: Lab, samples: Sequence[Sample]) -> list[Upload]:
    """Every file of the samples and the object it becomes."""
    bucket = lab.names.assets_bucket
    return [Upload(path, bucket, f"{PREFIX}{sample.name}/{path.name}") for sample in samples for path in sample.paths]


def build_function(lab: Lab) -> Function:
    """The function that measures: Lambda's longest time would be 900 s, a minute is enough here."""
    handler = find_lab_file("lambda/measure_sales.py")
    bench = build_bench(lab.names)
    return Function(
        name=bench.function,
        role_arn=build_role_arn(lab, bench.lambda_role),
        runtime="python3.11",
        handler="measure_sales.lambda_handler",
        timeout_s=60,
        memory_mb=FUNCTION_MB,
        environment={},
        archive_name="measure_sales.zip",
        archive=build_archive(handler),
    )


def build_job(lab: Lab) -> Job:
    """The job that measures, as small as Glue allows."""
    script, bench = _script(lab), build_bench(lab.names)
    definition = {
        "Role": build_role_arn(lab, bench.glue_role),
        "Command": {"Name": "glueetl", "ScriptLocation": script.uri, "PythonVersion": "3"},
        "GlueVersion": "5.1",
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "MaxRetries": 0,
        "Timeout": 10,
    }
    return Job(bench.job, definition)


def _script(lab: Lab) -> Upload:
    key = f"scripts/{build_bench(lab.names).job}.py"
    return Upload(find_lab_file("etl/measure_sales.py"), lab.names.assets_bucket, key)


def _plan(samples: Sequence[Sample], clients: Clients, lab: Lab) -> list[AwsCall]:
    calls: list[AwsCall] = []
    if not bucket_exists(clients.s3, lab.names.assets_bucket):
        params: dict[str, Any] = {"Bucket": lab.names.assets_bucket}
        if lab.region != "us-east-1":
            params["CreateBucketConfiguration"] = {"LocationConstraint": lab.region}
        calls.append(AwsCall("s3", "create_bucket", params, "create", "s3-bucket", lab.names.assets_bucket))
    for role in _build_roles(lab):
        if not is_role_arn(role.name):
            calls += plan_role(role, find_role(clients.iam, role.name), lab.tags)
    for upload in (_script(lab), *build_uploads(lab, samples)):
        calls += plan_upload(clients, upload)
    function = build_function(lab)
    calls += plan_job(clients, build_job(lab), lab.tags)
    return (
        calls
        + plan_log_group(clients, f"/aws/lambda/{function.name}", lab)
        + plan_function(clients, function, lab.tags)
    )


def _build_roles(lab: Lab) -> tuple[Role, ...]:
    bucket = f"arn:aws:s3:::{lab.names.assets_bucket}"
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": [f"{bucket}/{PREFIX}*", f"{bucket}/scripts/*"]}
    find = {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": bucket}
    logs = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Statement": [read, find, logs]}
    bench = build_bench(lab.names)
    return (
        Role(bench.glue_role, "glue.amazonaws.com", (), {"measure": policy}),
        Role(bench.lambda_role, "lambda.amazonaws.com", (), {"measure": policy}),
    )
