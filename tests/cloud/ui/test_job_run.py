"""A Glue job followed from a notebook: its result, its failure with the line of its script, and a crawl."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """import sys
print("hola <b>", sys.argv[sys.argv.index("--year") + 1])
if "--fail" in sys.argv:
    raise ValueError("mal")
"""


@pytest.fixture(scope="module")
def job(built: Any, aws: Callable[[str], Any]) -> Any:
    names = built.names
    aws("s3").put_object(Bucket=names.processed_bucket, Key="code/panel.py", Body=SCRIPT.encode())
    statement = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("iam").create_role(RoleName=names.glue_role, AssumeRolePolicyDocument=document)
    aws("iam").attach_role_policy(RoleName=names.glue_role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{names.processed_bucket}/code/panel.py"}
    aws("glue").create_job(
        Name=names.job, Role=names.glue_role, Command=command, GlueVersion="5.1", WorkerType="G.1X", NumberOfWorkers=2
    )
    targets = {"S3Targets": [{"Path": f"s3://{names.processed_bucket}/sales/"}]}
    aws("glue").create_crawler(
        Name=names.raw_crawler, Role=names.glue_role, DatabaseName=names.database, TablePrefix="c_", Targets=targets
    )
    return built


def test_a_run_is_followed_to_its_end_and_can_be_looked_at_again(job: Any) -> None:
    started = job.run_job(year=2024, wait=False)
    assert started.state in ("STARTING", "RUNNING")
    found = job.run_job(run=started)
    assert (found.state, found.id, found.log.strip()) == ("SUCCEEDED", started.id, "hola <b> 2024")
    assert found.dpu_seconds == found.billed_s * 2 >= 120
    assert job.logs(run=found).text.count("hola <b> 2024") == 1
    assert job.map().boxes["job"].chip.tone == "good"


def test_a_run_that_fails_raises_nothing_and_shows_its_line(job: Any) -> None:
    found = job.run_job(job.names.job, year=1, fail=True)
    assert (found.state, found.error, found.line) == ("FAILED", "ValueError: mal", 4)
    assert '> 4 |     raise ValueError("mal")' in repr(found)
    assert job.map().boxes["job"].chip.tone == "bad"


def test_a_crawl_gives_its_tables_with_partitions_and_the_ten_minutes_that_aws_bills(job: Any) -> None:
    found = job.crawl()
    assert (found.state, [table.name for table in found.tables if table.state == "new"]) == ("COMPLETED", ["c_sales"])
    table = next(table for table in found.tables if table.name == "c_sales")
    assert ([name for name, _ in table.keys], table.partitions) == (["mes"], 2)
    assert found.usd == pytest.approx(600 * 2 / 3600 * 0.44)
