"""The arguments of a run: defaults, the caller's, and what Glue itself adds; as `sys.argv` and as settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.jobs.log_streams import LogStreams, log_streams
from labkit.cloud.jobs.parameters import is_on, parameter_notes, refused_parameters, spark_settings
from labkit.cloud.metrics.glue import Wanted


@dataclass(frozen=True)
class RunArguments:
    """`argv` is what the script sees after its own name; `spark_settings` come from `--conf`.

    `python_files`, `files` and `jars` are S3 locations, `modules` are requirements as pip takes them or S3 locations, `script`
    is the location that replaces the job's, `metrics` is what it is measured for. `refused` is why the run cannot be carried
    out, `notes` are lines for its log.
    """

    argv: list[str]
    spark_settings: dict[str, str]
    python_files: list[str]
    files: list[str]
    refused: str = ""
    catalog: bool = False
    jars: list[str] = field(default_factory=list)
    jars_first: bool = False
    modules: list[str] = field(default_factory=list)
    pip_options: list[str] = field(default_factory=list)
    script: str = ""
    notes: list[str] = field(default_factory=list)
    streams: LogStreams = field(default_factory=LogStreams)
    metrics: Wanted = field(default_factory=Wanted)


def merge_arguments(job: Mapping[str, Any], given: Mapping[str, str] | None) -> dict[str, str]:
    """Default arguments, overridden by the run's; AwsError for a name that the job does not let be overridden."""
    fixed = job.get("NonOverridableArguments") or {}
    for name in given or {}:
        if name in fixed:
            raise AwsError("InvalidInputException", f"The argument {name} of job {job['Name']} cannot be overridden.")
    return {**(job.get("DefaultArguments") or {}), **(given or {}), **fixed}


def run_arguments(merged: Mapping[str, str], job_name: str, run_id: str, script: str = "") -> RunArguments:
    """What a run is started with; `script` is the location that its job names."""
    argv = []
    for name, value in merged.items():
        argv += [name] if value in (None, "") and not name.startswith("--") else [name, str(value)]
    argv += ["--JOB_NAME", job_name, "--JOB_ID", f"j_{_stable_hex(job_name)}", "--JOB_RUN_ID", run_id]
    settings, notes = spark_settings(merged.get("--conf") or "")
    location = merged.get("--scriptLocation") or script
    return RunArguments(
        argv=argv,
        spark_settings=settings,
        python_files=_paths(merged.get("--extra-py-files")),
        files=_paths(merged.get("--extra-files")),
        refused=refused_parameters(merged, location),
        catalog=is_on(merged.get("--enable-glue-datacatalog")),
        jars=_paths(merged.get("--extra-jars")),
        jars_first=is_on(merged.get("--user-jars-first")),
        modules=split_modules(merged.get("--additional-python-modules") or ""),
        pip_options=_words(merged.get("--python-modules-installer-option") or ""),
        script=location,
        notes=[*parameter_notes(merged), *notes],
        streams=log_streams(merged),
        metrics=Wanted(is_on(merged.get("--enable-metrics")), is_on(merged.get("--enable-observability-metrics"))),
    )


def split_modules(listed: str) -> list[str]:
    """The requirements of a comma list; commas inside `name[extra,extra]` and `name>=1,<2` do not separate."""
    parts: list[str] = []
    for part in re.split(r",(?![^\[]*\])", listed):
        if parts and re.match(r"\s*(?:[<>]=?|[=!~]=)", part):
            parts[-1] = f"{parts[-1]},{part.strip()}"
        elif part.strip():
            parts.append(part.strip())
    return parts


def _words(options: str) -> list[str]:
    try:
        return shlex.split(options)
    except ValueError:
        return options.split()


def _paths(listed: str | None) -> list[str]:
    return [path.strip() for path in (listed or "").split(",") if path.strip()]


def _stable_hex(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()
