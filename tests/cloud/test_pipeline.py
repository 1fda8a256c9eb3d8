"""The whole lab against a running cloud with nothing of labkit imported: plain boto3, and the AWS CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def environment(endpoint_url: str) -> dict[str, str]:
    """What `labkit env` sets, and nothing that could find labkit."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_ENDPOINT_URL": endpoint_url,
        "PYTHONUTF8": "1",
        **keys,
    }


@pytest.fixture(scope="module")
def seen(cloud: Any) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(HERE / "plain_boto3_lab.py"), "-plain"],
        env=environment(cloud.endpoint_url), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_crawler_infers_the_sales_columns(seen: dict[str, Any]) -> None:
    assert seen["raw_crawl"] == "SUCCEEDED"
    assert seen["columns"] == [["id_venta", "bigint"], ["fecha", "string"], ["cantidad", "bigint"]]


def test_the_dropped_file_starts_the_job_by_itself_and_the_job_succeeds(seen: dict[str, Any]) -> None:
    assert (seen["run"], seen["error"]) == ("SUCCEEDED", None)


def test_the_parquet_lies_in_partitions_by_year_and_month(seen: dict[str, Any]) -> None:
    assert seen["folders"] == ["año=2024/mes=1", "año=2024/mes=2", "año=2025/mes=2"]


def test_athena_counts_what_the_job_kept(seen: dict[str, Any]) -> None:
    assert seen["processed_crawl"] == "SUCCEEDED"
    assert seen["rows"] == [
        ["año", "mes", "n", "c"],
        ["2024", "1", "1", "3"],
        ["2024", "2", "1", "2"],
        ["2025", "2", "1", "4"],
    ]


def test_the_logs_tell_of_the_function_and_the_run(seen: dict[str, Any]) -> None:
    lines = seen["lambda_lines"]
    assert [line.split(" ")[0] for line in lines if line.startswith(("START", "END", "REPORT"))] == [
        "START",
        "END",
        "REPORT",
    ]
    assert any(seen["run_id"] in line for line in lines)
    assert seen["run_id"] in seen["glue_streams"]


def aws_cli(endpoint_url: str, *words: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "awscli", *words, "--output", "json"],
        env=environment(endpoint_url), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_the_aws_cli_works(cloud: Any, tmp_path: Path) -> None:
    (tmp_path / "ventas ñ.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    url = cloud.endpoint_url
    assert aws_cli(url, "sts", "get-caller-identity")["Account"] == "123456789012"
    subprocess.run([sys.executable, "-m", "awscli", "s3", "mb", "s3://cli-lab"], env=environment(url), check=True)
    copy = [sys.executable, "-m", "awscli", "s3", "cp", str(tmp_path / "ventas ñ.csv"), "s3://cli-lab/cli_sales/"]
    subprocess.run(copy, env=environment(url), check=True)
    listed = aws_cli(url, "s3api", "list-objects-v2", "--bucket", "cli-lab")
    assert [item["Key"] for item in listed["Contents"]] == ["cli_sales/ventas ñ.csv"]
    trust = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws_cli(url, "iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", policy)["Role"][
        "Arn"
    ]
    everything = "arn:aws:iam::aws:policy/AdministratorAccess"
    attach = ["iam", "attach-role-policy", "--role-name", "cli", "--policy-arn", everything]
    subprocess.run([sys.executable, "-m", "awscli", *attach], env=environment(url), check=True)
    targets = '{"S3Targets":[{"Path":"s3://cli-lab/cli_sales/"}]}'
    aws_cli(
        url,
        "glue",
        "create-crawler",
        "--name",
        "cli",
        "--role",
        role,
        "--database-name",
        "cli_shop_db",
        "--targets",
        targets,
    )
    aws_cli(url, "glue", "start-crawler", "--name", "cli")
    for _ in range(100):
        crawler = aws_cli(url, "glue", "get-crawler", "--name", "cli")["Crawler"]
        if crawler["State"] == "READY" and "LastCrawl" in crawler:
            break
    assert crawler["LastCrawl"]["Status"] == "SUCCEEDED"
    names = [
        table["Name"] for table in aws_cli(url, "glue", "get-tables", "--database-name", "cli_shop_db")["TableList"]
    ]
    assert names == ["cli_sales"]
