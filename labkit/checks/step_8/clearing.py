"""Taking away what notebook 8 made in AWS: its job, its function, their roles and the samples."""

from __future__ import annotations

from collections.abc import Callable

from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.names import is_role_arn
from labkit.steps.bench import PREFIX, build_bench

_GONE = {
    "EntityNotFoundException",
    "ResourceNotFoundException",
    "NoSuchEntity",
    "NoSuchEntityException",
    "NoSuchBucket",
}


def clear(context: Context) -> None:
    """Delete them; what is gone already is no error."""
    clients, bucket, bench = context.clients, context.names.assets_bucket, build_bench(context.names)
    _forgive(lambda: clients.glue.delete_job(JobName=bench.job))
    _forgive(lambda: clients.lambda_.delete_function(FunctionName=bench.function))
    for role in (bench.glue_role, bench.lambda_role):
        if is_role_arn(role):  # somebody else's
            continue
        _forgive(lambda role=role: clients.iam.delete_role_policy(RoleName=role, PolicyName="measure"))  # type: ignore[misc]
        _forgive(lambda role=role: clients.iam.delete_role(RoleName=role))  # type: ignore[misc]
    _forgive(lambda: _delete_objects(context, bucket, PREFIX))
    _forgive(lambda: _delete_objects(context, bucket, f"scripts/{bench.job}.py"))


def _delete_objects(context: Context, bucket: str, prefix: str) -> None:
    for page in context.clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            context.clients.s3.delete_object(Bucket=bucket, Key=item["Key"])


def _forgive(call: Callable[[], object]) -> None:
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        if error_code(error) not in _GONE:
            raise
