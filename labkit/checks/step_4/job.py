"""4.3: the cleaning as a Glue job: its definition, its script, its run and what the run wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from labkit.aws.glue_jobs import JobRun, find_job, list_runs
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_4 import places
from labkit.checks.step_4.job_script import JobScript, read_script
from labkit.checks.step_4.parquet import Folder, ParquetFile, read_folder
from labkit.checks.step_4.sales_input import SalesReader
from labkit.checks.step_4.sales_rows import judge_count, judge_partitions, judge_types, judge_values

# Glue 6 has ANSI mode on: there the first "3 uds" ends the run. Older ones than 4.0 have other Spark.
_VERSIONS = ("4.0", "5.0", "5.1")
_LONGEST_MIN = 60
# S3 tells when an object was written in whole seconds.
_CLOCK = timedelta(seconds=1)
# What libraries write into a footer (`created_by`); Spark's and Glue's is parquet-mr.
_NO_SPARK = ("parquet-cpp", "fastparquet", "duckdb", "polars", "parquet-rs", "arrow2", "parquet2", "parquet-go")


def check_job(context: Context) -> list[Finding]:
    """The job of task 4.3."""
    name = places.build_job_name(context.names)
    job = find_job(context.clients.glue, name)
    if job is None:
        raise NotAttempted("task_4.no_job", job=name)
    runs = list_runs(context.clients.glue, name)
    if not runs:
        raise NotAttempted("task_4.no_run", job=name)
    script = read_script(context, str(job.get("Command", {}).get("ScriptLocation", "")))
    findings = [
        _judge_size(job),
        _judge_version(job),
        _judge_timeout(job),
        judge_script(script),
        _judge_role(context, job),
    ]
    if not any(run.state == "SUCCEEDED" for run in runs):
        return [*findings, _tell_failure(runs[0])]
    folder = read_folder(context, places.JOB)
    given = SalesReader(context).find_input(folder.first_written)
    return [
        *findings,
        judge_writer(folder, runs),
        judge_types(folder),
        judge_partitions(folder),
        judge_count(folder, given),
        judge_values(folder, given),
    ]


def judge_writer(folder: Folder, runs: Sequence[JobRun]) -> Finding:
    """Every file was written while a run that ended well was running, and not by a program that no Glue job of Spark is."""
    spark = judge_spark(folder)
    if not spark.ok:
        return Finding(False, spark.key, spark.facts, "task_4.written_elsewhere")
    ended = [run for run in runs if run.state == "SUCCEEDED" and run.completed_on]
    written = [file for file in folder.files if any(_wrote(run, file.item.last_modified) for run in ended)]
    facts = {"written": len(written), "files": len(folder.files), "runs": len(ended)}
    return Finding(len(written) == len(folder.files), "task_4.written_by_run", facts, "task_4.written_elsewhere")


def judge_spark(folder: Folder) -> Finding:
    """No file says of itself that pandas or another library wrote it."""
    strangers = sorted({file.writer.split(" version")[0] for file in folder.files if _is_no_spark(file)})
    facts = {"writers": ", ".join(strangers) or "Spark", "files": len(folder.files)}
    return Finding(not strangers, "task_4.written_without_spark" if strangers else "task_4.written_by_spark", facts)


def _is_no_spark(file: ParquetFile) -> bool:
    return file.writer.lower().startswith(_NO_SPARK)


def _wrote(run: JobRun, when: Any) -> bool:
    return run.completed_on is not None and run.started_on - _CLOCK <= when <= run.completed_on + _CLOCK


def judge_script(script: JobScript) -> Finding:
    """It reads a DynamicFrame under a name, and begins and commits a Job."""
    facts = {
        "error": script.error or "—",
        "frame": "create_dynamic_frame" if script.reads_dynamic_frame else "—",
        "context": "transformation_ctx" if script.named_source else "—",
        "job": "Job.init, job.commit" if script.keeps_bookmark else "—",
    }
    if script.error:
        return Finding(False, "task_4.script_broken", facts)
    if script.reads_dynamic_frame and script.named_source and script.keeps_bookmark:
        return Finding(True, "task_4.script", facts)
    mistake = "task_4.only_dataframe" if not script.reads_dynamic_frame else "task_4.nothing_to_remember"
    return Finding(False, "task_4.script_lacks", facts, mistake)


def _judge_size(job: Mapping[str, Any]) -> Finding:
    workers, kind = job.get("NumberOfWorkers"), job.get("WorkerType")
    facts = {
        "workers": workers if workers is not None else "—",
        "type": kind or "—",
        "capacity": job.get("MaxCapacity") or "—",
        "command": job.get("Command", {}).get("Name", "—"),
    }
    right = workers == 2 and kind == "G.1X" and facts["command"] == "glueetl"
    mistake = "task_4.not_spark" if facts["command"] != "glueetl" else "task_4.too_big"
    return Finding(right, "task_4.size", facts, mistake)


def _judge_version(job: Mapping[str, Any]) -> Finding:
    version = str(job.get("GlueVersion") or "—")
    return Finding(version in _VERSIONS, "task_4.version", {"version": version}, "task_4.other_version")


def _judge_timeout(job: Mapping[str, Any]) -> Finding:
    minutes = job.get("Timeout") or 0
    return Finding(0 < minutes <= _LONGEST_MIN, "task_4.timeout", {"minutes": minutes or "—"}, "task_4.endless")


def _judge_role(context: Context, job: Mapping[str, Any]) -> Finding:
    role = str(job.get("Role", ""))
    # Glue tells a role as it was given: by its name or by its ARN; the lab's may be either too.
    right = role.rsplit("/", 1)[-1] == context.names.glue_role_name
    return Finding(right, "task_4.role", {"role": role or "—"}, "task_4.other_role")


def _tell_failure(run: JobRun) -> Finding:
    facts = {"state": run.state, "error": (run.error or "—")[:400]}
    return Finding(False, "task_4.run_failed", facts, _find_mistake(run.error))


def _find_mistake(error: str) -> str:
    """What often stands behind a message of Glue's."""
    if "following arguments are required" in error:
        return "task_4.argument_missing"
    if "AccessDenied" in error or "Access Denied" in error or "not authorized" in error:
        return "task_4.role_may_not"
    if "CAST_INVALID_INPUT" in error:
        return "task_4.other_version"
    return ""
