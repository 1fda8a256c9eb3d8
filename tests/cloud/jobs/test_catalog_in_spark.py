"""`--enable-glue-datacatalog`: catalog tables in Spark SQL, read and written (glue dg, "Glue Data Catalog … Spark SQL")."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

# Seconds each; other modules of the folder show with every change that Spark starts and runs.
pytestmark = pytest.mark.slow

FLAG = {"--enable-glue-datacatalog": ""}
HEAD = """
import json
from awsglue.context import GlueContext
from pyspark.context import SparkContext
spark = GlueContext(SparkContext()).spark_session
def tell(name, df):
    print(json.dumps({name: [list(row) for row in df.collect()]}, default=str))
"""
_TEXT_FILES = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
}
_PARQUET_FILES = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


def _told(runner: Any, run: dict[str, Any]) -> dict[str, Any]:
    assert run["JobRunState"] == "SUCCEEDED", run["ErrorMessage"]
    found: dict[str, Any] = {}
    for line in runner.log(run):
        if line.startswith("{"):
            found.update(json.loads(line))
    return found


@pytest.fixture(scope="module")
def database(runner: Any) -> str:
    """A database with a location, and three tables as crawlers leave them: partitioned Parquet, JSON and CSV."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    s3, glue, bucket = runner.aws("s3"), runner.aws("glue"), runner.bucket
    name = bucket.replace("-", "_")
    glue.create_database(DatabaseInput={"Name": name, "LocationUri": f"s3://{bucket}/wh/"})
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2], "tienda": ["Ñuñoa", None]}), buffer)
    s3.put_object(Bucket=bucket, Key="ventas/anio=2024/a.parquet", Body=buffer.getvalue())
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "tienda", "Type": "string"}]
    storage = {**_PARQUET_FILES, "Columns": columns, "Location": f"s3://{bucket}/ventas/"}
    table = {"TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage}
    keys = [{"Name": "anio", "Type": "int"}]
    glue.create_table(DatabaseName=name, TableInput={"Name": "ventas", "PartitionKeys": keys, **table})
    # Nobody can list the partition of 2023: a query that does not prune fails.
    for year, place in ((2024, f"s3://{bucket}/ventas/anio=2024/"), (2023, "s3://no-such-bucket-anywhere/x/")):
        partition = {"Values": [str(year)], "StorageDescriptor": {**storage, "Location": place}}
        glue.create_partition(DatabaseName=name, TableName="ventas", PartitionInput=partition)
    lines = '{"Cliente": "Ana", "dir": {"codigoPostal": 28001}}\n{"Cliente": "Eva"}\n'
    s3.put_object(Bucket=bucket, Key="clientes/a.json", Body=lines.encode())
    columns = [{"Name": "cliente", "Type": "string"}, {"Name": "dir", "Type": "struct<codigopostal:int>"}]
    serde = {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {"paths": "Cliente,dir"}}
    storage = {**_TEXT_FILES, "Columns": columns, "Location": f"s3://{bucket}/clientes/", "SerdeInfo": serde}
    glue.create_table(DatabaseName=name, TableInput={"Name": "clientes", **table, "StorageDescriptor": storage})
    s3.put_object(Bucket=bucket, Key="notas/a.csv", Body="id,nota\n1,hola\n2,adiós\n".encode())
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "nota", "Type": "string"}]
    serde = {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    }
    storage = {**_TEXT_FILES, "Columns": columns, "Location": f"s3://{bucket}/notas/", "SerdeInfo": serde}
    json_partitioned = {"Name": "eventos", **table, "PartitionKeys": [{"Name": "dia", "Type": "string"}]}
    columns = [{"Name": "quien", "Type": "string"}]
    serde = {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {"paths": "Quien"}}
    events = {**_TEXT_FILES, "Columns": columns, "Location": f"s3://{bucket}/eventos/", "SerdeInfo": serde}
    glue.create_table(DatabaseName=name, TableInput={**json_partitioned, "StorageDescriptor": events})
    parameters = {"classification": "csv", "skip.header.line.count": "1"}
    csv_table = {"Name": "notas", **table, "StorageDescriptor": storage, "Parameters": parameters}
    glue.create_table(DatabaseName=name, TableInput=csv_table)
    return name


@pytest.fixture(scope="module")
def read(runner: Any, database: str) -> dict[str, Any]:
    script = f"""
tell("databases", spark.sql("show databases like '{database}'"))
tell("tables", spark.sql("show tables in {database}").select("tableName"))
tell("pruned", spark.sql("select * from {database}.ventas where anio = 2024 order by id"))
tell("frame", spark.table("{database}.ventas").where("anio > 2023").select("tienda", "anio").orderBy("tienda"))
tell("partitions", spark.sql("show partitions {database}.ventas"))
tell("json", spark.sql("select CLIENTE, dir.codigopostal from {database}.clientes order by 1"))
spark.sql("use {database}")
tell("csv", spark.sql("select * from notas order by id"))
tell("exists", spark.createDataFrame([(spark.catalog.tableExists("{database}.ventas"), spark.catalog.tableExists("nope"))], "a boolean, b boolean"))
"""  # noqa: E501 - a script of a user's
    run = runner.run(HEAD + script, FLAG)
    return {**_told(runner, run), "errors": runner.log(run, "error")}


def test_databases_and_tables_are_listed(read: dict[str, Any], database: str) -> None:
    assert read["databases"] == [[database]]
    assert {"ventas", "clientes", "notas"} <= {row[0] for row in read["tables"]}
    assert read["exists"] == [[True, False]]


def test_a_query_reads_only_the_partitions_that_its_filter_leaves(read: dict[str, Any]) -> None:
    assert read["pruned"] == [[1, "Ñuñoa", 2024], [2, None, 2024]]
    assert read["frame"] == [[None, 2024], ["Ñuñoa", 2024]]
    assert read["partitions"] == [["anio=2023"], ["anio=2024"]]


def test_json_keys_are_found_in_any_letter_case(read: dict[str, Any]) -> None:
    assert read["json"] == [["Ana", 28001], ["Eva", None]]


def test_header_lines_come_as_rows_as_in_any_spark_and_the_log_says_so(read: dict[str, Any]) -> None:
    assert read["csv"] == [[None, "nota"], [1, "hola"], [2, "adiós"]]
    assert [line for line in read["errors"] if line.startswith("NOTE") and "skip.header.line.count" in line]


@pytest.mark.slow
def test_tables_are_written_back_to_the_catalog(runner: Any, database: str) -> None:
    bucket = runner.bucket
    script = f"""
rows = [(1, "a", "2023"), (2, "ñ", "2024"), (3, None, "año 1")]
df = spark.createDataFrame(rows, "id int, nombre string, anio string")
path = "s3://{bucket}/guardadas/"
df.write.mode("overwrite").format("parquet").partitionBy("anio").option("path", path).saveAsTable("{database}.guardadas")
df.limit(1).write.insertInto("{database}.guardadas")
tell("saved", spark.sql("select id, nombre, anio from {database}.guardadas order by id"))
spark.sql("create table {database}.resumen stored as parquet as select anio, count(*) n from {database}.guardadas group by anio")
tell("summary", spark.table("{database}.resumen").orderBy("anio"))
spark.sql("alter table {database}.guardadas drop partition (anio='2023')")
spark.sql("insert into {database}.clientes values ('Luz', named_struct('codigoPostal', 7))")
tell("json", spark.sql("select cliente, dir.codigopostal from {database}.clientes where cliente = 'Luz'"))
spark.sql("create table {database}.porhoras (Hora int) using json options (path 's3://{bucket}/h/')")
spark.sql("insert into {database}.eventos partition (dia='2') values ('Sol')")
spark.sql("create external table {database}.manual (x bigint) partitioned by (p string) stored as parquet location 's3://{bucket}/manual/'")
spark.sql("insert into {database}.manual partition (p='uno') values (5)")
spark.sql("alter table {database}.manual add columns (y string)")
spark.sql("create table {database}.texto (x int) stored as textfile")
spark.sql("insert into {database}.texto values (1)")
spark.sql("insert overwrite table {database}.texto values (2)")
tell("text", spark.table("{database}.texto"))
spark.sql("drop table {database}.resumen")
"""
    run = runner.run(HEAD + script, FLAG)
    told = _told(runner, run)
    assert told["text"] == [[2]]
    assert not [line for line in runner.log(run, "error") if "Exception" in line]
    assert [1, "a", "2023"] in told["saved"]
    assert len(told["saved"]) == 4
    assert sum(row[1] for row in told["summary"]) == 4
    assert told["json"] == [["Luz", 7]]

    glue = runner.aws("glue")
    saved = glue.get_table(DatabaseName=database, Name="guardadas")["Table"]
    assert [(one["Name"], one["Type"]) for one in saved["StorageDescriptor"]["Columns"]] == [
        ("id", "int"),
        ("nombre", "string"),
    ]
    assert saved["PartitionKeys"][0]["Name"] == "anio"
    partitions = glue.get_partitions(DatabaseName=database, TableName="guardadas")["Partitions"]
    assert sorted(one["Values"] for one in partitions) == [["2024"], ["año 1"]]
    assert {one["StorageDescriptor"]["Location"].rstrip("/") for one in partitions} == {
        f"s3://{bucket}/guardadas/anio=2024",
        f"s3://{bucket}/guardadas/anio=año 1",
    }
    manual = glue.get_table(DatabaseName=database, Name="manual")["Table"]
    assert [one["Name"] for one in manual["StorageDescriptor"]["Columns"]] == ["x", "y"]
    assert glue.get_partition(DatabaseName=database, TableName="manual", PartitionValues=["uno"])["Partition"]
    clients = glue.get_table(DatabaseName=database, Name="clientes")["Table"]
    assert clients["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] == "org.openx.data.jsonserde.JsonSerDe"
    assert not [name for name in clients.get("Parameters", {}) if name.startswith("spark.sql.sources")]
    events = glue.get_partition(DatabaseName=database, TableName="eventos", PartitionValues=["2"])["Partition"]
    assert events["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"paths": "Quien"}
    written = runner.aws("s3").get_object(Bucket=bucket, Key=runner.keys("eventos/dia=2/part-")[0])["Body"].read()
    assert json.loads(written) == {"Quien": "Sol"}
    names = [one["Name"] for one in glue.get_tables(DatabaseName=database)["TableList"]]
    assert "resumen" not in names
    assert runner.keys("wh/resumen") == []  # a managed table's files go with it
    assert not [key for key in runner.keys("") if "staging" in key or "_temporary" in key]


def test_without_the_flag_spark_sees_no_catalog(runner: Any, database: str) -> None:
    run = runner.run(HEAD + f'spark.sql("select * from {database}.ventas").show()')
    assert run["JobRunState"] == "FAILED"
    assert "TABLE_OR_VIEW_NOT_FOUND" in run["ErrorMessage"]


def test_a_table_that_would_lie_on_the_runs_own_disk_is_refused(runner: Any) -> None:
    run = runner.run(HEAD + 'spark.range(3).write.saveAsTable("suelta")', FLAG)
    assert run["JobRunState"] == "FAILED"
    assert "LocationUri" in run["ErrorMessage"]
    missing = runner.aws("glue").get_databases()["DatabaseList"]
    assert "default" not in {one["Name"] for one in missing}
