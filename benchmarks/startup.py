"""How long until something answers: the command line, the cloud, the first job; and what it weighs at rest."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.clouds import client, make_role, running_cloud, wait_run, wait_warm
from benchmarks.measure import Number, median, timed
from labkit.cloud.info import CloudInfo

_SCRIPT = """
from pyspark.context import SparkContext
from pyspark.sql import SparkSession
spark = SparkSession(SparkContext())
spark.range(10).write.mode("overwrite").parquet("s3://bench-start/out/")
"""
_LABKIT = Path(sys.executable).with_name("labkit")


def help_time() -> list[Number]:
    """`labkit --help`."""
    command = [str(_LABKIT), "--help"]
    samples = [timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(11)]
    return [median("labkit --help", samples[1:], "s", 0.3)]


def up_time() -> list[Number]:
    """From `up` to the answer of the first call."""
    samples = []
    for _ in range(5):
        begun = time.perf_counter()
        with running_cloud(LABKIT_WARM_DRIVER="off") as cloud:
            client(cloud, "s3").list_buckets()
            samples.append(time.perf_counter() - begun)
    return [median("up to first answer", samples, "s", 2.0)]


def first_job() -> list[Number]:
    """From the start of `up` to the success of the first job, without and with the class-data archive."""
    with tempfile.TemporaryDirectory(prefix="labkit-cache-") as cache:
        without = [_first_job(cache) for _ in range(3)]
        _make_archive(cache)
        having = [_first_job(cache) for _ in range(5)]
    return [
        median("first job after up, no class-data archive", without, "s", 13.0),
        median("first job after up, class-data archive", having, "s", 6.0),
    ]


def idle_memory() -> list[Number]:
    """Resident memory of the server and everything it started, at rest, after the common services were used."""
    with running_cloud() as cloud:
        for service, call in (
            ("s3", "list_buckets"),
            ("iam", "list_roles"),
            ("glue", "get_databases"),
            ("lambda", "list_functions"),
        ):
            getattr(client(cloud, service), call)()
        wait_warm(cloud)
        time.sleep(5)
        server = psutil.Process(cloud.pid)
        processes = [server, *server.children(recursive=True)]
        total = sum(process.memory_info().rss for process in processes) / 2**20
    return [Number("idle memory, server and warm driver", total, "MB", 800.0)]


def _first_job(cache: str) -> float:
    begun = time.perf_counter()
    with running_cloud(LABKIT_CACHE=cache) as cloud:
        _run_job(cloud)
        return time.perf_counter() - begun


def _run_job(cloud: CloudInfo) -> None:
    s3, glue = client(cloud, "s3"), client(cloud, "glue")
    s3.create_bucket(Bucket="bench-start")
    s3.put_object(Bucket="bench-start", Key="job.py", Body=_SCRIPT.encode())
    command = {"Name": "glueetl", "ScriptLocation": "s3://bench-start/job.py"}
    glue.create_job(Name="first", Role=make_role(cloud), Command=command, GlueVersion="5.1")
    wait_run(glue, "first", glue.start_job_run(JobName="first")["JobRunId"])


def _make_archive(cache: str) -> None:
    """Let a cloud make the archive, as it does by itself when nobody asks for anything."""
    deadline = time.monotonic() + 180
    with running_cloud(LABKIT_CACHE=cache):
        while not list(Path(cache).rglob("spark.jsa")) or list(Path(cache).glob("spark-classes/*.[0-9]*")):
            if time.monotonic() > deadline:
                raise TimeoutError("the class-data archive was not made")
            time.sleep(0.5)
