"""The Java process of a notebook's Spark: started without a launcher before it, ended with the kernel."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.errors import CloudError
from labkit.i18n import build_lesson

if TYPE_CHECKING:
    from labkit.commands.spark_session import SparkLaunch

_START_S = 120.0  # a start takes 1 to 4 s; on a slow computer that does other things, much longer
_LOG = "java.log"
_TOLD = 600  # characters of Java's own words in the lesson


def start_java(launch: SparkLaunch, folder: Path) -> subprocess.Popen[bytes]:
    """Start Java and tell PySpark where it listens. CloudError with Java's own words when it ends instead.

    Java ends when its standard input closes, so it never outlives the kernel, however that ends. It has a session of its own because
    Jupyter sends the interrupt of a cell to the kernel's whole process group.
    """
    log = (folder / _LOG).open("wb")
    with log:
        java = subprocess.Popen(
            launch.command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=launch.environment,
            cwd=folder,
            start_new_session=True,
        )
    _import_while_waiting(launch.site)
    atexit.register(_stop, java, folder)
    _wait_until_listening(java, launch.connection_file, folder)
    port, secret = _read_connection(launch.connection_file)
    os.environ.update(PYSPARK_GATEWAY_PORT=str(port), PYSPARK_GATEWAY_SECRET=secret)
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable)
    _name_group(launch.environment["HADOOP_USER_NAME"])
    return java


def forget_java() -> None:
    """Make PySpark forget a Java that is gone, so that another one can be started."""
    from pyspark.context import SparkContext
    from pyspark.sql import SparkSession

    context = SparkContext._active_spark_context
    with contextlib.suppress(Exception):
        if context is not None:
            context.stop()
    SparkContext._active_spark_context = None
    SparkContext._gateway = SparkContext._jvm = None
    SparkSession._instantiatedSession = None
    SparkSession._activeSession = None
    os.environ.pop("PYSPARK_GATEWAY_PORT", None)


def _import_while_waiting(site: Path) -> None:
    """What every session needs, while Java starts; and `awsglue`, after everything else on the path."""
    if str(site) not in sys.path:
        sys.path.append(str(site))
    import awsglue.context  # noqa: F401
    import pyspark.sql.functions  # noqa: F401
    from awsglue import _aws
    from awsglue._metastore import server  # noqa: F401

    _aws.warm()


def _wait_until_listening(java: subprocess.Popen[bytes], connection: Path, folder: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not connection.is_file():
        if java.poll() is not None or time.monotonic() > deadline:
            told = (folder / _LOG).read_text(encoding="utf-8", errors="replace").strip()[-_TOLD:]
            java.kill()
            raise build_lesson(CloudError, "error.spark_java", code=java.wait(), told=told or "—")
        time.sleep(0.005)


def _read_connection(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        (port,) = struct.unpack("!i", file.read(4))
        (length,) = struct.unpack("!i", file.read(4))
        secret = file.read(length).decode()
    path.unlink()
    return port, secret


def _name_group(user: str) -> None:
    """Give the name a group: it is no account of this machine, and ViewFs asks for one at the root of a bucket."""
    from pyspark.context import SparkContext

    SparkContext._ensure_initialized()
    jvm = SparkContext._jvm
    assert jvm is not None
    hadoop = jvm.org.apache.hadoop
    conf = hadoop.conf.Configuration()
    conf.set("hadoop.user.group.static.mapping.overrides", f"{user}=labkit")
    hadoop.security.Groups.getUserToGroupsMappingServiceWithLoadedConfiguration(conf)
    hadoop.security.UserGroupInformation.setConfiguration(conf)


def _stop(java: subprocess.Popen[bytes], folder: Path) -> None:
    """End Java and delete its files. At the kernel's end; a kernel that is killed leaves only the files."""
    from pyspark.context import SparkContext

    # What of PySpark still talks to Java would complain of a Java that is gone.
    with contextlib.suppress(Exception):
        if SparkContext._active_spark_context is not None:
            SparkContext._active_spark_context._accumulatorServer.shutdown()
        if SparkContext._gateway is not None:
            SparkContext._gateway.shutdown()
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        if java.stdin is not None:
            java.stdin.close()
        java.wait(2.0)
    if java.poll() is None:
        java.kill()
    shutil.rmtree(folder, ignore_errors=True)
