"""3.4: one table over folders by year and month, every partition registered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from labkit.aws.s3 import S3Object, list_objects
from labkit.aws.s3_text import split_uri
from labkit.checks.amounts import read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_3.header import find_catalog_table
from labkit.checks.step_3.origin import judge_origin
from labkit.checks.step_3.places import MONTHS_PREFIX, MONTHS_TABLE

_KEYS = ["año", "mes"]
Month = tuple[int, int]


def check_partitions(context: Context) -> list[Finding]:
    """The keys, the registered partitions, what lies in each, and the two counts around the new month."""
    table = find_catalog_table(context, MONTHS_TABLE)
    if table is None:
        return _explain_absence(context)
    keys = [item["Name"] for item in table.get("PartitionKeys", [])]
    # Registering a partition by hand is one of the ways that the task offers.
    findings = [judge_origin(context, table, as_crawled=False), _judge_keys(keys), _judge_neighbours(context)]
    if [_fold(name) for name in keys] != _KEYS:
        return findings
    registered = _list_partitions(context)
    return [
        *findings,
        _judge_registered(context, registered),
        _judge_rows(context, registered),
        *_judge_counts(context),
    ]


def _explain_absence(context: Context) -> list[Finding]:
    """Without the table: nothing was done, or the crawl made other tables of the same folders."""
    others = _list_neighbours(context)
    if not others:
        raise NotAttempted("task_3.no_table", table=f"{context.names.database}.{MONTHS_TABLE}")
    facts = {"tables": ", ".join(others[:6]), "count": len(others)}
    return [Finding(False, "task_3.months.other_tables", facts, "task_3.months.one_target_a_folder")]


def _judge_keys(keys: list[str]) -> Finding:
    facts = {"keys": ", ".join(keys) or "—"}
    if keys == _KEYS:
        return Finding(True, "task_3.months.keys", facts)
    if [_fold(name) for name in keys] == _KEYS:
        return Finding(False, "task_3.months.keys", facts, "task_3.months.decomposed")
    if any(name.startswith("partition_") for name in keys):
        return Finding(False, "task_3.months.keys", facts, "task_3.months.folders_have_names")
    if not keys:
        return Finding(False, "task_3.months.keys", facts, "task_3.months.no_folders")
    if len(keys) == 1:
        return Finding(False, "task_3.months.keys", facts, "task_3.months.path_too_deep")
    return Finding(False, "task_3.months.keys", facts, "task_3.months.other_names")


def _judge_neighbours(context: Context) -> Finding:
    others = _list_neighbours(context)
    facts = {"tables": ", ".join(others[:6]) or "—", "count": len(others)}
    if not others:
        return Finding(True, "task_3.months.one_table", facts)
    return Finding(False, "task_3.months.other_tables", facts, "task_3.months.different_files")


def _list_neighbours(context: Context) -> list[str]:
    """Other tables of the lab's database that lie in the same folders."""
    root = f"s3://{context.names.raw_bucket}/{MONTHS_PREFIX}"
    names = []
    for page in context.clients.glue.get_paginator("get_tables").paginate(DatabaseName=context.names.database):
        for table in page["TableList"]:
            location = table.get("StorageDescriptor", {}).get("Location", "")
            if location.startswith(root) and table["Name"] != MONTHS_TABLE:
                names.append(table["Name"])
    return sorted(names)


def _list_partitions(context: Context) -> dict[Month | tuple[str, ...], str]:
    """Location of each registered partition; by (year, month) where both are numbers."""
    found: dict[Month | tuple[str, ...], str] = {}
    pages = context.clients.glue.get_paginator("get_partitions")
    for page in pages.paginate(DatabaseName=context.names.database, TableName=MONTHS_TABLE):
        for item in page["Partitions"]:
            values = item["Values"]
            month = (int(values[0]), int(values[1])) if all(value.isdecimal() for value in values) else tuple(values)
            found[month] = item["StorageDescriptor"]["Location"]
    return found


def _list_months(context: Context) -> dict[Month, str]:
    """The student's files by year and month."""
    found: dict[Month, str] = {}
    for path in context.truth.sales_files:
        numbers = re.findall(r"\d+", path.stem)
        found[(int(numbers[0]), int(numbers[1]))] = path.name
    return found


def _judge_registered(context: Context, registered: Mapping[Any, str]) -> Finding:
    wanted = _list_months(context)
    missing = [f"{year}-{month:02}" for year, month in sorted(set(wanted) - set(registered))]
    extra = sorted("/".join(str(part) for part in month) for month in set(registered) - set(wanted))
    facts = {"count": len(registered), "missing": ", ".join(missing) or "—", "extra": ", ".join(extra) or "—"}
    if not missing and not extra:
        return Finding(True, "task_3.months.registered", facts)
    last = max(wanted)
    only_last = missing == [f"{last[0]}-{last[1]:02}"] and not extra
    mistake = "task_3.months.files_are_not_partitions" if only_last else ""
    return Finding(False, "task_3.months.registered_differs", facts, mistake)


def _judge_rows(context: Context, registered: Mapping[Any, str]) -> Finding:
    """Every registered folder must hold exactly the lines of its month's file, in any order and in any number of files."""
    root = f"s3://{context.names.raw_bucket}/{MONTHS_PREFIX}"
    listed = list_objects(context.clients.s3, context.names.raw_bucket, MONTHS_PREFIX)
    wrong = []
    for month, name in _list_months(context).items():
        if month not in registered:
            continue
        folder = registered[month].rstrip("/") + "/"
        inside = [item for item in listed if item.uri.startswith(folder)] if folder.startswith(root) else None
        header, *lines = (context.truth.folder / name).read_text(encoding="utf-8").splitlines()
        if _read_lines(context, folder, inside, header) != sorted(lines):
            wrong.append(f"{month[0]}-{month[1]:02}")
    facts = {"count": len(registered), "wrong": ", ".join(wrong) or "—"}
    if wrong:
        return Finding(False, "task_3.months.rows_differ", facts, "task_3.months.folder_is_the_value")
    return Finding(True, "task_3.months.rows", facts)


def _read_lines(context: Context, folder: str, inside: list[S3Object] | None, header: str) -> list[str]:
    if inside is None:
        inside = list_objects(context.clients.s3, *split_uri(folder))
    lines: list[str] = []
    for item in inside:
        if item.key.rsplit("/", 1)[-1].startswith(("_", ".")):
            continue
        body = context.clients.s3.get_object(Bucket=item.bucket, Key=item.key)["Body"].read()
        lines += [line for line in body.decode("utf-8", errors="replace").splitlines() if line != header]
    return sorted(lines)


def _judge_counts(context: Context) -> list[Finding]:
    """Rows that Athena counted before and after the last month was registered."""
    last = context.truth.sales_files[-1].name
    everything = len(context.truth.sales)
    without = sum(row["_file"] != last for row in context.truth.sales)
    return [
        _judge_count(context, "before", without, {everything: "task_3.months.registered_too_early"}),
        _judge_count(context, "after", everything, {without: "task_3.months.files_are_not_partitions"}),
    ]


def _judge_count(context: Context, name: str, expected: int, mistakes: Mapping[int, str]) -> Finding:
    value = context.get(name)
    number = read_amount(value)
    facts = {"name": name, "value": show_value(value)}
    if number == expected:
        return Finding(True, "task_3.months.counted", facts)
    if number is None:
        return Finding(False, "task_3.months.counted_differs", facts, "task_3.answers_are_texts")
    return Finding(False, "task_3.months.counted_differs", facts, mistakes.get(int(number), ""))


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name)
