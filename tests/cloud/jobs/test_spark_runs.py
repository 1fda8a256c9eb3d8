"""Glue Spark jobs through the API: what a script reads and writes over `s3://`, and what its failures say."""

from __future__ import annotations

import io
from typing import Any

import pytest

HEAD = """
import sys
from pyspark.context import SparkContext
from pyspark.sql import SparkSession, functions as f
spark = SparkSession(SparkContext())
"""


@pytest.mark.slow
def test_a_script_reads_and_writes_partitions_over_every_s3_scheme(runner: Any) -> None:
    aws, bucket = runner.aws, runner.bucket
    aws("s3").put_object(
        Bucket=bucket, Key="in/ventas de enero ñ+1.csv", Body=b"fecha,n\n2024-01-05,1\n2024-02-01,0\n2024-02-02,2\n"
    )
    script = HEAD + (
        f"df = spark.read.csv('s3a://{bucket}/in/', header=True).filter('n > 0')\n"
        "df = df.withColumn('año', f.year('fecha')).withColumn('mes', f.month('fecha'))\n"
        f"df.write.mode('append').partitionBy('año', 'mes').parquet('s3://{bucket}/out/a b')\n"
        f"df.write.mode('append').json('s3a://{bucket}/json')\n"
        f"print(spark.read.parquet('s3n://{bucket}/out/a b').where('`año` = 2024 and mes = 2').collect())\n"
    )
    run = runner.run(script)
    assert run.get("ErrorMessage") is None
    folders = sorted({key.rpartition("/")[0] for key in runner.keys("out/") if key.endswith(".parquet")})
    assert folders == ["out/a b/año=2024/mes=1", "out/a b/año=2024/mes=2"]
    assert not [key for key in runner.keys("") if "_temporary" in key or "spark-staging" in key]
    assert runner.log(run) == ["[Row(fecha='2024-02-02', n='2', año=2024, mes=2)]"]


@pytest.mark.slow
def test_the_parquet_is_real(runner: Any) -> None:
    import pyarrow.parquet as pq

    script = HEAD + f"spark.range(1000).coalesce(1).write.parquet('s3://{runner.bucket}/real/')\n"
    assert runner.run(script)["JobRunState"] == "SUCCEEDED"
    (key,) = [key for key in runner.keys("real/") if key.endswith(".parquet")]
    body = runner.aws("s3").get_object(Bucket=runner.bucket, Key=key)["Body"].read()
    assert sorted(pq.read_table(io.BytesIO(body))["id"].to_pylist()) == list(range(1000))


@pytest.mark.slow
@pytest.mark.parametrize("mode", [pytest.param("static", marks=pytest.mark.slow), "dynamic"])
def test_overwrite_replaces_what_it_should(runner: Any, mode: str) -> None:
    path = f"s3://{runner.bucket}/over-{mode}/"
    script = HEAD + (
        f"spark.conf.set('spark.sql.sources.partitionOverwriteMode', '{mode}')\n"
        f"spark.createDataFrame([(1, 'a'), (2, 'b')], 'n int, p string').write.partitionBy('p').parquet('{path}')\n"
        f"spark.createDataFrame([(3, 'b')], 'n int, p string').write.mode('overwrite').partitionBy('p').parquet('{path}')\n"
        f"print(sorted(r.n for r in spark.read.parquet('{path}').collect()))\n"
    )
    run = runner.run(script)
    assert runner.log(run) == ["[1, 3]" if mode == "dynamic" else "[3]"]


@pytest.mark.slow
def test_rdds_udfs_and_objects_at_the_root_of_a_bucket(runner: Any) -> None:
    runner.aws("s3").put_object(Bucket=runner.bucket, Key="raiz.txt", Body=b"uno\ndos\n")
    script = HEAD + (
        f"print(spark.sparkContext.textFile('s3://{runner.bucket}/raiz.txt').map(len).collect())\n"
        "print(spark.range(3).select(f.udf(lambda x: x * 2, 'long')('id').alias('d')).collect())\n"
    )
    run = runner.run(script)
    assert runner.log(run) == ["[3, 3]", "[Row(d=0), Row(d=2), Row(d=4)]"]


def test_the_run_acts_as_its_role(runner: Any) -> None:
    run = runner.run("import boto3\nprint(boto3.client('sts').get_caller_identity()['Arn'])")
    assert f":assumed-role/{runner.bucket}/GlueJobRunnerSession" in runner.log(run)[0]


@pytest.mark.slow
def test_runs_share_nothing(runner: Any) -> None:
    one = "import os, builtins\nbuiltins.left = 1\nos.environ['LEFT'] = '1'\nopen('left.txt', 'w').close()\nprint('ok')"
    other = "import os, builtins\nprint(hasattr(builtins, 'left'), 'LEFT' in os.environ, os.path.exists('left.txt'))"
    runner.run(HEAD + "spark.range(1).createOrReplaceTempView('left')\n" + one)
    assert runner.log(runner.run(other)) == ["False False False"]


@pytest.mark.slow
def test_conf_and_extra_files_reach_the_script(runner: Any) -> None:
    s3 = runner.aws("s3")
    s3.put_object(Bucket=runner.bucket, Key="lib/ayuda.py", Body=b"def doble(x): return 2 * x\n")
    s3.put_object(Bucket=runner.bucket, Key="lib/nota.txt", Body=b"hola")
    arguments = {
        "--conf": "spark.sql.shuffle.partitions=7 --conf spark.custom.x=y",
        "--extra-py-files": f"s3://{runner.bucket}/lib/ayuda.py",
        "--extra-files": f"s3://{runner.bucket}/lib/nota.txt",
    }
    script = HEAD + (
        "import ayuda\n"
        "print(spark.conf.get('spark.sql.shuffle.partitions'), spark.conf.get('spark.custom.x'))\n"
        "print(ayuda.doble(2), open('nota.txt').read())\n"
    )
    assert runner.log(runner.run(script, arguments)) == ["7 y", "4 hola"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "spark.read.csv('s3://no-such-bucket-x/a')",
            "NoSuchBucket: The specified bucket does not exist: no-such-bucket-x",
        ),
        ("spark.read.csv('s3://{bucket}/no-such-folder')", "Path does not exist: s3://{bucket}/no-such-folder"),
        pytest.param("spark.range(1).select('nada')", "nada", marks=pytest.mark.slow),
        pytest.param("spark.range(1).write.parquet('s3://no-such-bucket-x/a')", "NoSuchBucket", marks=pytest.mark.slow),
    ],
)
@pytest.mark.slow
def test_a_spark_error_names_its_line_and_its_cause(runner: Any, line: str, message: str) -> None:
    run = runner.run(HEAD + line.format(bucket=runner.bucket))
    assert run["JobRunState"] == "FAILED"
    assert "Failed Line Number: 6; " in run["ErrorMessage"]
    assert message.format(bucket=runner.bucket) in run["ErrorMessage"]
    assert "\tat " not in run["ErrorMessage"]


@pytest.mark.slow
def test_a_whole_bucket_can_be_the_target(runner: Any) -> None:
    runner.aws("s3").create_bucket(Bucket=f"{runner.bucket}-root")
    script = (
        HEAD
        + f"spark.range(2).withColumn('p', f.col('id')).write.mode('append').partitionBy('p').parquet('s3://{runner.bucket}-root/')\n"
    )
    assert runner.run(script).get("ErrorMessage") is None
    found = runner.aws("s3").list_objects_v2(Bucket=f"{runner.bucket}-root")["Contents"]
    assert sorted({item["Key"].split("/")[0] for item in found}) == ["_SUCCESS", "p=0", "p=1"]


@pytest.mark.slow
def test_a_failed_write_leaves_nothing_visible(runner: Any) -> None:
    script = HEAD + (
        "bad = f.udf(lambda x: 1 // (x - 900), 'long')\n"
        f"spark.range(1000).select(bad('id').alias('x')).write.parquet('s3://{runner.bucket}/half/')\n"
    )
    assert runner.run(script)["JobRunState"] == "FAILED"
    assert runner.keys("half/") == []


@pytest.mark.slow
def test_a_version_that_differs_is_said_and_an_old_one_refused(runner: Any) -> None:
    run = runner.run("print(1)", GlueVersion="4.0")
    assert "Spark 3.3.0" in run["StateDetail"]
    assert any("Spark 3.3.0" in line for line in runner.log(run, "error"))
    with pytest.raises(runner.aws("glue").exceptions.InvalidInputException, match=r"GlueVersion 3\.0 is not run"):
        runner.run("print(1)", GlueVersion="3.0")
