"""What notebook 04 leaves in S3, written by pyarrow: right, or wrong in one way."""

from __future__ import annotations

import io
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from labkit.checks.context import Answer, Context
from labkit.checks.step_4.sales_input import CLEAN_COLUMNS, COLUMNS, clean_row
from labkit.checks.truth import find_reason
from labkit.checks.values import Frame

Row = dict[str, Any]
TYPES = {
    "fecha": pa.date32(),
    "cantidad": pa.int32(),
    "precio_unitario": pa.float64(),
    "año": pa.int32(),
    "mes": pa.int32(),
}
TEXTS = dict.fromkeys((*COLUMNS, "motivo"), pa.string())


MONTHS = 4  # in the raw folder; a student has eleven, but a folder for each of them costs every test a write


def list_input(context: Context) -> list[dict[str, str]]:
    """The sales of the files in the raw folder."""
    names = {path.name for path in context.truth.sales_files[:MONTHS]}
    return [row for row in context.truth.sales if row["_file"] in names]


def build_clean(rows: Iterable[dict[str, str]]) -> list[Row]:
    return [dict(zip(CLEAN_COLUMNS, clean_row(row), strict=True)) for row in rows if not find_reason(row)]


def build_rejected(rows: Iterable[dict[str, str]]) -> list[Row]:
    judged = [({name: row[name] or None for name in COLUMNS}, find_reason(row)) for row in rows]
    return [{**row, "motivo": reason} for row, reason in judged if reason]


def write_folder(
    context: Context,
    prefix: str,
    rows: Sequence[Row],
    *,
    partition: Sequence[str] = ("año", "mes"),
    types: dict[str, pa.DataType] | None = None,
    pieces: int = 1,
    keep: bool = False,
    spark: bool = True,
) -> None:
    """Write rows as Spark does: a folder for each value of the partition columns, `pieces` files in each, a _SUCCESS."""
    s3, bucket = context.clients.s3, context.names.processed_bucket
    if not keep:
        empty_folder(context, prefix)
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in partition)].append(row)
    write = uuid.uuid4()
    for values, found in groups.items():
        folder = "".join(f"{name}={_folder_value(value)}/" for name, value in zip(partition, values, strict=True))
        for piece in range(pieces):
            body = _build_file(found[piece::pieces], partition, types or TYPES)
            if spark:
                body = sign_as_spark(body)
            s3.put_object(Bucket=bucket, Key=f"{prefix}{folder}part-{piece:05}-{write}.c000.snappy.parquet", Body=body)
    s3.put_object(Bucket=bucket, Key=f"{prefix}_SUCCESS", Body=b"")


def _folder_value(value: Any) -> Any:
    return "__HIVE_DEFAULT_PARTITION__" if value is None else value


def _build_file(rows: Sequence[Row], partition: Sequence[str], types: dict[str, pa.DataType]) -> bytes:
    names = [name for name in rows[0] if name not in partition]
    columns = [pa.array([row[name] for row in rows], types.get(name)) for name in names]
    body = io.BytesIO()
    pq.write_table(pa.table(columns, names=names), body)
    return body.getvalue()


def sign_as_spark(body: bytes) -> bytes:
    """The file with the footer's `created_by` as Spark writes it, of the same length."""
    ours = pq.ParquetFile(io.BytesIO(body)).metadata.created_by.encode()
    return body.replace(ours, b"parquet-mr version 1.13.1 (build)".ljust(len(ours))[: len(ours)])


def empty_folder(context: Context, prefix: str) -> None:
    s3, bucket = context.clients.s3, context.names.processed_bucket
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=item["Key"])


def clean_in_python(rows: Sequence[Row]) -> Frame:
    """The reference `clean` without Spark, on the small sales of the check."""
    texts = [{name: value or "" for name, value in row.items()} for row in rows]
    kept = build_clean(texts)
    return Frame(tuple((name, "?") for name in CLEAN_COLUMNS), tuple(tuple(row.values()) for row in kept), len(kept))


def judge_in_python(rows: Sequence[Row]) -> Frame:
    """The reference `judge` without Spark."""
    judged = [(*row.values(), find_reason({name: value or "" for name, value in row.items()}) or None) for row in rows]
    return Frame(tuple((name, "?") for name in (*COLUMNS, "motivo")), tuple(judged), len(judged))


def answering(**functions: Callable[[Any], Any]) -> Callable[[str, Any], list[Answer]]:
    """A kernel that has these functions."""

    def ask(name: str, calls: Sequence[Sequence[Any]]) -> list[Answer]:
        found = []
        for arguments in calls:
            try:
                found.append(Answer(functions[name](*arguments)))
            except Exception as error:  # noqa: BLE001 - as a kernel does
                found.append(Answer(error=f"{type(error).__name__}: {error}"))
        return found

    return ask


class FakeGlue:
    """The answers of Glue that the checks of the job read."""

    def __init__(self, job: Row | None, runs: Sequence[Row] = (), saved: int = 0) -> None:
        self.job, self.runs, self.saved = job, list(runs), saved

    def _missing(self, operation: str) -> Exception:
        from botocore.exceptions import ClientError

        return ClientError({"Error": {"Code": "EntityNotFoundException", "Message": ""}}, operation)

    def get_job(self, **_words: str) -> Row:
        if self.job is None:
            raise self._missing("GetJob")
        return {"Job": self.job}

    def get_paginator(self, _name: str) -> Any:
        return SimpleNamespace(paginate=lambda **_words: [{"JobRuns": self.runs}])

    def get_job_bookmark(self, **_words: str) -> Row:
        if not self.saved:
            raise self._missing("GetJobBookmark")
        return {"JobBookmarkEntry": {"Run": self.saved}}


def build_run(
    when: datetime, *, state: str = "SUCCEEDED", seconds: float = 2.0, error: str = "", **arguments: str
) -> Row:
    """A run that began at `when`; `arguments` are written with underscores."""
    return {
        "Id": f"jr_{uuid.uuid4().hex}",
        "JobName": "job",
        "JobRunState": state,
        "StartedOn": when,
        "CompletedOn": when + timedelta(seconds=seconds),
        "ExecutionTime": round(seconds),
        "ErrorMessage": error,
        "Arguments": {f"--{name.replace('_', '-')}": value for name, value in arguments.items()},
        "MaxCapacity": 2.0,
    }
