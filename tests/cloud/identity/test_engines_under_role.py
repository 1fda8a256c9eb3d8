"""A crawler under its role and a query under its caller, each with no more than it needs; without any one statement they name it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
_GLUE = "arn:aws:glue:us-east-1:123456789012:"
_TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}


class Lake:
    """A bucket with a folder of sales, a crawler with its role, and an analyst with keys."""

    def __init__(self, aws: Aws, endpoint_url: str) -> None:
        self.aws = aws
        self.name = f"lago-{uuid.uuid4().hex[:8]}"
        self.database = self.name.replace("-", "_")
        aws("s3").create_bucket(Bucket=self.name)
        for year in ("2023", "2024"):
            aws("s3").put_object(Bucket=self.name, Key=f"ventas/anio={year}/v.csv", Body=b"id,nombre\n1,ana\n2,luz\n")
        document = json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})
        aws("iam").create_role(RoleName=self.name, AssumeRolePolicyDocument=document)
        aws("iam").create_user(UserName=self.name)
        key = aws("iam").create_access_key(UserName=self.name)["AccessKey"]
        session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
        self.athena = session.client("athena", endpoint_url=endpoint_url)
        aws("glue").create_crawler(
            Name=self.name,
            Role=self.name,
            DatabaseName=self.database,
            Targets={"S3Targets": [{"Path": f"s3://{self.name}/ventas/"}]},
        )

    def statement(self, action: str) -> dict[str, Any]:
        bucket = f"arn:aws:s3:::{self.name}"
        resources = {
            "s3:ListBucket": [bucket],
            "s3:GetBucketLocation": [bucket],
            "s3:GetObject": [f"{bucket}/ventas/*", f"{bucket}/resultados/*"],
            "s3:PutObject": [f"{bucket}/resultados/*"],
            "logs:PutLogEvents": ["arn:aws:logs:*:*:log-group:/aws-glue/crawlers:log-stream:*"],
            "athena:StartQueryExecution": ["arn:aws:athena:*:*:workgroup/primary"],
            "athena:GetQueryExecution": ["arn:aws:athena:*:*:workgroup/primary"],
            "athena:GetQueryResults": ["arn:aws:athena:*:*:workgroup/primary"],
        }
        catalog = [f"{_GLUE}catalog", f"{_GLUE}database/{self.database}", f"{_GLUE}table/{self.database}/*"]
        return {"Effect": "Allow", "Action": action, "Resource": resources.get(action, catalog)}

    def policy(self, actions: tuple[str, ...]) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": [self.statement(action) for action in actions]})

    def crawl(self, actions: tuple[str, ...]) -> dict[str, Any]:
        self.aws("iam").put_role_policy(RoleName=self.name, PolicyName="own", PolicyDocument=self.policy(actions))
        self.aws("glue").start_crawler(Name=self.name)
        while True:
            crawler = self.aws("glue").get_crawler(Name=self.name)["Crawler"]
            if crawler["State"] == "READY":
                return dict(crawler["LastCrawl"])
            time.sleep(0.01)

    def query(self, actions: tuple[str, ...], sql: str) -> tuple[str, Any]:
        """The state and the reason, or the rows; an error of a call is a reason too."""
        self.aws("iam").put_user_policy(UserName=self.name, PolicyName="own", PolicyDocument=self.policy(actions))
        output = {"OutputLocation": f"s3://{self.name}/resultados/"}
        try:
            started = self.athena.start_query_execution(QueryString=sql, ResultConfiguration=output)
            name = started["QueryExecutionId"]
            while True:
                status = self.athena.get_query_execution(QueryExecutionId=name)["QueryExecution"]["Status"]
                if status["State"] == "FAILED":
                    return "FAILED", status["StateChangeReason"]
                if status["State"] == "SUCCEEDED":
                    rows = self.athena.get_query_results(QueryExecutionId=name)["ResultSet"]["Rows"]
                    return "SUCCEEDED", [[cell["VarCharValue"] for cell in row["Data"]] for row in rows[1:]]
                time.sleep(0.01)
        except ClientError as error:
            return "REFUSED", error.response["Error"]["Message"]


@pytest.fixture(scope="module")
def lake(aws: Aws, cloud: Any) -> Lake:
    return Lake(aws, cloud.endpoint_url)


CRAWLER = (
    "s3:ListBucket", "s3:GetObject", "glue:GetDatabase", "glue:CreateDatabase", "glue:GetTable", "glue:CreateTable",
    "glue:BatchGetPartition", "glue:BatchCreatePartition", "logs:PutLogEvents",
)  # fmt: skip
# Needed by the first crawl only: the log group of crawlers, and the stream of this one.
_FIRST = ("logs:CreateLogGroup", "logs:CreateLogStream")
ANALYST = (
    "athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "s3:GetBucketLocation", "s3:ListBucket",
    "s3:GetObject", "s3:PutObject", "glue:GetDatabase", "glue:GetTable", "glue:GetPartitions",
)  # fmt: skip


def test_a_crawler_and_an_analyst_work_with_what_they_need(lake: Lake) -> None:
    logs = [{"Effect": "Allow", "Action": list(_FIRST), "Resource": "arn:aws:logs:*:*:log-group:/aws-glue/*"}]
    document = json.dumps({"Version": "2012-10-17", "Statement": logs})
    lake.aws("iam").put_role_policy(RoleName=lake.name, PolicyName="first", PolicyDocument=document)
    last = lake.crawl(CRAWLER)
    assert last["Status"] == "SUCCEEDED", last
    lake.aws("iam").delete_role_policy(RoleName=lake.name, PolicyName="first")
    sql = f"SELECT nombre, count(*) FROM {lake.database}.ventas GROUP BY 1 ORDER BY 1"
    assert lake.query(ANALYST, sql) == ("SUCCEEDED", [["ana", "2"], ["luz", "2"]])


@pytest.mark.parametrize("lost", CRAWLER)
def test_a_crawl_fails_without_any_one_statement(lake: Lake, lost: str) -> None:
    lake.aws("glue").delete_database(Name=lake.database)
    last = lake.crawl(tuple(action for action in CRAWLER if action != lost))
    assert last["Status"] == "FAILED"
    who = (
        "Service Principal: glue.amazonaws.com" if lost.startswith("logs:") else f"assumed-role/{lake.name}/AWS-Crawler"
    )
    assert f"{who} is not authorized to perform: {lost} on resource: " in last["ErrorMessage"]
    assert lake.crawl(CRAWLER)["Status"] == "SUCCEEDED"


@pytest.mark.parametrize("lost", ANALYST)
def test_a_query_fails_without_any_one_statement(lake: Lake, lost: str) -> None:
    sql = f"SELECT count(*) FROM {lake.database}.ventas WHERE anio = '2024'"
    state, reason = lake.query(tuple(action for action in ANALYST if action != lost), sql)
    assert state != "SUCCEEDED"
    assert f"perform: {lost} on " in reason
    assert state == ("REFUSED" if lost.startswith("athena:") or lost == "s3:GetBucketLocation" else "FAILED")


def test_an_analyst_reads_no_result_of_another_without_its_object(lake: Lake) -> None:
    output = {"OutputLocation": f"s3://{lake.name}/privado/"}
    admin = lake.aws("athena")
    name = admin.start_query_execution(QueryString="SELECT 42", ResultConfiguration=output)["QueryExecutionId"]
    while admin.get_query_execution(QueryExecutionId=name)["QueryExecution"]["Status"]["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        time.sleep(0.01)
    with pytest.raises(
        ClientError, match=f"{lake.name} is not authorized to perform: s3:GetObject on resource"
    ) as caught:
        lake.athena.get_query_results(QueryExecutionId=name)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
