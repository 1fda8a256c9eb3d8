"""Runs scripts as Glue jobs of the session's cloud, and looks at what they left."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

Aws = Callable[[str], Any]
ENDED = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
# Five lines: the first line of a script's own is line 6.
SPARK = """
from pyspark.sql import SparkSession, functions as f
from pyspark.context import SparkContext
spark = SparkSession(SparkContext())
sc = spark.sparkContext
"""
# Eleven lines.
GLUE = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
args = getResolvedOptions(sys.argv, ['JOB_NAME'])
glueContext = GlueContext(SparkContext())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
"""


class GlueJobs:
    """Jobs with a bucket and a role of their own."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.glue, self.s3 = aws("glue"), aws("s3")
        self.bucket = f"glue-jobs-{uuid.uuid4().hex[:8]}"
        self.s3.create_bucket(Bucket=self.bucket)
        role = aws("iam").create_role(RoleName=self.bucket, AssumeRolePolicyDocument=json.dumps(TRUST))
        aws("iam").attach_role_policy(RoleName=self.bucket, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        self.role = role["Role"]["Arn"]

    def put(self, key: str, body: bytes | str) -> str:
        """Put an object; its s3:// location."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body.encode() if isinstance(body, str) else body)
        return f"s3://{self.bucket}/{key}"

    def create(self, script: str, name: str = "", **params: Any) -> str:
        """A job with this script; its name."""
        name = name or f"job-{uuid.uuid4().hex[:8]}"
        location = self.put(f"scripts/{name}.py", script)
        command = {"Name": "glueetl", "ScriptLocation": location}
        self.glue.create_job(Name=name, Role=self.role, **{"Command": command, "GlueVersion": "5.1", **params})
        return name

    def start(self, name: str, **arguments: str) -> str:
        given = {"--" + key.replace("_", "-"): value for key, value in arguments.items()}
        return str(self.glue.start_job_run(JobName=name, Arguments=given)["JobRunId"])

    def wait(self, name: str, run_id: str, *states: str) -> dict[str, Any]:
        """The run once it is in one of the states (any final one by default)."""
        for _ in range(1800):
            run: dict[str, Any] = self.glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
            if run["JobRunState"] in (states or ENDED):
                return run
            time.sleep(0.1)
        raise AssertionError(run)

    def run(self, name: str, **arguments: str) -> dict[str, Any]:
        """Start a job, and wait for its end."""
        return self.wait(name, self.start(name, **arguments))

    def once(self, script: str, arguments: dict[str, str] | None = None, **params: Any) -> dict[str, Any]:
        """Run a script as a new job."""
        return self.run(self.create(script, DefaultArguments=arguments or {}, **params))

    def log(self, run: dict[str, Any], group: str = "/aws-glue/jobs/output", stream: str = "") -> list[str]:
        """The messages of a stream, the run's own by default."""
        events = self.aws("logs").get_log_events(
            logGroupName=group, logStreamName=stream or run["Id"], startFromHead=True
        )
        return [event["message"] for event in events["events"]]

    def errors(self, run: dict[str, Any]) -> str:
        """The error log of a run, as one text."""
        return "\n".join(self.log(run, "/aws-glue/jobs/error"))
