"""purge_s3_path, purge_table and extract_jdbc_conf. Source: DG aws-glue-api-crawler-pyspark-extensions-glue-context.html."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def aws(runtime_on_path: None) -> Iterator[Any]:
    """moto in this process: S3 and the catalog, no server and no network."""
    from moto import mock_aws

    module = importlib.import_module("awsglue._aws")
    with mock_aws():
        module._session.cache_clear()
        module.client.cache_clear()
        module.client("s3").create_bucket(Bucket="lago")
        module.client("glue").create_database(DatabaseInput={"Name": "db"})
        yield module.client
    module._session.cache_clear()
    module.client.cache_clear()


def keys(aws: Any) -> list[str]:
    return [one["Key"] for one in aws("s3").list_objects_v2(Bucket="lago").get("Contents", ())]


def put(aws: Any, *names: str, **options: Any) -> None:
    for name in names:
        aws("s3").put_object(Bucket="lago", Key=name, Body=b"x", **options)


@pytest.fixture
def table(aws: Any) -> Any:
    """Table db.t with the partitions year=2023 (two files) and year=2024 (one file)."""
    put(aws, "t/year=2023/a", "t/year=2023/b", "t/year=2024/c")
    storage = {"Columns": [{"Name": "v", "Type": "int"}], "Location": "s3://lago/t/"}
    aws("glue").create_table(
        DatabaseName="db",
        TableInput={
            "Name": "t", "StorageDescriptor": storage, "PartitionKeys": [{"Name": "year", "Type": "int"}],
            "Parameters": {"classification": "json"},
        },
    )  # fmt: skip
    for year in ("2023", "2024"):
        place = {**storage, "Location": f"s3://lago/t/year={year}/"}
        aws("glue").create_partition(
            DatabaseName="db", TableName="t", PartitionInput={"Values": [year], "StorageDescriptor": place}
        )
    return aws


def years(aws: Any) -> list[str]:
    found = aws("glue").get_partitions(DatabaseName="db", TableName="t")["Partitions"]
    return sorted(one["Values"][0] for one in found)


def test_nothing_younger_than_a_week_is_purged_by_default(glue_context: Any, table: Any) -> None:
    glue_context.purge_table("db", "t")
    glue_context.purge_s3_path("s3://lago/t/")
    assert len(keys(table)) == 3
    assert years(table) == ["2023", "2024"]


def test_the_retention_period_is_in_hours(glue_context: Any, aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(aws, "a")
    purge = importlib.import_module("awsglue._purge")
    now = dt.datetime.now(dt.timezone.utc).timestamp()
    monkeypatch.setattr(purge.time, "time", lambda: now + 3600 * 5)
    glue_context.purge_s3_path("s3://lago/", {"retentionPeriod": 6})
    assert keys(aws) == ["a"]
    glue_context.purge_s3_path("s3://lago/", {"retentionPeriod": 4})
    assert keys(aws) == []
    put(aws, "b")
    monkeypatch.setattr(purge.time, "time", lambda: now + 3600 * 169)
    glue_context.purge_s3_path("s3://lago/")
    assert keys(aws) == []


def test_purge_table_removes_the_partitions_whose_files_are_all_gone(glue_context: Any, table: Any) -> None:
    glue_context.purge_table("db", "t", {"partitionPredicate": "year = 2023", "retentionPeriod": 0})
    assert keys(table) == ["t/year=2024/c"]
    assert years(table) == ["2024"]


def test_a_partition_with_a_file_left_stays(glue_context: Any, table: Any) -> None:
    put(table, "t/year=2023/cold", StorageClass="GLACIER")
    glue_context.purge_table("db", "t", {"retentionPeriod": 0, "excludeStorageClasses": ["GLACIER"]})
    assert keys(table) == ["t/year=2023/cold"]
    assert years(table) == ["2023"]


def test_purge_table_without_partitions_and_with_a_wrong_predicate(glue_context: Any, table: Any) -> None:
    with pytest.raises(Exception, match=r"partition columns: \[year\]"):
        glue_context.purge_table("db", "t", {"partitionPredicate": "month = 1", "retentionPeriod": 0})
    assert len(keys(table)) == 3
    with pytest.raises(Exception, match="EntityNotFoundException"):
        glue_context.purge_table("db", "nothing", {"retentionPeriod": 0})


def test_a_manifest_lists_what_was_purged(glue_context: Any, aws: Any) -> None:
    put(aws, "old/a", "old/deep/b", "older/c")
    glue_context.purge_s3_path("s3://lago/old", {"retentionPeriod": 0, "manifestFilePath": "s3://lago/manifest/"})
    assert keys(aws) == ["manifest/Failed.csv", "manifest/Success.csv", "older/c"]
    body = aws("s3").get_object(Bucket="lago", Key="manifest/Success.csv")["Body"].read().decode()
    assert body.splitlines() == ["s3://lago/old/a", "s3://lago/old/deep/b"]


def test_what_could_not_be_purged_is_listed_and_raised(
    glue_context: Any, aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(aws, "old/a", "old/b")
    module, real = importlib.import_module("awsglue._aws"), aws("s3")

    class Stubborn:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def delete_objects(self, Bucket: str, Delete: Any) -> Any:  # noqa: N803 - the names of the S3 API
            real.delete_objects(
                Bucket=Bucket, Delete={"Objects": [one for one in Delete["Objects"] if one["Key"] != "old/b"]}
            )
            return {"Errors": [{"Key": "old/b", "Code": "AccessDenied", "Message": "Access Denied"}]}

    monkeypatch.setattr(module, "client", lambda name: Stubborn())
    with pytest.raises(RuntimeError, match=r"1 objects \(1 were deleted\); s3://lago/old/b: Access Denied"):
        glue_context.purge_s3_path("s3://lago/old", {"retentionPeriod": 0, "manifestFilePath": "s3://lago/m"})
    assert real.get_object(Bucket="lago", Key="m/Failed.csv")["Body"].read() == b"s3://lago/old/b\n"


@pytest.mark.parametrize(
    "options",
    [{"retentionPeriod": "soon"}, {"retentionPeriod": -1}, {"manifestFilePath": "/tmp/x", "retentionPeriod": 0}],
)
def test_wrong_options_delete_nothing(glue_context: Any, aws: Any, options: dict[str, Any]) -> None:
    put(aws, "a")
    with pytest.raises(ValueError, match=r"retentionPeriod|s3://bucket"):
        glue_context.purge_s3_path("s3://lago/", options)
    assert keys(aws) == ["a"]


def connection(aws: Any, name: str, **properties: str) -> None:
    aws("glue").create_connection(
        ConnectionInput={"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": properties}
    )


@pytest.mark.parametrize(
    ("full", "url", "vendor"),
    [
        ("jdbc:mysql://host.example:3306/ventas", "jdbc:mysql://host.example:3306", "mysql"),
        ("jdbc:postgresql://h:5432/db?ssl=true", "jdbc:postgresql://h:5432", "postgresql"),
        ("jdbc:sqlserver://h:1433;databaseName=db", "jdbc:sqlserver://h:1433", "sqlserver"),
        ("jdbc:redshift://h:5439/dev", "jdbc:redshift://h:5439", "redshift"),
        ("jdbc:oracle:thin://@h:1521/svc", "jdbc:oracle:thin://@h:1521", "oracle"),
    ],
)
def test_extract_jdbc_conf(glue_context: Any, aws: Any, full: str, url: str, vendor: str) -> None:
    connection(aws, "c", JDBC_CONNECTION_URL=full, USERNAME="ana", PASSWORD="secreto", JDBC_ENFORCE_SSL="True")
    conf = glue_context.extract_jdbc_conf("c")
    assert {
        "url": url,
        "fullUrl": full,
        "vendor": vendor,
        "user": "ana",
        "password": "secreto",
        "enforceSSL": "true",
    }.items() <= conf.items()
    assert {"customJDBCCert", "customJDBCCertString", "skipCustomJDBCCertValidation"} <= set(conf)


def test_the_credentials_of_a_connection_may_be_a_secret(glue_context: Any, aws: Any) -> None:
    aws("secretsmanager").create_secret(Name="db/ventas", SecretString='{"username": "ana", "password": "p"}')
    connection(aws, "c", JDBC_CONNECTION_URL="jdbc:mysql://h:1/d", SECRET_ID="db/ventas")
    assert {"user": "ana", "password": "p"}.items() <= glue_context.extract_jdbc_conf("c").items()


def test_a_connection_that_is_not_there_or_is_no_database(glue_context: Any, aws: Any) -> None:
    with pytest.raises(Exception, match="EntityNotFoundException"):
        glue_context.extract_jdbc_conf("nothing")
    with pytest.raises(Exception, match="EntityNotFoundException"):
        glue_context.write_dynamic_frame.from_jdbc_conf(None, "nothing", {"dbtable": "t", "database": "d"})
    connection(aws, "net", HOST="x")
    with pytest.raises(ValueError, match="no JDBC connection"):
        glue_context.extract_jdbc_conf("net")
    connection(aws, "c", JDBC_CONNECTION_URL="jdbc:mysql://h:1/d")
    with pytest.raises(NotImplementedError, match="connection_type='s3'"):
        glue_context.write_dynamic_frame.from_jdbc_conf(None, "c", {"dbtable": "t", "database": "d"})
