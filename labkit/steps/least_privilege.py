"""The two roles with nothing more than the six steps need: each statement is missed by name when it is taken away.

The lab's text gives the Glue role AWSGlueServiceRole and AmazonS3FullAccess, which is quick to do and far too much: with them a job
may read and delete every object of the account. `roles = "least-privilege"` in labkit.toml (LABKIT_ROLES) makes these instead.
"""

from __future__ import annotations

from typing import Any

from labkit.steps.lab import Lab

_VERSION = "2012-10-17"


def build_glue_policy(lab: Lab) -> dict[str, Any]:
    """What the crawlers and the job may do: read the raw folder and the script, keep the processed bucket and the lab's catalog."""
    names = lab.names
    raw, processed = f"arn:aws:s3:::{names.raw_bucket}", f"arn:aws:s3:::{names.processed_bucket}"
    script = f"arn:aws:s3:::{names.assets_bucket}/{names.script_key}"
    catalog = f"arn:aws:glue:{lab.region}:{lab.account}"
    tables = [f"{catalog}:catalog", f"{catalog}:database/{names.database}", f"{catalog}:table/{names.database}/*"]
    logs = f"arn:aws:logs:{lab.region}:{lab.account}:log-group:/aws-glue/*"
    return _document(
        ("ListRaw", ["s3:ListBucket"], raw),
        ("ReadRaw", ["s3:GetObject"], f"{raw}/{names.raw_prefix}*"),
        ("ListProcessed", ["s3:ListBucket"], processed),
        ("ReadProcessed", ["s3:GetObject"], f"{processed}/*"),
        ("WriteProcessed", ["s3:PutObject"], f"{processed}/*"),
        # The job writes under a name of its own and renames: the second half of a rename is a deletion.
        ("DeleteProcessed", ["s3:DeleteObject"], f"{processed}/*"),
        ("ReadScript", ["s3:GetObject"], script),
        ("ReadCatalog", ["glue:GetDatabase", "glue:GetTable", "glue:GetPartitions", "glue:BatchGetPartition"], tables),
        # A crawler makes an index of the partitions that it finds; without the permission it warns, and goes on.
        ("WriteTables", ["glue:CreateTable", "glue:UpdateTable", "glue:CreatePartitionIndex"], tables),
        ("WritePartitions", ["glue:BatchCreatePartition"], tables),
        ("WriteLogs", ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], logs),
    )


def build_lambda_policy(lab: Lab) -> dict[str, Any]:
    """What the function may do: start this one job, look whether a run of it waits already, and write its own log."""
    job = f"arn:aws:glue:{lab.region}:{lab.account}:job/{lab.names.job}"
    group = f"arn:aws:logs:{lab.region}:{lab.account}:log-group:/aws/lambda/{lab.names.function}"
    return _document(
        ("StartTheJob", ["glue:StartJobRun", "glue:GetJobRuns"], job),
        ("WriteLogs", ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], [group, f"{group}:*"]),
    )


def _document(*statements: tuple[str, list[str], str | list[str]]) -> dict[str, Any]:
    listed = [
        {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
        for sid, actions, resource in statements
    ]
    return {"Version": _VERSION, "Statement": listed}
