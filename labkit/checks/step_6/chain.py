"""Task 6.2: one file followed from its object to its rows, by the marks that each service leaves."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from labkit.aws.invocations import Invocation, group_invocations
from labkit.aws.logs import list_lines
from labkit.aws.s3 import list_objects
from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted

FIELDS = ("etag", "request_id", "run_id", "rows")


def check_chain(context: Context) -> list[Finding]:
    """The object's ETag, the invocation that its event caused, the run that this one started, the rows that are in the Parquet."""
    key = find_dropped_key(context)
    etag, _put_ms = find_dropped(context, key)
    chain = context.get("chain")
    if not isinstance(chain, Mapping) or not set(FIELDS) <= set(chain):
        given = ", ".join(map(str, chain)) if isinstance(chain, Mapping) else type(chain).__name__
        return [Finding(False, "task_6.chain_type", {"fields": ", ".join(FIELDS), "given": given})]
    invocations = find_invocations(context, key)
    request, run = str(chain["request_id"]).strip(), str(chain["run_id"]).strip()
    return [
        _judge_etag(chain["etag"], etag, key),
        _judge_request(request, invocations, context, key),
        _judge_run(context, run, request, invocations),
        _judge_rows(context, chain["rows"]),
    ]


def find_dropped_key(context: Context) -> str:
    """The key of the student's last month, the file that is dropped."""
    return f"{context.names.raw_prefix}{context.truth.sales_files[-1].name}"


def find_dropped(context: Context, key: str) -> tuple[str, int]:
    """The ETag of the dropped object, without quotes, and when it was put (epoch milliseconds). NotAttempted when it was not dropped."""
    from botocore.exceptions import ClientError

    bucket = context.names.raw_bucket
    try:
        found = context.clients.s3.head_object(Bucket=bucket, Key=key)
        return found["ETag"].strip('"'), int(found["LastModified"].timestamp()) * 1000
    except ClientError as error:
        if error_code(error) in ("404", "NoSuchKey", "NoSuchBucket"):
            raise NotAttempted("task_6.chain_nothing", uri=f"s3://{bucket}/{key}") from error
        raise


def find_invocations(context: Context, key: str) -> list[Invocation]:
    """Invocations of the lab's function whose lines name the object, oldest first."""
    lines = list_lines(context.clients.logs, f"/aws/lambda/{context.names.function}")
    return [one for one in group_invocations(lines) if one.mentions(f"s3://{context.names.raw_bucket}/{key}")]


def _judge_etag(given: Any, etag: str, key: str) -> Finding:
    right = str(given).strip().strip('"') == etag
    return Finding(right, "task_6.etag_right" if right else "task_6.etag_wrong", {"given": str(given)[:50], "key": key})


def _judge_request(request: str, invocations: list[Invocation], context: Context, key: str) -> Finding:
    facts = {"given": request[:50], "function": context.names.function, "key": key, "count": len(invocations)}
    if any(one.request == request for one in invocations):
        return Finding(True, "task_6.request_right", facts)
    why = "task_6.misconception.other_id" if request.startswith("jr_") else ""
    return Finding(False, "task_6.request_wrong", facts, why)


def _judge_run(context: Context, run: str, request: str, invocations: list[Invocation]) -> Finding:
    from botocore.exceptions import ClientError

    facts = {"given": run[:20], "job": context.names.job, "request": request[:50], "state": ""}
    try:
        found = context.clients.glue.get_job_run(JobName=context.names.job, RunId=run or "—")["JobRun"]
    except ClientError as error:
        if error_code(error) not in ("EntityNotFoundException", "InvalidInputException", "ValidationException"):
            raise
        return Finding(False, "task_6.run_unknown", facts)
    facts["state"] = str(found["JobRunState"])
    if not any(run in one.runs for one in invocations if one.request == request):
        return Finding(False, "task_6.run_of_another", facts)
    right = facts["state"] == "SUCCEEDED"
    return Finding(right, "task_6.run_right" if right else "task_6.run_state", facts)


def _judge_rows(context: Context, given: Any) -> Finding:
    name = context.truth.sales_files[-1].name
    accepted = sum(row["_file"] == name for row in context.truth.accepted)
    stored = count_month(context)
    facts = {"given": str(given)[:30], "file": name}
    if stored != accepted:
        why = "task_6.misconception.doubled" if stored > accepted else ""
        return Finding(False, "task_6.rows_stored", {**facts, "stored": stored}, why)
    if type(given) is int and given == accepted:
        return Finding(True, "task_6.rows_right", facts)
    lines = sum(row["_file"] == name for row in context.truth.sales)
    why = "task_6.misconception.lines" if given in (lines, lines + 1) else ""
    why = why or ("task_6.misconception.all_rows" if given == len(context.truth.accepted) else "")
    return Finding(False, "task_6.rows_wrong", facts, why)


def count_month(context: Context) -> int:
    """Rows of the dropped month in the processed Parquet, by the files' own footers."""
    import pyarrow.parquet

    year, month = context.truth.sales_files[-1].stem.split("_")[-2:]
    names, s3 = context.names, context.clients.s3
    prefix = f"{names.processed}/año={year}/mes={int(month)}/"
    total = 0
    for item in list_objects(s3, names.processed_bucket, prefix):
        body = s3.get_object(Bucket=names.processed_bucket, Key=item.key)["Body"].read()
        total += pyarrow.parquet.read_metadata(io.BytesIO(body)).num_rows if item.key.endswith(".parquet") else 0
    return total
