"""Sources and sinks over `s3://`, in real job runs. Sources: DG aws-glue-programming-etl-connect-s3-home.html, update-from-job.html,
aws-glue-api-crawler-pyspark-extensions-glue-context.html; glue-runtime.md sections 2 and 3."""

from __future__ import annotations

import gzip
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.cloud.glue_jobs import GLUE, GlueJobs

READ = "read = glueContext.create_dynamic_frame.from_options\n"


@pytest.fixture(scope="module")
def jobs(aws: Callable[[str], Any]) -> GlueJobs:
    return GlueJobs(aws)


def output(jobs: GlueJobs, body: str, **names: str) -> list[str]:
    """What a script prints; `{bucket}` and the other names are put into it."""
    for name, value in {"bucket": jobs.bucket, **names}.items():
        body = body.replace("{" + name + "}", value)
    run = jobs.once(GLUE + READ + body)
    assert run.get("ErrorMessage") is None, run
    return jobs.log(run)


def keys(jobs: GlueJobs, prefix: str) -> list[str]:
    found = jobs.s3.list_objects_v2(Bucket=jobs.bucket, Prefix=prefix).get("Contents", [])
    return [item["Key"] for item in found]


def test_what_python_reads_of_objects_with_awkward_names(jobs: GlueJobs) -> None:
    """compressionType without an extension, the escaper, records over several lines: bytes that go through Spark's file system."""
    jobs.put("in/año nuevo/ventas+1 50%", gzip.compress("id,s\n1,ñ\n".encode()))
    jobs.put("esc/a b.csv", "1,a\\,b\n")
    jobs.put("json/x=1/multi[1].json", '[{"a": 1},\n {"a": "x"}]')
    printed = output(
        jobs,
        """
def rows(frame):
    return sorted(json.dumps(row.asDict(recursive=True), ensure_ascii=False, sort_keys=True) for row in frame.toDF().collect())
import json
gz = {"paths": ["s3://{bucket}/in/año nuevo/"], "compressionType": "gzip"}
print(rows(read("s3", gz, "csv", {"withHeader": True})))
print(rows(read("s3", {"paths": "s3a://{bucket}/esc"}, "csv", {"escaper": "\\\\"})))
print(rows(read("s3", {"paths": ["s3://{bucket}/json/"], "recurse": True}, "json", {"multiLine": True})))
""",
    )
    assert printed == [
        """['{"id": "1", "s": "ñ"}']""",
        """['{"col0": "1", "col1": "a,b"}']""",
        """['{"a": {"int": 1, "string": null}}', '{"a": {"int": null, "string": "x"}}']""",
    ]


def test_partitioned_sinks_of_every_format_and_the_table_over_them(jobs: GlueJobs) -> None:
    database = f"db_{uuid.uuid4().hex[:8]}"
    jobs.glue.create_database(DatabaseInput={"Name": database})
    printed = output(
        jobs,
        """
from awsglue.dynamicframe import DynamicFrame
values = ["a/b", "50%", "año nuevo", "x=y", None]
df = spark.createDataFrame([(i, v) for i, v in enumerate(values)], "v int, k string").coalesce(1)
frame = DynamicFrame.fromDF(df, glueContext, "made")
for kind in ("glueparquet", "json", "csv", "avro"):
    sink = glueContext.getSink(connection_type="s3", path="s3://{bucket}/t/" + kind + "/", enableUpdateCatalog=True,
                               updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["k"], transformation_ctx="sink_" + kind)
    sink.setFormat(kind)
    sink.setCatalogInfo(catalogDatabase="{database}", catalogTableName=kind)
    sink.writeFrame(frame)
    back = glueContext.create_dynamic_frame.from_catalog(database="{database}", table_name=kind)
    some = glueContext.create_dynamic_frame.from_catalog("{database}", kind, push_down_predicate="k like '%/%' or k is null")
    print(kind, sorted((row["v"], row["k"]) for row in back.toDF().collect()), some.count())
""",
        database=database,
    )
    expected = [(0, "a/b"), (1, "50%"), (2, "año nuevo"), (3, "x=y"), (4, None)]
    assert printed == [f"{kind} {expected} 2" for kind in ("glueparquet", "json", "csv", "avro")]
    folders = {key.split("/")[2] for key in keys(jobs, "t/")}
    assert folders == {"k=a%2Fb", "k=50%25", "k=año nuevo", "k=x%3Dy", "k=__HIVE_DEFAULT_PARTITION__"}
    assert all("/run-" in key for key in keys(jobs, "t/"))
    found = jobs.glue.get_partitions(DatabaseName=database, TableName="json")["Partitions"]
    assert sorted(one["Values"][0] for one in found) == sorted(
        ["a/b", "50%", "año nuevo", "x=y", "__HIVE_DEFAULT_PARTITION__"]
    )


def test_purge_table_and_a_manifest(jobs: GlueJobs) -> None:
    database = f"db_{uuid.uuid4().hex[:8]}"
    jobs.glue.create_database(DatabaseInput={"Name": database})
    storage = {"Columns": [{"Name": "v", "Type": "int"}], "Location": f"s3://{jobs.bucket}/purge/"}
    table = {
        "Name": "t", "StorageDescriptor": storage, "PartitionKeys": [{"Name": "año", "Type": "int"}],
        "Parameters": {"classification": "json"},
    }  # fmt: skip
    jobs.glue.create_table(DatabaseName=database, TableInput=table)
    for year in ("2023", "2024"):
        place = jobs.put(f"purge/año={year}/a.json", '{"v": 1}\n').rpartition("/")[0]
        one = {"Values": [year], "StorageDescriptor": {**storage, "Location": f"{place}/"}}
        jobs.glue.create_partition(DatabaseName=database, TableName="t", PartitionInput=one)
    printed = output(
        jobs,
        """
read_table = glueContext.create_dynamic_frame.from_catalog
glueContext.purge_table("{database}", "t", {"partitionPredicate": "`año` = 2023"})
print(read_table("{database}", "t").count())
options = {"partitionPredicate": "`año` = 2023", "retentionPeriod": 0, "manifestFilePath": "s3://{bucket}/manifest/"}
glueContext.purge_table("{database}", "t", options)
print(read_table("{database}", "t").count())
""",
        database=database,
    )
    assert printed == ["2", "1"]
    assert keys(jobs, "purge/") == ["purge/año=2024/a.json"]
    left = jobs.glue.get_partitions(DatabaseName=database, TableName="t")["Partitions"]
    assert [one["Values"] for one in left] == [["2024"]]
    manifest = jobs.s3.get_object(Bucket=jobs.bucket, Key="manifest/Success.csv")["Body"].read().decode()
    assert manifest == f"s3://{jobs.bucket}/purge/año=2023/a.json\n"


def test_a_connection_of_the_catalog(jobs: GlueJobs) -> None:
    name = f"ventas-{uuid.uuid4().hex[:8]}"
    properties = {
        "JDBC_CONNECTION_URL": "jdbc:mysql://db.example:3306/ventas",
        "USERNAME": "ana",
        "PASSWORD": "secreto",
    }
    jobs.glue.create_connection(
        ConnectionInput={"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": properties}
    )
    printed = output(
        jobs,
        """
conf = glueContext.extract_jdbc_conf("{name}")
print(conf["url"], conf["fullUrl"], conf["vendor"], conf["user"], conf["password"])
""",
        name=name,
    )
    assert printed == ["jdbc:mysql://db.example:3306 jdbc:mysql://db.example:3306/ventas mysql ana secreto"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ('read("s3", {"paths": ["s3://nobody-has-this/x/"]}, "json")', "NoSuchBucket"),
        ('read("s3", {"paths": ["s3://{bucket}/nowhere/"]}, "csv")', "No such file or directory"),
        ('read("s3", {"paths": ["s3://{bucket}/nowhere/"]}, "parquet")', "Path does not exist"),
        ('glueContext.create_dynamic_frame.from_catalog("no_db", "no_table")', "EntityNotFoundException"),
        ('glueContext.extract_jdbc_conf("nothing")', "EntityNotFoundException"),
    ],
)
def test_what_is_missing_is_the_runs_error(jobs: GlueJobs, statement: str, said: str) -> None:
    run = jobs.once(GLUE + READ + statement.replace("{bucket}", jobs.bucket))
    assert run["JobRunState"] == "FAILED"
    assert said in run["ErrorMessage"]


def test_a_table_whose_bucket_is_gone_and_one_whose_folder_is_empty(jobs: GlueJobs) -> None:
    database = f"db_{uuid.uuid4().hex[:8]}"
    jobs.glue.create_database(DatabaseInput={"Name": database})
    for name, place in (
        ("empty", f"s3://{jobs.bucket}/empty/"),
        ("gone", f"s3://{database.replace('_', '-')}-gone/t/"),
    ):
        storage = {"Columns": [{"Name": "v", "Type": "int"}], "Location": place}
        table = {"Name": name, "StorageDescriptor": storage, "Parameters": {"classification": "csv"}}
        jobs.glue.create_table(DatabaseName=database, TableInput=table)
    body = 'print(glueContext.create_dynamic_frame.from_catalog("{database}", "empty").count())\n'
    assert output(jobs, body, database=database) == ["0"]
    run = jobs.once(GLUE + f'glueContext.create_dynamic_frame.from_catalog("{database}", "gone").count()')
    assert "NoSuchBucket" in run["ErrorMessage"]


def test_a_run_that_is_stopped_while_it_writes_leaves_nothing_visible(jobs: GlueJobs) -> None:
    body = """
import time
from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import functions as f
def slow(n):
    if n == 7:
        print("waiting", flush=True)
        time.sleep(120)
    return n
df = spark.range(8).repartition(8).select(f.udf(slow, "long")("id").alias("v"), (f.col("id") % 2).alias("k"))
options = {"path": "s3://{bucket}/stopped/", "partitionKeys": ["k"]}
glueContext.write_dynamic_frame.from_options(DynamicFrame.fromDF(df, glueContext, "x"), "s3", options, "json")
"""
    name = jobs.create(GLUE + body.replace("{bucket}", jobs.bucket))
    run_id = jobs.start(name)
    jobs.wait(name, run_id, "RUNNING")
    time.sleep(12)
    jobs.glue.batch_stop_job_run(JobName=name, JobRunIds=[run_id])
    assert jobs.wait(name, run_id)["JobRunState"] == "STOPPED"
    assert keys(jobs, "stopped/") == []


def test_bounded_files_go_on_where_the_bookmark_is(jobs: GlueJobs) -> None:
    """boundedFiles "limits the number of files of a run": the next run takes the rest."""
    for number in range(3):
        jobs.put(f"bounded/{number}.json", json.dumps({"n": number}) + "\n")
    body = READ + (
        f'options = {{"paths": ["s3://{jobs.bucket}/bounded/"], "boundedFiles": "2"}}\n'
        'frame = read("s3", options, "json", transformation_ctx="source")\n'
        'print(sorted(row["n"] for row in frame.toDF().collect()) if frame.count() else [])\n'
        "job.commit()\n"
    )
    name = jobs.create(GLUE + body, DefaultArguments={"--job-bookmark-option": "job-bookmark-enable"})
    runs = [jobs.run(name) for _ in range(3)]
    assert [jobs.log(run) for run in runs] == [["[0, 1]"], ["[2]"], ["[]"]]
