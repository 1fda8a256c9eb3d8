"""The special parameters of a Glue job: which are carried out, which are only accepted, and which a run must be refused for.

Source: docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Accepted by name: the script runs as it would, and the service around it does not do what they ask for.
_WITHOUT_EFFECT = {
    "--enable-spark-ui": "the Spark history server",
    "--spark-event-logs-path": "event logs for the Spark history server",
    "--enable-job-insights": "job run insights",
    "--enable-auto-scaling": "workers that come and go (a run uses the cores of this computer)",
    "--encryption-type": "encryption of what a job writes",
    "--enable-data-lineage": "data lineage",
    "--executor-cores": "executors (a run uses the cores of this computer)",
    "--continuous-log-conversionPattern": "another pattern for log lines",
}
_REFUSED = {
    "--datalake-formats": "Iceberg, Hudi and Delta Lake (their Java archives are not here; --extra-jars can bring one)",
    "--enable-lakeformation-fine-grained-access": "Lake Formation's permissions on rows and columns",
}
# Settings on which the way to s3:// and the one local JVM rest.
_FIXED_SETTINGS = re.compile(
    r"spark\.(master|submit\..*|driver\.(host|bindAddress|port|blockManager\.port)|hadoop\.fs\.(s3|s3a|s3n|viewfs|webhdfs)\..*"
    r"|hadoop\.mapreduce\.outputcommitter\.factory\..*|pyspark\.(driver\.)?python)"
)
_AFTER_START = re.compile(
    r"spark\.(driver\.(memory|memoryOverhead|extraJavaOptions|extraClassPath|cores)|jars.*|executor\..*)"
)


def refused_parameters(merged: Mapping[str, str], script: str) -> str:
    """Why a run with these parameters cannot be carried out; empty when it can."""
    if merged.get("--job-language", "").lower() == "scala" or script.endswith(".scala"):
        return "Scala jobs are not run by the local cloud, which runs Python scripts (--job-language python)."
    told = [f"{name} ({what})" for name, what in _REFUSED.items() if is_on(merged.get(name))]
    return f"Not available in the local cloud: {', '.join(told)}." if told else ""


def parameter_notes(merged: Mapping[str, str]) -> list[str]:
    """Lines for the log of a run about parameters that are accepted and do nothing here."""
    idle = [f"{name} ({what})" for name, what in _WITHOUT_EFFECT.items() if is_on(merged.get(name))]
    notes = [f"Accepted, and not carried out by the local cloud: {', '.join(idle)}."] if idle else []
    if merged.get("--class"):
        notes.append(
            "--class names the entry point of a Scala job; this one is Python, so it has no effect (nor on AWS)."
        )
    return notes


def spark_settings(conf: str) -> tuple[dict[str, str], list[str]]:
    """The settings of `--conf` (`a=b --conf c=d`, the documented way to give several), and notes on those not carried out."""
    settings: dict[str, str] = {}
    notes: list[str] = []
    for part in re.split(r"(?:^|\s)--conf(?:\s|=)", f" {conf}"):
        name, equals, value = part.strip().partition("=")
        name, value = name.strip(), value.strip().strip("\"'")
        if not name:
            continue
        if not equals or not name.startswith("spark."):
            notes.append(f"--conf {part.strip()}: ignored, as spark-submit does; a setting is spark.<name>=<value>.")
        elif _FIXED_SETTINGS.fullmatch(name):
            notes.append(f"--conf {name}: not carried out; the local cloud sets it.")
        else:
            settings[name] = value
            if _AFTER_START.fullmatch(name):
                notes.append(f"--conf {name}: told to Spark, and without effect in its one local JVM, which has 2 GB.")
    return settings, notes


def is_on(value: str | None) -> bool:
    """Whether a flag is set: AWS takes the name alone, and people write `true` after it."""
    return value is not None and value.strip().lower() != "false"
