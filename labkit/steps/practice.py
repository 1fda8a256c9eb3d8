"""What the exercises about functions work with: a cheap job to start, and a role of its own, so that the lab's own stay untouched.

The job is a Python shell job that prints its arguments and sleeps: on AWS a run costs a minute of 1/16 DPU.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.aws.call import AwsCall, FileBytes, JsonText
from labkit.aws.iam import find_role
from labkit.aws.s3 import list_objects
from labkit.aws.session import Clients, error_code
from labkit.names import Names, is_role_arn
from labkit.steps.function import Function, build_archive
from labkit.steps.job import Job, plan_job
from labkit.steps.lab import Lab
from labkit.steps.roles import build_role_arn
from labkit.steps.tags import as_list

_FOLDER = "practice/"
_SCRIPT = b"""\
import sys
import time

arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
print(arguments)
time.sleep(float(arguments.get("--seconds", "0")))
"""


@dataclass(frozen=True)
class Practice:
    """Names and places of the exercises; `marker_prefix` and `loop_prefix` are where their functions may write.

    `job` has one run at a time, as the lab's job has; `parallel_job` five, so that nothing depends on who was first.
    Every function of the exercises has the lab's function's name with an ending of its own.
    """

    role: str
    job: str
    parallel_job: str
    script_bucket: str
    script_key: str
    marker_bucket: str
    marker_prefix: str
    loop_bucket: str
    loop_prefix: str
    inbox_prefix: str
    seed_function: str
    function: str
    once_function: str
    echo_function: str
    deaf_function: str
    loop_function: str


def build_practice(names: Names) -> Practice:
    """The exercises' names, from the lab's."""
    return Practice(
        role=names.lambda_role if is_role_arn(names.lambda_role) else f"{names.lambda_role}-practice",
        job=f"{names.job}-practice",
        parallel_job=f"{names.job}-parallel",
        script_bucket=names.assets_bucket,
        script_key=f"{_FOLDER}wait.py",
        marker_bucket=names.assets_bucket,
        marker_prefix=f"{_FOLDER}markers/",
        loop_bucket=names.raw_bucket,
        loop_prefix=f"{_FOLDER}loop/",
        inbox_prefix=f"{_FOLDER}inbox/",
        seed_function=f"{names.function}-seed",
        function=f"{names.function}-mine",
        once_function=f"{names.function}-once",
        echo_function=f"{names.function}-echo",
        deaf_function=f"{names.function}-deaf",
        loop_function=f"{names.function}-loop",
    )


def build_function(lab: Lab, name: str, file: Path, variables: Mapping[str, str]) -> Function:
    """A function of the exercises: the smallest memory, and the time that a cold start of boto3 needs on it."""
    return Function(
        name=name,
        role_arn=build_role_arn(lab, build_practice(lab.names).role),
        runtime="python3.11",
        handler=f"{file.stem}.lambda_handler",
        timeout_s=10,
        memory_mb=128,
        environment=dict(variables),
        archive_name=f"{file.stem}.zip",
        archive=build_archive(file),
    )


def plan(clients: Clients, lab: Lab) -> list[AwsCall]:
    """The role, the script and the job that are missing or differ."""
    practice = build_practice(lab.names)
    return [
        *_plan_role(clients, lab, practice),
        *_plan_script(clients, practice),
        *_plan_job(clients, lab, practice, practice.job, 1),
        *_plan_job(clients, lab, practice, practice.parallel_job, 5),
    ]


def build_policy(lab: Lab, practice: Practice) -> dict[str, Any]:
    """What the exercises' functions and job may do: the practice job, the practice folders, and logs."""
    place = f"{lab.region}:{lab.account}"
    jobs = [f"arn:aws:glue:{place}:job/{name}" for name in (practice.job, practice.parallel_job)]
    assets = f"arn:aws:s3:::{practice.script_bucket}/{_FOLDER}*"
    raw = f"arn:aws:s3:::{practice.loop_bucket}/{practice.loop_prefix}*"
    runs = ["glue:StartJobRun", "glue:GetJobRuns", "glue:GetJobRun"]
    objects = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    statements = [
        {"Sid": "PracticeJobs", "Effect": "Allow", "Action": runs, "Resource": jobs},
        {"Sid": "PracticeFolders", "Effect": "Allow", "Action": objects, "Resource": [assets, raw]},
        # Without it S3 answers 403 and not 404 for an object that is not there.
        {"Sid": "ListMarkers", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{practice.marker_bucket}"},
        {"Sid": "Logs", "Effect": "Allow", "Action": logs, "Resource": f"arn:aws:logs:{place}:*"},
    ]  # fmt: skip
    return {"Version": "2012-10-17", "Statement": statements}


def _plan_role(clients: Clients, lab: Lab, practice: Practice) -> list[AwsCall]:
    services = ["lambda.amazonaws.com", "glue.amazonaws.com"]
    if is_role_arn(practice.role):
        return []  # somebody else made it, and it is used as it is
    allowed = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [allowed]}
    policy = build_policy(lab, practice)
    found = find_role(clients.iam, practice.role)
    calls: list[AwsCall] = []
    if found is None:
        params: dict[str, Any] = {"RoleName": practice.role, "AssumeRolePolicyDocument": JsonText(trust)}
        if lab.tags:
            params["Tags"] = as_list(lab.tags)
        calls.append(AwsCall("iam", "create_role", params, "create", "iam-role", practice.role))
    if found is None or found.inline.get("practice") != policy:
        params = {"RoleName": practice.role, "PolicyName": "practice", "PolicyDocument": JsonText(policy)}
        name = f"{practice.role}/practice"
        calls.append(AwsCall("iam", "put_role_policy", params, "create", "iam-inline-policy", name))
    return calls


def _plan_script(clients: Clients, practice: Practice) -> list[AwsCall]:
    from botocore.exceptions import ClientError

    try:
        found = clients.s3.get_object(Bucket=practice.script_bucket, Key=practice.script_key)["Body"].read()
    except ClientError:
        found = b""
    if found == _SCRIPT:
        return []
    params = {
        "Bucket": practice.script_bucket,
        "Key": practice.script_key,
        "Body": FileBytes("wait.py", _SCRIPT),
    }
    name = f"s3://{practice.script_bucket}/{practice.script_key}"
    return [AwsCall("s3", "put_object", params, "create", "s3-object", name)]


def _plan_job(clients: Clients, lab: Lab, practice: Practice, name: str, runs_at_once: int) -> list[AwsCall]:
    definition = {
        "Role": build_role_arn(lab, practice.role),
        "Command": {
            "Name": "pythonshell",
            "ScriptLocation": f"s3://{practice.script_bucket}/{practice.script_key}",
            "PythonVersion": "3.9",
        },
        "DefaultArguments": {"--seconds": "1.5"},
        # The smallest job that Glue has.
        "MaxCapacity": 0.0625,
        "MaxRetries": 0,
        "Timeout": 1,
        "ExecutionProperty": {"MaxConcurrentRuns": runs_at_once},
    }
    return plan_job(clients, Job(name, definition), lab.tags)


def delete_functions(clients: Clients, functions: tuple[str, ...]) -> None:
    """Delete these functions and their log groups; those that are not there are no error."""
    for name in functions:
        _ignore_missing(clients.lambda_.delete_function, FunctionName=name)
        _ignore_missing(clients.logs.delete_log_group, logGroupName=f"/aws/lambda/{name}")


def delete_markers(clients: Clients, practice: Practice) -> None:
    """Delete what the exercises' functions remember."""
    delete_objects(clients, practice.marker_bucket, practice.marker_prefix)


def delete_objects(clients: Clients, bucket: str, prefix: str) -> None:
    """Delete every object under a prefix; a bucket that is not there has none."""
    from botocore.exceptions import ClientError

    try:
        keys = [item.key for item in list_objects(clients.s3, bucket, prefix)]
    except ClientError as error:
        if error_code(error) == "NoSuchBucket":
            return
        raise
    for key in keys:
        clients.s3.delete_object(Bucket=bucket, Key=key)


def _ignore_missing(delete: Callable[..., Any], **params: Any) -> None:
    from botocore.exceptions import ClientError

    try:
        delete(**params)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
