"""A query has the permissions of its caller: what each statement asks for, and how it fails when one of them is taken away."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.cloud.call import AwsError
from tests.unit.cloud.athena.fakes import USER, Athena

_GLUE = "arn:aws:glue:us-east-1:123456789012:"
_HIVE = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. MetaException(message:"
_READ = "Insufficient permissions to execute the query. User: "
_PATH = "Permission denied on S3 path: s3://data/"
_WRITE = "PERMISSION_DENIED: Failed to write s3://data/"
_JAVA = "Got exception: com.amazonaws.services.s3.model.AmazonS3Exception Access Denied: "
_OF_CATALOG = "(Service: AmazonDataCatalog; Status Code: 400; Error Code: AccessDeniedException; Request ID: "
_OF_S3 = "(Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: "
_OUTPUT = (
    ".csv . Please ensure you are allowed to access the S3 bucket. If you are encrypting query results with KMS key, please ensure "
    "you are allowed to access your KMS key. Access Denied: User: "
)
_ROWS = "SELECT * FROM ventas"
_NAMES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'db'"
_UNLOAD = "UNLOAD (SELECT 1 AS a) TO 's3://data/fuera/' WITH (format = 'JSON')"
_INSERT = "INSERT INTO ventas VALUES (1, '7')"
_TABLE = "CREATE EXTERNAL TABLE db.ventas (id int) PARTITIONED BY (dia string) LOCATION 's3://data/ventas/'"
_PARQUET = "CREATE TABLE db.nueva WITH (format = 'PARQUET', external_location = 's3://data/nueva/') AS SELECT 1 AS a"
# Statement, what is taken away (the action and where its resource begins), how the reason begins, what else it says.
DENIALS = [
    (_ROWS, f"glue:GetDatabase {_GLUE}database/db", _READ, _OF_CATALOG),
    (_ROWS, f"glue:GetTable {_GLUE}catalog", _READ, ""),
    (_ROWS, f"glue:GetTable {_GLUE}table/db/ventas", _READ, ""),
    (_ROWS, f"glue:GetPartitions {_GLUE}table/db/ventas", _READ, ""),
    (_ROWS, "s3:ListBucket arn:aws:s3:::data", _PATH + "ventas/dia=1/. Access Denied: ", _OF_S3),
    (_ROWS, "s3:GetObject arn:aws:s3:::data/ventas/dia=2/", _PATH + "ventas/dia=2/b.csv. Access Denied: ", ""),
    ("SELECT count(*) FROM ventas", "s3:GetObject arn:aws:s3:::data/ventas/dia=2/", "Permission denied on S3 path: ", ""),
    ("SELECT 1", "s3:PutObject arn:aws:s3:::results/q/", "Access denied when writing output to url: s3://results/q/", _OUTPUT),
    ("SHOW TABLES IN db", f"glue:GetTables {_GLUE}table/db/*", _HIVE, "; Proxy: null))"),
    ("SHOW DATABASES", f"glue:GetDatabases {_GLUE}catalog", _HIVE, ""),
    ("SELECT schema_name FROM information_schema.schemata", f"glue:GetDatabases {_GLUE}catalog", _READ, ""),
    (_NAMES, f"glue:GetTables {_GLUE}database/db", _READ, ""),
    ("CREATE DATABASE otra", f"glue:CreateDatabase {_GLUE}database/otra", _HIVE, ""),
    ("ALTER DATABASE db SET DBPROPERTIES ('a' = 'b')", f"glue:UpdateDatabase {_GLUE}database/db", _HIVE, ""),
    ("DROP DATABASE db CASCADE", f"glue:DeleteDatabase {_GLUE}table/db/*", _HIVE, ""),
    (_TABLE.replace("ventas", "otra"), f"glue:CreateTable {_GLUE}table/db/otra", _HIVE, ""),
    (_TABLE.replace("ventas", "otra"), "s3:ListBucket arn:aws:s3:::data", _HIVE + _JAVA, ""),
    ("DROP TABLE ventas", f"glue:DeleteTable {_GLUE}table/db/ventas", _HIVE, ""),
    ("DROP TABLE ventas", f"glue:DeletePartition {_GLUE}catalog", _HIVE, ""),
    ("ALTER TABLE ventas ADD PARTITION (dia = '9')", f"glue:BatchCreatePartition {_GLUE}table/db/ventas", _HIVE, ""),
    ("ALTER TABLE ventas DROP PARTITION (dia = '1')", f"glue:BatchDeletePartition {_GLUE}table/db/ventas", _HIVE, ""),
    ("ALTER TABLE ventas SET TBLPROPERTIES ('a' = 'b')", f"glue:UpdateTable {_GLUE}table/db/ventas", _HIVE, ""),
    ("MSCK REPAIR TABLE ventas", f"glue:BatchCreatePartition {_GLUE}table/db/ventas", _HIVE, ""),
    ("MSCK REPAIR TABLE ventas", "s3:ListBucket arn:aws:s3:::data", _PATH + "ventas/. ", ""),
    ("SHOW PARTITIONS ventas", f"glue:GetPartitions {_GLUE}table/db/ventas", _HIVE, ""),
    ("DESCRIBE ventas", f"glue:GetTable {_GLUE}table/db/ventas", _HIVE, ""),
    ("CREATE VIEW v AS SELECT 1 AS a", f"glue:CreateTable {_GLUE}table/db/v", "User: ", "; Proxy: null)"),
    (_PARQUET, f"glue:CreateTable {_GLUE}table/db/nueva", "User: ", ""),
    (_PARQUET, "s3:PutObject arn:aws:s3:::data/nueva/", _WRITE + "nueva/", ""),
    (_PARQUET, "s3:ListBucket arn:aws:s3:::data", _PATH + "nueva/. ", ""),
    (_INSERT, "s3:PutObject arn:aws:s3:::data/ventas/dia=7/", _WRITE + "ventas/dia=7/", ""),
    (_INSERT, f"glue:BatchCreatePartition {_GLUE}table/db/ventas", "User: ", ""),
    (_UNLOAD, "s3:PutObject arn:aws:s3:::data/fuera/", _WRITE + "fuera/", ""),
]  # fmt: skip


@pytest.fixture
def shop(athena: Athena) -> Athena:
    """A table of two partitions, and a third folder that nobody registered."""
    athena.ok(_TABLE)
    for day, name in (("1", "a"), ("2", "b"), ("3", "c")):
        athena.put(f"ventas/dia={day}/{name}.csv", f"{day}\n")
    athena.ok("ALTER TABLE ventas ADD PARTITION (dia = '1') PARTITION (dia = '2')")
    athena.services.asked.clear()
    return athena


@pytest.mark.parametrize(
    ("sql", "denied", "begins", "says"), DENIALS, ids=[f"{sql}: {taken}" for sql, taken, _, _ in DENIALS]
)
def test_a_query_fails_without_one_of_its_permissions(
    shop: Athena, sql: str, denied: str, begins: str, says: str
) -> None:
    assert shop.run(sql).state == "SUCCEEDED"
    again = _fresh(shop)
    again.services.denied.add(denied)
    answer = again.run(sql)
    action, resource = denied.split(" ")
    assert answer.state == "FAILED"
    assert answer.reason.startswith(begins)
    assert says in answer.reason
    assert f"User: {USER} is not authorized to perform: {action} on resource: " in answer.reason
    assert resource in answer.reason
    error = answer.execution["Status"]["AthenaError"]
    assert (error["ErrorCategory"], error["ErrorType"], error["Retryable"]) == (2, 1500, False)
    assert again.services.store.list("results") == []


def _fresh(shop: Athena) -> Athena:
    """The same shop before the statement ran."""
    services = shop.services
    services.glue.clear()
    services.glue.create_database({"Name": "db"})
    services.store.empty("data")
    services.store.empty("results")
    shop.ok(_TABLE)
    for day, name in (("1", "a"), ("2", "b"), ("3", "c")):
        shop.put(f"ventas/dia={day}/{name}.csv", f"{day}\n")
    shop.ok("ALTER TABLE ventas ADD PARTITION (dia = '1') PARTITION (dia = '2')")
    services.store.empty("results")
    services.asked.clear()
    return shop


def test_a_query_asks_for_what_it_reads_and_nothing_else(shop: Athena) -> None:
    assert shop.ok("SELECT id FROM ventas WHERE dia = '2'") == [["2"]]
    asked = [(action, resource) for action, resource, _ in shop.services.asked]
    data = [one for one in asked if one[1].startswith("arn:aws:s3:::data")]
    assert data == [("s3:ListBucket", "arn:aws:s3:::data"), ("s3:GetObject", "arn:aws:s3:::data/ventas/dia=2/b.csv")]
    assert {action for action, _ in asked} == {
        "s3:GetBucketLocation", "s3:PutObject", "glue:GetDatabase", "glue:GetTable", "glue:GetPartitions", "s3:ListBucket", "s3:GetObject",
    }  # fmt: skip


def test_dropping_a_table_deletes_no_object(shop: Athena) -> None:
    shop.services.denied.update({"s3:DeleteObject ", "s3:ListBucket ", "s3:GetObject arn:aws:s3:::data"})
    assert shop.run("DROP TABLE ventas").state == "SUCCEEDED"
    assert len(shop.services.store.list("data")) == 3


def test_the_bucket_of_the_result_is_looked_for_when_the_query_starts(athena: Athena) -> None:
    athena.services.denied.add("s3:GetBucketLocation arn:aws:s3:::results")
    with pytest.raises(AwsError) as caught:
        athena.start("SELECT 1")
    assert caught.value.code == "InvalidRequestException"
    assert caught.value.message.startswith(
        f"Unable to verify/create output bucket results. User: {USER} is not authorized to perform: "
    )
    assert "s3:GetBucketLocation on resource" in caught.value.message


def test_a_result_is_read_with_the_permissions_of_who_asks_for_it(athena: Athena) -> None:
    name = athena.run("SELECT 1 AS a").id
    athena.services.denied.add("s3:GetObject arn:aws:s3:::results/")
    with pytest.raises(AwsError, match="is not authorized to perform: s3:GetObject on resource") as caught:
        athena.rows(name)
    assert caught.value.code == "AccessDeniedException"


_REUSE = {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": True}}}


@pytest.mark.parametrize(
    ("denied", "reused"),
    [
        ("", True),
        (f"glue:GetTable {_GLUE}table/db/ventas", False),
        (f"glue:GetPartitions {_GLUE}table/db/ventas", False),
        ("s3:GetObject arn:aws:s3:::results/", False),
    ],
)
def test_a_result_is_reused_by_who_has_access_to_its_tables_and_its_file(
    shop: Athena, denied: str, reused: bool
) -> None:
    shop.ok("SELECT * FROM ventas")
    if denied:
        shop.services.denied.add(denied)
    execution = shop.wait(shop.start("SELECT * FROM ventas", **_REUSE))
    assert execution["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"] is reused
    assert (execution["Status"]["State"] == "FAILED") is denied.startswith("glue:")


def test_a_query_over_hundreds_of_databases_is_not_reused(athena: Athena) -> None:
    for number in range(250):
        athena.services.glue.create_database({"Name": f"d{number}"})
    sql = "SELECT count(*) FROM information_schema.tables"
    for _ in range(2):
        execution = athena.wait(athena.start(sql, **_REUSE))
        assert execution["Status"]["State"] == "SUCCEEDED"
        assert execution["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"] is False


def test_many_partitions_are_listed_one_by_one_as_far_as_permissions_go(athena: Athena) -> None:
    athena.ok(_TABLE)
    for day in range(12):
        athena.put(f"ventas/dia={day:02}/a.csv", f"{day}\n")
    athena.ok("MSCK REPAIR TABLE ventas")
    athena.services.asked.clear()
    assert athena.ok("SELECT count(*) FROM ventas") == [["12"]]
    listed = [context["s3:prefix"] for action, _, context in athena.services.asked if action == "s3:ListBucket"]
    assert listed == [(f"ventas/dia={day:02}/",) for day in range(12)]


def test_a_prepared_statement_and_a_view_are_read_with_the_permissions_of_the_caller(shop: Athena) -> None:
    shop.ok("CREATE VIEW v AS SELECT id FROM ventas")
    shop.ok("PREPARE p FROM SELECT * FROM v")
    shop.services.denied.add("s3:GetObject arn:aws:s3:::data/ventas/")
    assert shop.fails("EXECUTE p").startswith(_PATH + "ventas/dia=1/a.csv")


def test_athenas_calls_over_the_catalog_ask_glue(shop: Athena) -> None:
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("GetDatabase", {"DatabaseName": "db"}, "glue:GetDatabase"),
        ("ListDatabases", {}, "glue:GetDatabases"),
        ("GetTableMetadata", {"DatabaseName": "db", "TableName": "ventas"}, "glue:GetTable"),
        ("ListTableMetadata", {"DatabaseName": "db"}, "glue:GetTables"),
    ]
    for operation, params, action in calls:
        assert shop.call(operation, CatalogName="AwsDataCatalog", **params)
        shop.services.denied.add(f"{action} {_GLUE}catalog")
        with pytest.raises(
            AwsError, match=rf"is not authorized to perform: {action} on .*\(Service: AmazonDataCatalog;"
        ) as caught:
            shop.call(operation, CatalogName="AwsDataCatalog", **params)
        assert caught.value.code == "MetadataException"
        shop.services.denied.clear()
