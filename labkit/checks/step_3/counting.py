"""3.3: `recordCount` of the catalog against `count(*)` of Athena."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from labkit.aws.s3 import list_objects
from labkit.checks.amounts import is_near, read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_3.header import find_catalog_table

# A percentage, or a mean of bytes, with one digit behind the point or more.
_ROUNDED = 0.05


@dataclass(frozen=True)
class _Folder:
    """What lies under the table: files, their rows without headers, bytes; `foreign` are files that are not the student's."""

    files: int
    rows: int
    size_bytes: int
    foreign: tuple[str, ...]


def check_counts(context: Context) -> list[Finding]:
    """Estimate, count, their difference, the real size of a row, and what the headers would add."""
    table = find_catalog_table(context, context.names.dataset)
    if table is None:
        raise NotAttempted("task_3.no_table", table=f"{context.names.database}.{context.names.dataset}")
    names = ("estimate", "counted", "error_percent", "bytes_per_row", "with_headers")
    given = {name: context.get(name) for name in names}
    amounts = {name: read_amount(value) for name, value in given.items()}
    texts = [name for name, number in amounts.items() if number is None]
    if texts:
        facts = {"names": ", ".join(f"{name} = {show_value(given[name])}" for name in texts)}
        return [Finding(False, "task_3.counts.no_numbers", facts, "task_3.answers_are_texts")]
    numbers = {name: number for name, number in amounts.items() if number is not None}
    folder = _read_folder(context)
    estimate = int(table.get("Parameters", {}).get("recordCount", 0))
    return [
        _judge_files(context, folder),
        _judge_estimate(numbers["estimate"], estimate, folder),
        _judge_count(numbers["counted"], estimate, folder),
        _judge_error(numbers["error_percent"], estimate, folder),
        _judge_row_size(numbers["bytes_per_row"], table.get("Parameters", {}), folder),
        _judge_headers(numbers["with_headers"], folder),
    ]


def _read_folder(context: Context) -> _Folder:
    """Rows of the student's own files come from the files as they were written for this student; others are read from S3."""
    s3, names = context.clients.s3, context.names
    own = {path.name: path for path in context.truth.sales_files}
    rows_of = Counter(row["_file"] for row in context.truth.sales)
    found = [item for item in list_objects(s3, names.raw_bucket, names.raw_prefix) if item.size_bytes]
    rows, foreign = 0, []
    for item in found:
        name = item.key.rsplit("/", 1)[-1]
        if name in own and own[name].stat().st_size == item.size_bytes:
            rows += rows_of[name]
            continue
        foreign.append(name)
        body = s3.get_object(Bucket=names.raw_bucket, Key=item.key)["Body"].read()
        rows += body.count(b"\n") + (not body.endswith(b"\n")) - 1
    return _Folder(len(found), rows, sum(item.size_bytes for item in found), tuple(foreign))


def _judge_files(context: Context, folder: _Folder) -> Finding:
    own = {path.name for path in context.truth.sales_files}
    altered = sorted(set(folder.foreign) & own)
    facts = {"files": folder.files, "folder": context.names.raw_uri, "altered": ", ".join(altered) or "—"}
    if folder.files and not altered:
        return Finding(True, "task_3.counts.files", facts)
    return Finding(False, "task_3.counts.files_differ", facts)


def _judge_estimate(value: float, estimate: int, folder: _Folder) -> Finding:
    facts = {"value": show_value(_plain(value))}
    if value == estimate:
        return Finding(True, "task_3.counts.estimate", facts)
    mistake = "task_3.counts.estimate_is_count" if value == folder.rows else "task_3.counts.estimate_is_old"
    return Finding(False, "task_3.counts.estimate_differs", facts, mistake)


def _judge_count(value: float, estimate: int, folder: _Folder) -> Finding:
    facts = {"value": show_value(_plain(value)), "files": folder.files}
    if value == folder.rows:
        return Finding(True, "task_3.counts.counted", facts)
    if value == estimate:
        return Finding(False, "task_3.counts.counted_differs", facts, "task_3.counts.estimate_is_count")
    if value == folder.rows + folder.files:
        return Finding(False, "task_3.counts.counted_differs", facts, "task_3.counts.headers_counted")
    return Finding(False, "task_3.counts.counted_differs", facts, "task_3.counts.counted_elsewhere")


def _judge_error(value: float, estimate: int, folder: _Folder) -> Finding:
    facts = {"value": show_value(value)}
    if not folder.rows:
        return Finding(False, "task_3.counts.error_differs", facts)
    error = (estimate - folder.rows) / folder.rows * 100
    if is_near(value, error, _ROUNDED):
        return Finding(True, "task_3.counts.error", facts)
    mistakes = {
        "task_3.counts.error_sign": -error,
        "task_3.counts.error_fraction": error / 100,
        "task_3.counts.error_base": (estimate - folder.rows) / max(estimate, 1) * 100,
    }
    return Finding(False, "task_3.counts.error_differs", facts, _find_mistake(value, mistakes, _ROUNDED))


def _judge_row_size(value: float, parameters: dict[str, str], folder: _Folder) -> Finding:
    facts = {"value": show_value(value), "average": parameters.get("averageRecordSize", "—")}
    if not folder.rows:
        return Finding(False, "task_3.counts.row_size_differs", facts)
    if is_near(value, folder.size_bytes / folder.rows, _ROUNDED):
        return Finding(True, "task_3.counts.row_size", facts)
    mistakes = {
        "task_3.counts.row_size_is_estimate": float(parameters.get("averageRecordSize", 0)),
        "task_3.counts.row_size_upside_down": folder.rows / max(folder.size_bytes, 1),
    }
    return Finding(False, "task_3.counts.row_size_differs", facts, _find_mistake(value, mistakes, _ROUNDED))


def _judge_headers(value: float, folder: _Folder) -> Finding:
    facts = {"value": show_value(_plain(value)), "files": folder.files}
    if value == folder.rows + folder.files:
        return Finding(True, "task_3.counts.headers", facts)
    mistakes = {
        "task_3.counts.header_never": float(folder.rows),
        "task_3.counts.header_once": float(folder.rows + 1),
        "task_3.counts.header_removed": float(folder.rows - folder.files),
    }
    return Finding(False, "task_3.counts.headers_differ", facts, _find_mistake(value, mistakes, 0))


def _find_mistake(value: float, mistakes: dict[str, float], tolerance: float) -> str:
    """The key of the mistake that gives this value, or none."""
    return next((key for key, wrong in mistakes.items() if is_near(value, wrong, tolerance)), "")


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value
