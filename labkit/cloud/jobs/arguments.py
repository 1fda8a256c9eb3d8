"""The arguments of a run: defaults, the caller's, and what Glue itself adds; as `sys.argv` and as settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.cloud.call import AwsError

# A run that needs one of these fails and says so.
_UNSUPPORTED = {
    "--extra-jars": "Java archives of your own",
    "--additional-python-modules": "installing Python modules for a job",
}

_CATALOG_NOTE = (
    "--enable-glue-datacatalog is not carried out in the local cloud yet: spark.sql and spark.table do not see catalog tables, "
    "create_dynamic_frame.from_catalog does."
)


@dataclass(frozen=True)
class RunArguments:
    """`argv` is what the script sees after its own name; `spark_settings` come from `--conf`."""

    argv: list[str]
    spark_settings: dict[str, str]
    python_files: list[str]
    files: list[str]
    refused: str = ""
    note: str = ""


def merge_arguments(job: Mapping[str, Any], given: Mapping[str, str] | None) -> dict[str, str]:
    """Default arguments, overridden by the run's; AwsError for a name that the job does not let be overridden."""
    fixed = job.get("NonOverridableArguments") or {}
    for name in given or {}:
        if name in fixed:
            raise AwsError("InvalidInputException", f"The argument {name} of job {job['Name']} cannot be overridden.")
    return {**(job.get("DefaultArguments") or {}), **(given or {}), **fixed}


def run_arguments(merged: Mapping[str, str], job_name: str, run_id: str) -> RunArguments:
    """What a run is started with."""
    argv = []
    for name, value in merged.items():
        argv += [name] if value in (None, "") and not name.startswith("--") else [name, str(value)]
    argv += ["--JOB_NAME", job_name, "--JOB_ID", f"j_{_stable_hex(job_name)}", "--JOB_RUN_ID", run_id]
    unsupported = [f"{name} ({what})" for name, what in _UNSUPPORTED.items() if merged.get(name)]
    refused = f"Not available in the local cloud yet: {', '.join(unsupported)}." if unsupported else ""
    return RunArguments(
        argv=argv,
        spark_settings=_spark_settings(merged.get("--conf", "")),
        python_files=_paths(merged.get("--extra-py-files", "")),
        files=_paths(merged.get("--extra-files", "")),
        refused=refused,
        note=_CATALOG_NOTE if "--enable-glue-datacatalog" in merged else "",
    )


def _spark_settings(conf: str) -> dict[str, str]:
    """`a=b --conf c=d`: the documented way to give several settings in the one argument."""
    settings = {}
    for part in conf.split("--conf"):
        name, equals, value = part.strip().partition("=")
        if equals:
            settings[name.strip()] = value.strip()
    return settings


def _paths(listed: str) -> list[str]:
    return [path.strip() for path in listed.split(",") if path.strip()]


def _stable_hex(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()
