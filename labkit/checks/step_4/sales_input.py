"""The sales that lay in the raw folder when something was written: files that came later are not missing from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from labkit.aws.s3 import S3Object, list_objects
from labkit.checks.context import Context
from labkit.checks.truth import find_reason, parse_date, parse_number

COLUMNS = ("id_venta", "fecha", "id_tienda", "id_cliente", "id_producto", "cantidad", "precio_unitario", "canal")
CLEAN_COLUMNS = (*COLUMNS, "año", "mes")
REASONS = ("fecha_vacia", "fecha_no_valida", "cantidad_vacia", "cantidad_no_numerica", "cantidad_no_positiva")


@dataclass(frozen=True)
class SalesInput:
    """The rows of the files, as texts; `files` are their names and `later` those of files that came afterwards."""

    rows: tuple[dict[str, str], ...]
    files: tuple[str, ...]
    later: tuple[str, ...]

    @property
    def accepted(self) -> list[dict[str, str]]:
        return [row for row in self.rows if not find_reason(row)]

    @property
    def rejected(self) -> list[tuple[dict[str, str], str]]:
        judged = [(row, find_reason(row)) for row in self.rows]
        return [(row, reason) for row, reason in judged if reason]


def find_input(context: Context, written: datetime) -> SalesInput:
    """The files of the raw folder that are not newer than `written`.

    The student's own files are taken from where they were generated; any other file is read from S3, since it is an input as well.
    """
    names = context.names
    found = [
        item
        for item in list_objects(context.clients.s3, names.raw_bucket, names.raw_prefix)
        if item.size_bytes and not item.key.rsplit("/", 1)[-1].startswith((".", "_"))
    ]
    taken = [item for item in found if item.last_modified <= written]
    rows = tuple(row for item in taken for row in _read_rows(context, item))
    later = tuple(_name(item) for item in found if item.last_modified > written)
    return SalesInput(rows, tuple(_name(item) for item in taken), later)


def clean_row(row: dict[str, str]) -> tuple[Any, ...]:
    """An accepted row as task 4.1 describes it; a tuple in the order of CLEAN_COLUMNS."""
    day = parse_date(row["fecha"]) or date.min
    return (
        row["id_venta"] or None,
        day,
        row["id_tienda"].strip(),
        row["id_cliente"] or None,
        row["id_producto"] or None,
        int(parse_number(row["cantidad"]) or 0),
        parse_number(row["precio_unitario"]),
        row["canal"].strip(),
        day.year,
        day.month,
    )


def _name(item: S3Object) -> str:
    return item.key.rsplit("/", 1)[-1]


def _read_rows(context: Context, item: S3Object) -> Iterable[dict[str, str]]:
    own = {path.name: path for path in context.truth.sales_files}
    name = _name(item)
    if name in own and own[name].stat().st_size == item.size_bytes:
        return [row for row in context.truth.sales if row["_file"] == name]
    body = context.clients.s3.get_object(Bucket=item.bucket, Key=item.key)["Body"].read()
    read = csv.DictReader(io.StringIO(body.decode("utf-8", "replace"), newline=""))
    return [{name: row.get(name) or "" for name in COLUMNS} for row in read]
