"""4.4: the same job twice: rows twice without a bookmark, once with it; and one month written over the old one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from labkit.aws.glue_jobs import JobRun, find_job, list_runs
from labkit.aws.session import error_code
from labkit.checks.amounts import read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_4 import places
from labkit.checks.step_4.job import judge_spark, judge_writer
from labkit.checks.step_4.parquet import Folder, ParquetFile, read_folder
from labkit.checks.step_4.sales_input import CLEAN_COLUMNS, SalesReader
from labkit.checks.step_4.sales_rows import judge_count, judge_values

_OPTION, _ENABLED = "--job-bookmark-option", "job-bookmark-enable"
_MONTH = ("mes", "3")
_WRITE = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def check_twice(context: Context) -> list[Finding]:
    """The three folders of task 4.4 and the runs that wrote them."""
    job = places.build_job_name(context.names)
    definition = find_job(context.clients.glue, job)
    if definition is None:
        raise NotAttempted("task_4.no_job", job=job)
    twice = read_folder(context, places.TWICE)
    monthly = read_folder(context, places.MONTHLY)
    runs = [run for run in list_runs(context.clients.glue, job) if run.state == "SUCCEEDED"]
    sales = SalesReader(context)
    default = str(definition.get("DefaultArguments", {}).get(_OPTION, ""))
    return [
        *_judge_twice(context, sales, twice, runs, default),
        *_judge_bookmark(context, sales, job, runs, default),
        *_judge_month(sales, monthly),
    ]


def _judge_twice(
    context: Context, sales: SalesReader, folder: Folder, runs: Sequence[JobRun], default: str
) -> list[Finding]:
    uri = places.build_uri(context.names, places.TWICE)
    wrote = [run for run in runs if _writes_to(run, uri) and _option(run, default) != _ENABLED]
    given = sales.find_input(folder.first_written)
    copies = Counter(Counter(folder.select(CLEAN_COLUMNS[:6])).values())
    doubled = folder.rows == 2 * len(given.accepted) and all(count % 2 == 0 for count in copies)
    runs_facts = {"runs": len(wrote), "uri": uri}
    extra = context.get("extra_rows")
    return [
        Finding(len(wrote) >= 2, "task_4.twice_runs", runs_facts, "task_4.twice_once"),
        judge_writer(folder, wrote),
        Finding(
            doubled,
            "task_4.twice_rows" if doubled else "task_4.twice_rows_differ",
            {"files": len(folder.files)} if doubled else {"rows": folder.rows, "files": len(folder.files)},
            _find_twice_mistake(folder),
        ),
        Finding(
            read_amount(extra) == len(given.accepted) and type(extra) is not float,
            "task_4.extra_rows",
            {"value": show_value(extra)},
            "task_4.extra_is_total" if read_amount(extra) == folder.rows else "",
        ),
    ]


def _find_twice_mistake(folder: Folder) -> str:
    rows = Counter(folder.select(CLEAN_COLUMNS[:6]))
    return "task_4.more_than_twice" if rows and min(rows.values()) > 2 else "task_4.twice_once"


def _judge_bookmark(
    context: Context, sales: SalesReader, job: str, runs: Sequence[JobRun], default: str
) -> list[Finding]:
    folder = read_folder(context, places.JOB)
    uri = places.build_uri(context.names, places.JOB)
    ended = [
        run
        for run in runs
        if _option(run, default) == _ENABLED and not _writes_to(run, places.build_uri(context.names, places.TWICE))
    ]
    # The first one wrote; S3 tells times in whole seconds, so it may seem to have begun after its own files.
    later = [run for run in sorted(ended, key=lambda run: run.started_on)[1:] if run.started_on >= folder.last_written]
    saved = _count_saved(context, job)
    facts = {"runs": len(ended), "later": len(later), "uri": uri, "saved": saved}
    given = sales.find_input(folder.first_written)
    return [
        Finding(
            bool(later),
            "task_4.bookmark_runs",
            facts,
            "task_4.bookmark_off" if len(ended) < 2 else "task_4.bookmark_lost",
        ),
        Finding(saved >= 2, "task_4.bookmark_saved", facts, "task_4.bookmark_not_committed"),
        judge_count(folder, given),
        judge_values(folder, given),
    ]


def _judge_month(sales: SalesReader, folder: Folder) -> list[Finding]:
    march = [file for file in folder.files if _MONTH in file.partition]
    others = [file for file in folder.files if _MONTH not in file.partition]
    facts = {"march": len(march), "others": len(others), "rows": folder.rows}
    if not others:
        return [Finding(False, "task_4.month", facts, "task_4.static_overwrite")]
    apart = bool(march) and not _writes(march) & _writes(others)
    newest = bool(march) and max(_times(others)) <= max(_times(march))
    given = sales.find_input(min(_times(others)))
    count = judge_count(folder, given)
    if not count.ok and len(_writes(march)) > 1:
        count = Finding(False, count.key, count.facts, "task_4.month_appended")
    return [
        judge_spark(folder),
        Finding(apart and newest, "task_4.month", facts, "task_4.all_rewritten"),
        count,
        judge_values(folder, given),
    ]


def _writes(files: Sequence[ParquetFile]) -> set[str]:
    """The ids that Spark puts into the names of files: one for each write."""
    found = [_WRITE.search(file.item.key.rsplit("/", 1)[-1]) for file in files]
    return {match[1] for match in found if match}


def _times(files: Sequence[ParquetFile]) -> list[datetime]:
    return [file.item.last_modified for file in files]


def _writes_to(run: JobRun, uri: str) -> bool:
    return any(value.rstrip("/") == uri.rstrip("/") for value in run.arguments.values())


def _option(run: JobRun, default: str) -> str:
    return run.arguments.get(_OPTION, default)


def _count_saved(context: Context, job: str) -> int:
    from botocore.exceptions import ClientError

    try:
        return int(context.clients.glue.get_job_bookmark(JobName=job)["JobBookmarkEntry"].get("Run", 0))
    except ClientError as error:
        if error_code(error) == "EntityNotFoundException":
            return 0
        raise
