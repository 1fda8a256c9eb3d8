"""Athena through boto3, against the running cloud."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[[str], Any]
BUCKET = "athena-lab-data"


@pytest.fixture(scope="module")
def run(aws: Client) -> Callable[..., dict[str, Any]]:
    """Run one statement to its end; the QueryExecution document."""
    aws("s3").create_bucket(Bucket=BUCKET)
    athena = aws("athena")

    def statement(sql: str, database: str = "athena_lab", **params: Any) -> dict[str, Any]:
        name = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": database},
            ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
            **params,
        )["QueryExecutionId"]
        for _ in range(3000):
            found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=name)["QueryExecution"]
            if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return found
            time.sleep(0.01)
        raise AssertionError(f"{sql} did not end")

    assert statement("CREATE DATABASE athena_lab", "default")["Status"]["State"] == "SUCCEEDED"
    return statement


def rows(aws: Client, execution: dict[str, Any]) -> list[list[str | None]]:
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"].get("StateChangeReason")
    pages = aws("athena").get_paginator("get_query_results").paginate(QueryExecutionId=execution["QueryExecutionId"])
    return [[cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]


def test_a_partition_is_answered_once_it_is_registered(aws: Client, run: Callable[..., dict[str, Any]]) -> None:
    for year, body in (("2023", "1,a\n"), ("2024", "2,b\n3,c\n")):
        aws("s3").put_object(Bucket=BUCKET, Key=f"ventas/año={year}/f.csv", Body=body.encode())
    ddl = (
        "CREATE EXTERNAL TABLE ventas (id int, n string) PARTITIONED BY (`año` string) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{BUCKET}/ventas/'"
    )
    assert rows(aws, run(ddl)) == []
    assert rows(aws, run("SELECT count(*) AS n FROM ventas")) == [["n"], ["0"]]
    rows(aws, run("MSCK REPAIR TABLE ventas"))
    assert rows(aws, run("SHOW PARTITIONS ventas")) == [["año=2023"], ["año=2024"]]
    whole, pruned = run("SELECT * FROM ventas"), run("SELECT id FROM ventas WHERE \"año\" = '2024' ORDER BY id")
    assert rows(aws, pruned) == [["id"], ["2"], ["3"]]
    assert (whole["Statistics"]["DataScannedInBytes"], pruned["Statistics"]["DataScannedInBytes"]) == (12, 8)
    partitions = aws("glue").get_partitions(DatabaseName="athena_lab", TableName="ventas")["Partitions"]
    assert sorted(one["Values"] for one in partitions) == [["2023"], ["2024"]]


def test_the_result_file_is_an_object(aws: Client, run: Callable[..., dict[str, Any]]) -> None:
    location = run("SELECT 1 AS a, NULL AS b")["ResultConfiguration"]["OutputLocation"]
    key = location.removeprefix(f"s3://{BUCKET}/")
    assert aws("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read() == b'"a","b"\n"1",\n'
    assert aws("s3").head_object(Bucket=BUCKET, Key=key + ".metadata")["ContentLength"] > 0


def test_create_table_as_makes_a_table_and_files(aws: Client, run: Callable[..., dict[str, Any]]) -> None:
    sql = f"CREATE TABLE hecha WITH (external_location = 's3://{BUCKET}/hecha/', partitioned_by = ARRAY['p']) AS SELECT 7 AS n, 'x' AS p"
    rows(aws, run(sql))
    assert rows(aws, run("SELECT n, p FROM hecha")) == [["n", "p"], ["7", "x"]]
    table = aws("glue").get_table(DatabaseName="athena_lab", Name="hecha")["Table"]
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    keys = [one["Key"] for one in aws("s3").list_objects_v2(Bucket=BUCKET, Prefix="hecha/")["Contents"]]
    assert [key.split("/")[1] for key in keys] == ["p=x"]


def test_alter_and_views_reach_the_catalog(aws: Client, run: Callable[..., dict[str, Any]]) -> None:
    rows(aws, run(f"CREATE EXTERNAL TABLE alt (a int) LOCATION 's3://{BUCKET}/alt/'"))
    rows(aws, run("ALTER TABLE alt ADD COLUMNS (b string)"))
    columns = aws("glue").get_table(DatabaseName="athena_lab", Name="alt")["Table"]["StorageDescriptor"]["Columns"]
    assert [one["Name"] for one in columns] == ["a", "b"]
    rows(aws, run("CREATE OR REPLACE VIEW vista AS SELECT 1 AS uno"))
    rows(aws, run("CREATE OR REPLACE VIEW vista AS SELECT 2 AS uno"))
    assert rows(aws, run("SELECT uno FROM vista")) == [["uno"], ["2"]]
    assert aws("glue").get_table(DatabaseName="athena_lab", Name="vista")["Table"]["TableType"] == "VIRTUAL_VIEW"
    rows(aws, run("DROP VIEW vista"))


def test_errors_arrive_as_on_aws(aws: Client, run: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(ClientError, match="mismatched input 'ñ'") as caught:
        run("SELECT año FROM ventas")
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    status = run("SELECT * FROM nada")["Status"]
    assert status["State"] == "FAILED"
    assert (
        status["StateChangeReason"]
        == "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.athena_lab.nada' does not exist"
    )
    assert status["AthenaError"]["ErrorCategory"] == 2
    with pytest.raises(ClientError, match="No output location provided"):
        aws("athena").start_query_execution(QueryString="SELECT 1")


def test_host_files_stay_out_of_reach(run: Callable[..., dict[str, Any]]) -> None:
    for sql in ('SELECT * FROM "/etc/passwd"', "SELECT getenv('HOME')", "SELECT read_text('/etc/passwd')"):
        assert run(sql)["Status"]["State"] == "FAILED", sql
    with pytest.raises(ClientError, match=r"InvalidRequestException.*mismatched input"):
        run("SELECT * FROM read_csv('/etc/passwd')")


def test_workgroups_and_metadata(aws: Client) -> None:
    athena = aws("athena")
    assert athena.list_work_groups()["WorkGroups"][0]["Name"] == "primary"
    athena.create_work_group(
        Name="clase", Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/clase/"}}
    )
    name = athena.start_query_execution(QueryString="SELECT 1", WorkGroup="clase")["QueryExecutionId"]
    place = athena.get_query_execution(QueryExecutionId=name)["QueryExecution"]["ResultConfiguration"]["OutputLocation"]
    assert place == f"s3://{BUCKET}/clase/{name}.csv"
    assert athena.get_work_group(WorkGroup="clase")["WorkGroup"]["CreationTime"].year >= 2024
    databases = athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"]
    assert "athena_lab" in [one["Name"] for one in databases]
    assert (
        athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="athena_lab", TableName="ventas")[
            "TableMetadata"
        ]["Name"]
        == "ventas"
    )
