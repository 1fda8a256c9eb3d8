"""The six steps with nothing more than they use: they work, and each statement is missed by name."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from labkit.prices import load_prices
from labkit.steps.apply import apply_step
from labkit.steps.crawl import build_processed
from labkit.steps.least_privilege import build_glue_policy, build_lambda_policy
from labkit.steps.step import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from labkit.aws.session import Clients
    from labkit.steps.lab import Lab
    from labkit.steps.ledger import Ledger

pytestmark = pytest.mark.slow
PRICES = load_prices()
DONE = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR")


class Pipeline:
    """A lab whose roles may lose statements; each phase says how it ended."""

    def __init__(self, clients: Clients, lab: Lab, aws: Callable[[str], Any]) -> None:
        self.clients, self.lab, self.aws = clients, lab, aws

    def take_away(self, role: str, sid: str | None) -> None:
        glue = role == "glue"
        policy = build_glue_policy(self.lab) if glue else build_lambda_policy(self.lab)
        kept = [statement for statement in policy["Statement"] if statement["Sid"] != sid]
        assert len(kept) == len(policy["Statement"]) - (sid is not None)
        self.aws("iam").put_role_policy(
            RoleName=self.lab.names.glue_role if glue else self.lab.names.lambda_role,
            PolicyName="lab-glue" if glue else "lab-lambda",
            PolicyDocument=json.dumps({**policy, "Statement": kept}),
        )

    def crawl(self, name: str) -> str:
        """Empty when the crawl succeeded, its error message otherwise."""
        glue = self.aws("glue")
        glue.start_crawler(Name=name)
        crawler = self._wait(lambda: glue.get_crawler(Name=name)["Crawler"], lambda found: found["State"] == "READY")
        last: dict[str, Any] = crawler["LastCrawl"]
        return "" if last["Status"] == "SUCCEEDED" else str(last["ErrorMessage"])

    def crawl_raw(self) -> str:
        self._forget("raw_sales")
        return self.crawl(self.lab.names.raw_crawler)

    def crawl_processed(self) -> str:
        self._forget(self.lab.names.processed)
        self._forget(self.lab.names.rejected)
        return self.crawl(self.lab.names.processed_crawler)

    def run_job(self) -> str:
        """Drop a file, run the job: empty when it succeeded, its error message otherwise."""
        self.drop()
        glue, name = self.aws("glue"), self.lab.names.job
        # The function may have started a run of its own.
        self._wait(
            lambda: glue.get_job_runs(JobName=name),
            lambda found: all(run["JobRunState"] in DONE for run in found["JobRuns"]),
        )
        run_id = glue.start_job_run(JobName=name)["JobRunId"]
        run = self._wait(
            lambda: glue.get_job_run(JobName=name, RunId=run_id)["JobRun"], lambda found: found["JobRunState"] in DONE
        )
        return "" if run["JobRunState"] == "SUCCEEDED" else str(run["ErrorMessage"])

    def invoke(self) -> str:
        """What the function says when a file has come: empty, or its error."""
        record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": "a.csv"}}}
        answer = self.aws("lambda").invoke(
            FunctionName=self.lab.names.function, Payload=json.dumps({"Records": [record]}).encode()
        )
        body = json.loads(answer["Payload"].read())
        return str(body.get("errorMessage", ""))

    def drop(self) -> None:
        body = f"id_venta,fecha,cantidad\n{time.time_ns()},2024-03-03,2\n".encode()
        key = f"{self.lab.names.raw_prefix}{time.time_ns()}.csv"
        self.aws("s3").put_object(Bucket=self.lab.names.raw_bucket, Key=key, Body=body)

    def _forget(self, table: str) -> None:
        found = self.aws("glue").get_tables(DatabaseName=self.lab.names.database)["TableList"]
        if table in [one["Name"] for one in found]:
            self.aws("glue").delete_table(DatabaseName=self.lab.names.database, Name=table)

    def _wait(self, look: Callable[[], dict[str, Any]], ended: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for _ in range(2400):
            found = look()
            if ended(found):
                return found
            time.sleep(0.05)
        raise AssertionError(found)


@pytest.fixture
def pipeline(clients: Clients, ledger: Ledger, build_lab: Callable[[str], Lab], aws: Callable[[str], Any]) -> Pipeline:
    lab = replace(build_lab("minimo"), least_privilege=True)
    for step in STEPS[:5]:
        apply_step(clients, lab, step, PRICES, ledger, lambda _step, _call: None)
    aws("glue").create_crawler(**build_processed(lab).params)
    return Pipeline(clients, lab, aws)


# Those that forget the raw table come last: the job reads it.
CASES = [
    ("glue", "ReadScript", Pipeline.run_job, "s3:GetObject"),
    ("glue", "ReadCatalog", Pipeline.run_job, "glue:GetTable"),
    ("glue", "ListProcessed", Pipeline.run_job, "s3:ListBucket"),
    ("glue", "ReadProcessed", Pipeline.run_job, "s3:GetObject"),
    ("glue", "WriteProcessed", Pipeline.run_job, "s3:PutObject"),
    ("glue", "DeleteProcessed", Pipeline.run_job, "s3:DeleteObject"),
    ("glue", "WritePartitions", Pipeline.crawl_processed, "glue:BatchCreatePartition"),
    ("lambda", "StartTheJob", Pipeline.invoke, "glue:StartJobRun"),
    ("glue", "ListRaw", Pipeline.crawl_raw, "s3:ListBucket"),
    ("glue", "ReadRaw", Pipeline.crawl_raw, "s3:GetObject"),
    ("glue", "ReadCatalog", Pipeline.crawl_raw, "glue:Get"),
    ("glue", "WriteTables", Pipeline.crawl_raw, "glue:CreateTable"),
]


def test_each_statement_is_needed_and_missed_by_name(pipeline: Pipeline) -> None:
    assert pipeline.crawl_raw() == ""
    assert pipeline.run_job() == ""
    assert pipeline.crawl_processed() == ""
    assert pipeline.invoke() == ""
    tried = set()
    for role, sid, phase, action in CASES:
        pipeline.take_away(role, sid)
        said = phase(pipeline)
        assert action in said, (sid, said)
        assert "not authorized" in said or "AccessDenied" in said, (sid, said)
        pipeline.take_away(role, None)
        tried.add((role, sid))
    assert pipeline.crawl_raw() == ""
    assert pipeline.run_job() == ""
    all_of_them = {("glue", one["Sid"]) for one in build_glue_policy(pipeline.lab)["Statement"]}
    all_of_them |= {("lambda", one["Sid"]) for one in build_lambda_policy(pipeline.lab)["Statement"]}
    assert all_of_them - tried == {("glue", "WriteLogs"), ("lambda", "WriteLogs")}
