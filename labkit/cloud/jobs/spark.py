"""How the Spark of a job is set up: its Java options, its settings, and the command that starts its JVM."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.cloud.gateway.mounts import spark_settings
from labkit.cloud.jobs.java import Java

# What PySpark's own launcher passes to Java 17 (spark/launcher JavaModuleOptions): Spark reaches into these packages.
_MODULE_OPTIONS = [
    "-XX:+IgnoreUnrecognizedVMOptions",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in (
        "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util",
        "java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs",
        "sun.security.action", "sun.util.calendar",
    )),
    "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    "-Djdk.reflect.useDirectMethodHandle=false",
]  # fmt: skip
_MEMORY_OPTIONS = ["-Xmx2g", "-Xms64m", "-XX:+UseSerialGC", "-XX:MinHeapFreeRatio=10", "-XX:MaxHeapFreeRatio=30"]
# Jobs of seconds end before the second compiler has paid for itself; beside others on the same processor that is half of what they take.
SHORT_JOBS_SETTING = "LABKIT_SHORT_JOBS"
_QUICK_OPTIONS = ("-XX:TieredStopAtLevel=1",)


@dataclass(frozen=True)
class SparkSetup:
    """All that the JVM of a job is started with."""

    java: Java
    spark_home: Path
    port: int

    def java_options(self) -> list[str]:
        """Options that shape the JVM, and so the class-data archive."""
        return [*_MODULE_OPTIONS, *_MEMORY_OPTIONS]

    def settings(self, work_dir: Path) -> dict[str, str]:
        """Spark settings of one driver."""
        cores = os.cpu_count() or 2
        return {
            "spark.master": "local[*]",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.warehouse.dir": (work_dir / "warehouse").as_uri(),
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": str(2 * cores),
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.sources.parallelPartitionDiscovery.parallelism": str(2 * cores),
            "spark.hadoop.hadoop.tmp.dir": str(work_dir / "hadoop"),
            **spark_settings(self.port),
        }

    def command(
        self, work_dir: Path, extra: list[str], jars: Sequence[Path] = (), jars_first: bool = False
    ) -> list[str]:
        """The JVM's command line; it offers its Python gateway and ends when its standard input closes.

        `jars` are a run's own, after Spark's on the class path or before them.
        """
        properties = {
            "java.io.tmpdir": str(work_dir),
            "user.timezone": "UTC",
            "log4j2.configurationFile": (Path(__file__).parent / "log4j2.properties").as_uri(),
        }
        settings = self.settings(work_dir)
        own, spark = [str(jar) for jar in jars], str(self.spark_home / "jars" / "*")
        return [
            str(self.java.command),
            *self.java_options(),
            *(_QUICK_OPTIONS if os.environ.get(SHORT_JOBS_SETTING) else ()),
            *extra,
            *(f"-D{name}={value}" for name, value in properties.items()),
            "-cp",
            os.pathsep.join([*own, spark] if jars_first else [spark, *own]),
            "org.apache.spark.deploy.SparkSubmit",
            *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
            "--name",
            "glue",
            "pyspark-shell",
        ]


def find_spark_home() -> Path:
    """The folder of the installed PySpark, found without importing it."""
    from importlib.util import find_spec

    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pyspark is not installed")
    return Path(spec.origin).parent
