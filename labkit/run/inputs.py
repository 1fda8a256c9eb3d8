"""What one run works on: the lab's own files, or a CSV of the user's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from labkit.data.student import find_data
from labkit.errors import LabError
from labkit.i18n import build_lesson, text
from labkit.lab_files import find_lab_file
from labkit.names import Names, build_dataset_names, build_slug
from labkit.run.columns import Columns, build_columns, build_job_arguments
from labkit.run.source import CsvFile, convert_to_utf8, inspect_csv, match_columns
from labkit.settings import LEAST_PRIVILEGE, Settings
from labkit.steps.lab import Lab, Upload
from labkit.steps.tags import build_tags

_LAB_COLUMNS = Columns("fecha", "cantidad", "precio_unitario")
_SALES = "ventas_*.csv"
# Logs are kept for ever unless somebody says otherwise, and paid for.
_LOG_DAYS = 7


@dataclass(frozen=True)
class Inputs:
    """The lab to build, the file to drop in it, how its columns are called, and what the user should know about it.

    `title` says whose months the results are: the lab's table, or the user's file.
    """

    lab: Lab
    title: str
    drop: Upload
    columns: Columns
    file: Path
    notes: tuple[str, ...] = ()


def build_lab(settings: Settings) -> Lab:
    """The lab as its text has it, with every sample month but the last: that one is for dropping."""
    names = settings.names
    # The price's type is said here because one "12,95" among the prices makes the crawler call the column text.
    types = {"--types": f"{_LAB_COLUMNS.price}=double"}
    arguments = {"--database": names.database, "--table": names.dataset, **types, **_places(names)}
    samples = tuple(_sample(path, names) for path in _list_sales(settings)[:-1])
    return _build(settings, names, samples, arguments)


def build_drop(settings: Settings) -> Upload:
    """The last month of the lab's own sales, as the object that it becomes when it is dropped."""
    return _sample(_list_sales(settings)[-1], settings.names)


def build_lab_inputs(settings: Settings) -> Inputs:
    """Drop the last month of the lab's own sales."""
    last = _list_sales(settings)[-1]
    names = settings.names
    return Inputs(build_lab(settings), f"{names.database}.{names.processed}", _sample(last, names), _LAB_COLUMNS, last)


def build_data_inputs(settings: Settings, data: Path, mapping: dict[str, str], folder: Path) -> Inputs:
    """Drop the user's CSV, in a data set of its own beside the lab's.

    A file that is not UTF-8 is sent as a UTF-8 copy written in `folder`. Errors: DataError for a file that cannot be used.
    """
    found = inspect_csv(data)
    wanted = dict(mapping)
    if "precio_unitario" not in wanted and "precio_unitario" in {name.lower() for name in found.columns}:
        wanted["precio_unitario"] = "precio_unitario"
    columns = build_columns(match_columns(found, wanted, ("fecha", "cantidad")))
    names = build_dataset_names(settings.names, _title(data))
    path, notes = _as_utf8(found, folder)
    drop = Upload(path, names.raw_bucket, f"{names.raw_prefix}{data.stem}.csv")
    arguments = {"--source": drop.uri, **_places(names), **build_job_arguments(columns)}
    return Inputs(_build(settings, names, (), arguments), data.name, drop, columns, data, notes)


def _build(settings: Settings, names: Names, samples: tuple[Upload, ...], arguments: dict[str, str]) -> Lab:
    target = settings.target
    return Lab(
        account=target.account,
        region=target.region,
        names=names,
        samples=samples,
        script=find_lab_file("etl/sales_etl.py"),
        handler=find_lab_file("lambda/start_glue_job.py"),
        job_arguments=arguments,
        least_privilege=settings.roles == LEAST_PRIVILEGE,
        tags=build_tags(settings),
        log_retention_days=_LOG_DAYS if target.charges else 0,
    )


def _places(names: Names) -> dict[str, str]:
    return {
        "--target": names.processed_uri,
        "--rejected": names.rejected_uri,
        # In the bucket of the results: the job publishes by renaming, and no rename leaves its bucket.
        "--control": f"s3://{names.processed_bucket}/_control/{names.processed}/",
    }


def _list_sales(settings: Settings) -> list[Path]:
    files = sorted(find_data(settings).glob(_SALES))
    if not files:
        raise build_lesson(LabError, "error.lab_file_missing", file=f"data/{_SALES}")
    return files


def _sample(path: Path, names: Names) -> Upload:
    return Upload(path, names.raw_bucket, f"{names.raw_prefix}{path.name}")


def _title(data: Path) -> str:
    """The file's stem; with a few digits of its digest where cutting it down to a slug could make two files look the same."""
    slug = build_slug(data.stem)
    return slug if slug == data.stem else f"{slug[:20]}_{hashlib.sha256(data.stem.encode()).hexdigest()[:6]}"


def _as_utf8(found: CsvFile, folder: Path) -> tuple[Path, tuple[str, ...]]:
    if found.encoding == "utf-8":
        return found.path, ()
    copy = convert_to_utf8(found, folder)
    if found.encoding == "utf-8-sig":
        return copy, (text("note.bom", file=found.path.name),)
    return copy, (text("note.latin1", file=found.path.name, encoding=found.encoding),)
