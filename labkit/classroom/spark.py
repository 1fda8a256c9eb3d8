"""`labkit.spark()`: a SparkSession for practice in the notebook, `s3://` and the Data Catalog ready."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.errors import UsageError
from labkit.i18n import build_lesson, use_language

if TYPE_CHECKING:
    import subprocess

    from pyspark.sql import SparkSession

    from labkit.settings import Settings

_APP_NAME = "labkit"


@dataclass(frozen=True)
class _Running:
    """The Java of this kernel, and the cloud that its session looks at."""

    java: subprocess.Popen[bytes]
    folder: Path
    endpoint_url: str
    metastore: str


_running: list[_Running] = []


def spark(**conf: Any) -> SparkSession:
    """The SparkSession of this notebook: started at the first call (some seconds), the same one afterwards.

    `s3://bucket/…` paths and `spark.table("database.table")` are those of the local cloud. `conf` are settings of Spark, as
    `spark(**{"spark.sql.shuffle.partitions": 8})` or `spark(spark_sql_shuffle_partitions=8)`. It ends with the kernel, or with
    `spark().stop()`. Errors: UsageError on AWS (nothing is started there) or for a setting that cannot be changed any more;
    CloudError when there is no Java 17.
    """
    wanted = _spell(conf)
    settings = _reach_cloud()
    endpoint_url = settings.target.endpoint_url or ""
    session = _find_session(endpoint_url)
    if session is not None:
        _change(session, wanted)
        return session
    return _open(settings, endpoint_url, wanted)


def _open(settings: Settings, endpoint_url: str, wanted: Mapping[str, str]) -> SparkSession:
    from labkit.classroom import spark_lessons, spark_progress

    running = _find_java(settings, endpoint_url)
    session = _build_session(running, wanted)
    session.sparkContext.setLogLevel("FATAL")
    spark_lessons.install()
    spark_progress.watch(session.sparkContext)
    return session


def _find_session(endpoint_url: str) -> SparkSession | None:
    """The live session, if it looks at this cloud; one that looks at another is stopped."""
    if not _running:
        return None
    from pyspark.sql import SparkSession

    found: SparkSession | None = SparkSession._instantiatedSession
    if _running[0].java.poll() is not None or found is None or found.sparkContext._jsc is None:
        return None
    if _running[0].endpoint_url != endpoint_url:
        found.stop()
        return None
    return found


def _find_java(settings: Settings, endpoint_url: str) -> _Running:
    """The Java of this kernel, or a new one; the one of a session that was stopped is used again."""
    from labkit.classroom.spark_gateway import forget_java

    if _running and _running[0].java.poll() is None and _running[0].endpoint_url == endpoint_url:
        return _running[0]
    if _running:
        old = _running.pop()
        old.java.kill()
        forget_java()
    _running.append(_start(settings, endpoint_url))
    return _running[0]


def _start(settings: Settings, endpoint_url: str) -> _Running:
    from labkit.classroom.spark_gateway import start_java
    from labkit.commands.shell import apply_variables
    from labkit.commands.spark_session import build_launch

    _refuse_other_spark()
    folder = Path(tempfile.mkdtemp(prefix="labkit-spark-"))
    launch = build_launch(settings, folder)
    if (
        os.environ.get("AWS_ENDPOINT_URL") != endpoint_url
    ):  # no lab is open here: the catalog's clients must find the cloud
        apply_variables(settings.target, os.environ)
    # Rows that come back hold times of day; those of a Glue job, of Athena and of this session's `show` are in UTC.
    os.environ["TZ"] = "UTC"
    time.tzset()
    java = start_java(launch, folder)
    return _Running(java, folder, endpoint_url, _start_metastore())


def _start_metastore() -> str:
    from awsglue import _aws
    from awsglue._metastore import server

    _aws.client.cache_clear()  # clients of a cloud that is elsewhere now
    return str(server.start())


def _refuse_other_spark() -> None:
    """A session that was made without labkit has a Java of its own, which does not know `s3://`."""
    from pyspark.context import SparkContext

    if SparkContext._gateway is not None:
        raise build_lesson(UsageError, "error.spark_other")


def _build_session(running: _Running, wanted: Mapping[str, str]) -> SparkSession:
    from pyspark.sql import SparkSession

    catalog = {"spark.sql.catalogImplementation": "hive", "spark.hadoop.hive.metastore.uris": running.metastore}
    builder = SparkSession.builder.appName(_APP_NAME)
    for name, value in {**catalog, **wanted}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _spell(conf: Mapping[str, Any]) -> dict[str, str]:
    """Spark's own spelling of names and values: `spark_sql_ansi_enabled=True` is spark.sql.ansi.enabled=true."""
    found = {}
    for name, value in conf.items():
        dotted = name if "." in name else name.replace("_", ".")
        if not dotted.startswith("spark."):
            raise build_lesson(UsageError, "error.spark_setting", setting=name)
        found[dotted] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _change(session: SparkSession, wanted: Mapping[str, str]) -> None:
    for name, value in wanted.items():
        if session.conf.get(name, None) == value:
            continue
        # Spark takes any name without a word, also where it looks at the value only when it starts.
        if not session.conf.isModifiable(name):
            raise build_lesson(UsageError, "error.spark_fixed", setting=name, value=value)
        session.conf.set(name, value)


def _reach_cloud() -> Settings:
    """The settings with the endpoint of a cloud that answers; it is started when it does not run."""
    from labkit.classroom.surroundings import find_settings
    from labkit.commands.cloud import connect

    settings = find_settings()
    use_language(settings.language)
    if not settings.target.runs_cloud:
        raise build_lesson(UsageError, "error.spark_aws")
    return connect(settings)
