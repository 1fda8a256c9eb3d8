"""What a Spark of a notebook is started with: the local cloud's side of `labkit.spark()`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from labkit.commands.shell import build_variables
from labkit.settings import Settings

if TYPE_CHECKING:
    from labkit.cloud.jobs.spark import SparkSetup

# The gateway takes a name that no run has for an administrator.
USER = "labkit-notebook"
# Left out of Java's environment: they would send calls elsewhere, or make Java talk.
_DROPPED = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "SPARK_HOME",
    "SPARK_CONF_DIR",
    "SPARK_DIST_CLASSPATH",
)


@dataclass(frozen=True)
class SparkLaunch:
    """How to start Java, and what Python needs beside it: `site` is the folder of `awsglue`."""

    endpoint_url: str
    command: tuple[str, ...]
    environment: dict[str, str]
    connection_file: Path
    spark_home: Path
    site: Path


def build_launch(settings: Settings, folder: Path) -> SparkLaunch:
    """The launch for a running cloud (`settings.target.endpoint_url`); `folder` is for temporary files. CloudError without a Java."""
    from labkit.cloud.jobs.archive import Archive, cache_dir
    from labkit.cloud.jobs.driver import SITE
    from labkit.cloud.jobs.java import find_java
    from labkit.cloud.jobs.spark import SparkSetup, find_spark_home

    port = urlsplit(settings.target.endpoint_url or "").port or 0
    setup = SparkSetup(find_java(os.environ.get("JAVA_HOME")), find_spark_home(), port)
    archive = Archive(setup, cache_dir(os.environ))
    return SparkLaunch(
        endpoint_url=settings.target.endpoint_url or "",
        command=tuple(setup.command(folder, archive.java_options())),
        environment=_build_environment(setup, folder, SITE, build_variables(settings.target, os.environ)),
        connection_file=folder / "connection",
        spark_home=setup.spark_home,
        site=SITE,
    )


def _build_environment(setup: SparkSetup, folder: Path, site: Path, aws: dict[str, str]) -> dict[str, str]:
    """Java's environment, and so that of Spark's Python workers."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return {
        **kept,
        **aws,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HADOOP_USER_NAME": USER,
        "PYTHONPATH": os.pathsep.join(part for part in (kept.get("PYTHONPATH", ""), str(site)) if part),
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "SPARK_HOME": str(setup.spark_home),
        "SPARK_LOCAL_DIRS": str(folder / "spark"),
        "PYSPARK_PYTHON": sys.executable,
        "_PYSPARK_DRIVER_CONN_INFO_PATH": str(folder / "connection"),
    }
