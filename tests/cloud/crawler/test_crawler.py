"""The crawler through boto3, as a student's script calls it."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Aws = Callable[[str], Any]

SALES = b"id_venta,fecha,cantidad\n1,2024-01-15,2\n2,2024-01-16,3\n"
WIDER = b"id_venta,fecha,cantidad,canal\n1,2024-01-15,2,web\n2,2024-01-16,3,app\n"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture(scope="module")
def role(aws: Aws) -> str:
    iam = aws("iam")
    created = iam.create_role(RoleName="crawler-test-role", AssumeRolePolicyDocument=json.dumps(TRUST))
    for policy in ("service-role/AWSGlueServiceRole", "AmazonS3FullAccess"):
        iam.attach_role_policy(RoleName="crawler-test-role", PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    return str(created["Role"]["Arn"])


@pytest.fixture
def bucket(aws: Aws, request: pytest.FixtureRequest) -> Iterator[str]:
    s3 = aws("s3")
    name = "crawl-" + request.node.name.replace("_", "-")[:50].lower().strip("-")
    s3.create_bucket(Bucket=name)
    yield name
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        keys = [{"Key": found["Key"]} for found in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=name, Delete={"Objects": keys})
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def crawl(aws: Aws, role: str, bucket: str) -> Iterator[Callable[..., Any]]:
    """`crawl(path)` makes the crawler (once), runs it to the end and returns the tables by name; the database goes after."""
    glue = aws("glue")
    name = database = bucket.replace("-", "_")

    def run(path: str = "", **settings: Any) -> dict[str, Any]:
        if name not in glue.list_crawlers()["CrawlerNames"]:
            targets = {"S3Targets": [{"Path": f"s3://{bucket}/{path}"}]}
            glue.create_crawler(Name=name, Role=role, DatabaseName=database, Targets=targets, **settings)
        glue.start_crawler(Name=name)
        last = wait(glue, name)
        assert last["Status"] == "SUCCEEDED", last
        return {table["Name"]: table for table in glue.get_tables(DatabaseName=database)["TableList"]}

    yield run
    if name in glue.list_crawlers()["CrawlerNames"]:
        glue.delete_crawler(Name=name)
        glue.delete_database(Name=database)


def wait(glue: Any, name: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        crawler = glue.get_crawler(Name=name)["Crawler"]
        if crawler["State"] == "READY":
            return dict(crawler["LastCrawl"])
        time.sleep(0.02)
    raise AssertionError("the crawl did not end in 20 s")


def test_the_labs_third_step(aws: Aws, bucket: str, crawl: Callable[..., Any]) -> None:
    aws("s3").put_object(Bucket=bucket, Key="raw_sales/2024-01.csv", Body=SALES)
    table = crawl()["raw_sales"]
    assert [(c["Name"], c["Type"]) for c in table["StorageDescriptor"]["Columns"]] == [
        ("id_venta", "bigint"), ("fecha", "string"), ("cantidad", "bigint"),
    ]  # fmt: skip
    assert table["Parameters"]["classification"] == "csv"
    assert table["Parameters"]["skip.header.line.count"] == "1"
    assert table["StorageDescriptor"]["Parameters"] == table["Parameters"]


def test_logs_and_history(aws: Aws, bucket: str, crawl: Callable[..., Any]) -> None:
    aws("s3").put_object(Bucket=bucket, Key="v/a.csv", Body=SALES)
    crawl("v/")
    name = bucket.replace("-", "_")
    one = aws("glue").list_crawls(CrawlerName=name)["Crawls"][0]
    assert (one["State"], one["LogStream"]) == ("COMPLETED", name)
    events = aws("logs").get_log_events(logGroupName="/aws-glue/crawlers", logStreamName=name)["events"]
    assert any(f"[{one['CrawlId']}] INFO : Created table v" in event["message"] for event in events)
    metrics = aws("glue").get_crawler_metrics(CrawlerNameList=[name])["CrawlerMetricsList"][0]
    assert metrics["TablesCreated"] == 1


def test_parquet_partitions_with_accents(aws: Aws, bucket: str, crawl: Callable[..., Any]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    for month in (1, 2):
        body = io.BytesIO()
        parquet.write_table(pa.table({"id": [1, 2], "total": [1.5, 2.5]}), body)
        aws("s3").put_object(Bucket=bucket, Key=f"ventas/año=2024/mes={month}/part-0.parquet", Body=body.getvalue())
    table = crawl("ventas/")["ventas"]
    assert [(key["Name"], key["Type"]) for key in table["PartitionKeys"]] == [("año", "string"), ("mes", "string")]
    found = aws("glue").get_partitions(DatabaseName=table["DatabaseName"], TableName="ventas")["Partitions"]
    assert sorted(partition["Values"] for partition in found) == [["2024", "1"], ["2024", "2"]]
    location = {partition["StorageDescriptor"]["Location"] for partition in found}
    assert f"s3://{bucket}/ventas/año=2024/mes=1/" in location


def test_a_recrawl_makes_a_version_and_keeps_what_others_wrote(
    aws: Aws, bucket: str, crawl: Callable[..., Any]
) -> None:
    s3, glue = aws("s3"), aws("glue")
    s3.put_object(Bucket=bucket, Key="v/a.csv", Body=SALES)
    table = crawl("v/")["v"]
    kept = ("Name", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")
    changed = {key: table[key] for key in kept}
    changed["Parameters"]["equipo"] = "datos"
    glue.update_table(DatabaseName=table["DatabaseName"], TableInput=changed)
    s3.put_object(Bucket=bucket, Key="v/b.csv", Body=WIDER)
    again = crawl("v/")["v"]
    assert [column["Name"] for column in again["StorageDescriptor"]["Columns"]][-1] == "canal"
    assert again["Parameters"]["equipo"] == "datos"
    assert again["CreatedBy"] == table["CreatedBy"]
    assert again["CreatedBy"].endswith("/AWS-Crawler")
    assert again["Parameters"]["objectCount"] == "2"
    versions = glue.get_table_versions(DatabaseName=table["DatabaseName"], TableName="v")["TableVersions"]
    assert len(versions) == 3


def test_refusals_carry_their_code(aws: Aws, role: str) -> None:
    glue = aws("glue")
    targets = {"S3Targets": [{"Path": "s3://nada/"}]}
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.start_crawler(Name="no-existe")
    with pytest.raises(glue.exceptions.InvalidInputException, match="unable to assume"):
        glue.create_crawler(Name="x", Role="no-existe", DatabaseName="d", Targets=targets)
    jdbc = {"JdbcTargets": [{"ConnectionName": "c", "Path": "d/%"}]}
    with pytest.raises(glue.exceptions.InvalidInputException, match="not run by the local cloud"):
        glue.create_crawler(Name="x", Role=role, DatabaseName="d", Targets=jdbc)
    with pytest.raises(glue.exceptions.InvalidInputException, match=r"S3 bucket nada does not exist\."):
        glue.create_crawler(Name="x", Role=role, DatabaseName="d", Targets=targets)
    aws("s3").create_bucket(Bucket="nada")
    glue.create_crawler(Name="sin-cubo", Role=role, DatabaseName="d", Targets=targets)
    aws("s3").delete_bucket(Bucket="nada")
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_crawler(Name="sin-cubo", Role=role, DatabaseName="d", Targets=targets)
    with pytest.raises(glue.exceptions.CrawlerNotRunningException):
        glue.stop_crawler(Name="sin-cubo")
    glue.start_crawler(Name="sin-cubo")
    last = wait(glue, "sin-cubo")
    assert last["Status"] == "FAILED"
    assert "NoSuchBucket" in last["ErrorMessage"]
    glue.delete_crawler(Name="sin-cubo")


def test_a_role_that_does_not_trust_glue_is_refused(aws: Aws) -> None:
    document = json.dumps(TRUST).replace("glue.amazonaws.com", "lambda.amazonaws.com")
    aws("iam").create_role(RoleName="crawler-test-lambda", AssumeRolePolicyDocument=document)
    glue = aws("glue")
    with pytest.raises(glue.exceptions.InvalidInputException, match="its trust policy does not allow"):
        glue.create_crawler(
            Name="x", Role="crawler-test-lambda", DatabaseName="d", Targets={"S3Targets": [{"Path": "s3://nada/"}]}
        )


def test_new_folders_only_through_the_real_catalog(aws: Aws, bucket: str, crawl: Callable[..., Any]) -> None:
    s3, glue = aws("s3"), aws("glue")
    s3.put_object(Bucket=bucket, Key="v/mes=1/a.csv", Body=SALES)
    settings = {
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    }
    table = crawl("v/", **settings)["v"]
    s3.put_object(Bucket=bucket, Key="v/mes=2/a.csv", Body=SALES)
    crawl("v/")
    found = glue.get_partitions(DatabaseName=table["DatabaseName"], TableName="v")["Partitions"]
    assert [partition["Values"] for partition in found] == [["1"], ["2"]]
    name = bucket.replace("-", "_")
    summary = json.loads(glue.list_crawls(CrawlerName=name)["Crawls"][0]["Summary"])
    assert summary == {"PARTITION": {"ADD": {"Details": "", "Count": 1}}}


def test_a_crawler_on_a_table_made_by_hand(aws: Aws, role: str, bucket: str) -> None:
    s3, glue = aws("s3"), aws("glue")
    s3.put_object(Bucket=bucket, Key="v/mes=1/a.csv", Body=WIDER)
    glue.create_database(DatabaseInput={"Name": "crawler_mano"})
    storage = {"Location": f"s3://{bucket}/v/", "Columns": [{"Name": "id_venta", "Type": "int"}]}
    hand = {"Name": "hecha", "StorageDescriptor": storage, "PartitionKeys": [{"Name": "mes", "Type": "int"}]}
    glue.create_table(DatabaseName="crawler_mano", TableInput=hand)
    glue.create_crawler(
        Name="crawler-mano",
        Role=role,
        Targets={"CatalogTargets": [{"DatabaseName": "crawler_mano", "Tables": ["hecha"]}]},
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
    )
    glue.start_crawler(Name="crawler-mano")
    assert wait(glue, "crawler-mano")["Status"] == "SUCCEEDED"
    (table,) = glue.get_tables(DatabaseName="crawler_mano")["TableList"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]][-1] == "canal"
    assert table["PartitionKeys"] == [{"Name": "mes", "Type": "int"}]
    assert table["CreatedBy"] == aws("sts").get_caller_identity()["Arn"]  # who made it, not who changed it
    (partition,) = glue.get_partitions(DatabaseName="crawler_mano", TableName="hecha")["Partitions"]
    assert partition["Values"] == ["1"]
    glue.delete_crawler(Name="crawler-mano")
    glue.delete_database(Name="crawler_mano")


def test_classifiers_and_schedules_pass_botocores_model(aws: Aws, role: str, bucket: str) -> None:
    glue = aws("glue")
    glue.create_classifier(
        GrokClassifier={"Name": "ct-grok", "Classification": "logs", "GrokPattern": "%{IP:ip} %{INT:n:int}"}
    )
    glue.create_classifier(XMLClassifier={"Name": "ct-xml", "Classification": "xml", "RowTag": "fila"})
    with pytest.raises(glue.exceptions.InvalidInputException, match="NADA"):
        glue.create_classifier(GrokClassifier={"Name": "mal", "Classification": "x", "GrokPattern": "%{NADA:x}"})
    targets = {"S3Targets": [{"Path": f"s3://{bucket}/"}]}
    glue.create_crawler(
        Name="ct", Role=role, DatabaseName="d", Targets=targets, Classifiers=["ct-grok", "ct-xml"],
        Schedule="cron(15 12 ? * MON-FRI *)", Tags={"curso": "bsg"},
    )  # fmt: skip
    crawler = glue.get_crawler(Name="ct")["Crawler"]
    assert crawler["Schedule"] == {"ScheduleExpression": "cron(15 12 ? * MON-FRI *)", "State": "SCHEDULED"}
    glue.stop_crawler_schedule(CrawlerName="ct")
    with pytest.raises(glue.exceptions.SchedulerNotRunningException):
        glue.stop_crawler_schedule(CrawlerName="ct")
    glue.start_crawler_schedule(CrawlerName="ct")
    with pytest.raises(glue.exceptions.SchedulerRunningException):
        glue.start_crawler_schedule(CrawlerName="ct")
    glue.delete_crawler(Name="ct")
    glue.create_crawler(Name="ct", Role=role, DatabaseName="d", Targets=targets)
    assert glue.list_crawlers(Tags={"curso": "bsg"})["CrawlerNames"] == []
    with pytest.raises(glue.exceptions.NoScheduleException):
        glue.start_crawler_schedule(CrawlerName="ct")
    for name, act in (
        ("ct", glue.delete_crawler),
        ("ct-grok", glue.delete_classifier),
        ("ct-xml", glue.delete_classifier),
    ):
        act(Name=name)


@pytest.mark.slow
def test_partitions_beyond_one_page(aws: Aws, bucket: str, crawl: Callable[..., Any]) -> None:
    for number in range(250):
        aws("s3").put_object(Bucket=bucket, Key=f"v/a={number // 100}/b={number % 100}/x.csv", Body=SALES)
    table = crawl("v/")["v"]
    pages = aws("glue").get_paginator("get_partitions").paginate(DatabaseName=table["DatabaseName"], TableName="v")
    assert sum(len(page["Partitions"]) for page in pages) == 250
