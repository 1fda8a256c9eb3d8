"""The sales that lay in the raw folder when something was written: files that came later are not missing from it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
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

    @cached_property
    def judged(self) -> list[tuple[dict[str, str], str]]:
        """Each row with the reason to reject it ("" for a good one)."""
        return [(row, find_reason(row)) for row in self.rows]

    @cached_property
    def accepted(self) -> list[dict[str, str]]:
        return [row for row, reason in self.judged if not reason]

    @cached_property
    def rejected(self) -> list[tuple[dict[str, str], str]]:
        return [(row, reason) for row, reason in self.judged if reason]

    @cached_property
    def clean(self) -> list[tuple[Any, ...]]:
        """The accepted rows as task 4.1 describes them, in the order of CLEAN_COLUMNS."""
        return [clean_row(row) for row in self.accepted]


class SalesReader:
    """What lay in the raw folder at any time; the listing and what was read are kept, so one check reads them once.

    The student's own files are taken from where they were generated; any other file is read from S3, since it is an input as well.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[tuple[str, ...], SalesInput] = {}
        names = context.names
        self._found = [
            item
            for item in list_objects(context.clients.s3, names.raw_bucket, names.raw_prefix)
            if item.size_bytes and not _name(item).startswith((".", "_"))
        ]

    def find_input(self, written: datetime) -> SalesInput:
        """The files that are not newer than `written`."""
        taken = [item for item in self._found if item.last_modified <= written]
        key = tuple(item.key for item in taken)
        if key not in self._known:
            later = tuple(_name(item) for item in self._found if item.last_modified > written)
            rows = tuple(row for item in taken for row in self._read_rows(item))
            self._known[key] = SalesInput(rows, tuple(_name(item) for item in taken), later)
        return self._known[key]

    def _read_rows(self, item: S3Object) -> Iterable[dict[str, str]]:
        name = _name(item)
        own = {path.name: path.stat().st_size for path in self._context.truth.sales_files}
        if own.get(name) == item.size_bytes:
            return self._own_rows[name]
        body = self._context.clients.s3.get_object(Bucket=item.bucket, Key=item.key)["Body"].read()
        read = csv.DictReader(io.StringIO(body.decode("utf-8", "replace"), newline=""))
        return [{column: row.get(column) or "" for column in COLUMNS} for row in read]

    @cached_property
    def _own_rows(self) -> dict[str, list[dict[str, str]]]:
        rows: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in self._context.truth.sales:
            rows[row["_file"]].append(row)
        return rows


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
