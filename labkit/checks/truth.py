"""What the student's data really hold: read from files that are written anew from the student's name, never from S3."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from labkit.data.student import compute_seed, find_data
from labkit.settings import Settings

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2})?)?")


class Truth:
    """The four sources of one student, each read when first asked for.

    `sales`: one dict of texts a row, as written, in the order of files and rows, with `_file` (name) beside the columns.
    `products`: one JSON document a product. `customers`: one dict of texts a customer. `stores`: one dict a shop.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def student(self) -> str:
        return self._settings.student

    @property
    def seed(self) -> int:
        """A number of this student's own, for parameters that differ from student to student."""
        return compute_seed(self._settings.student)

    @cached_property
    def folder(self) -> Path:
        return find_data(self._settings)

    @cached_property
    def sales_files(self) -> list[Path]:
        """The twelve months, in order; the last one is the file that is dropped."""
        return sorted(self.folder.glob("ventas_*.csv"))

    @cached_property
    def sales(self) -> list[dict[str, str]]:
        return [row for path in self.sales_files for row in _read_csv(path, ",")]

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        lines = (self.folder / "productos.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.strip()]

    @cached_property
    def customers(self) -> list[dict[str, str]]:
        return list(_read_csv(self.folder / "clientes.csv", ";"))

    @cached_property
    def stores(self) -> list[dict[str, Any]]:
        import pyarrow.parquet

        return list(pyarrow.parquet.read_table(self.folder / "tiendas.parquet").to_pylist())

    @cached_property
    def judged(self) -> list[tuple[dict[str, str], str]]:
        """Each sale with the reason for which sales_etl.py rejects it ("" when it is accepted)."""
        return [(row, find_reason(row)) for row in self.sales]

    @cached_property
    def accepted(self) -> list[dict[str, str]]:
        return [row for row, reason in self.judged if not reason]

    @cached_property
    def rejected(self) -> list[tuple[dict[str, str], str]]:
        return [(row, reason) for row, reason in self.judged if reason]


def find_reason(row: dict[str, str]) -> str:
    """The `motivo` of a sale as etl/sales_etl.py gives it, or "" for one that is accepted."""
    day, amount = row["fecha"].strip(), row["cantidad"].strip()
    if not day:
        return "fecha_vacia"
    if parse_date(day) is None:
        return "fecha_no_valida"
    if not amount:
        return "cantidad_vacia"
    number = parse_number(amount)
    if number is None:
        return "cantidad_no_numerica"
    return "" if number > 0 else "cantidad_no_positiva"


def parse_date(text: str) -> date | None:
    """The day of an ISO date, with or without a time; None for anything else."""
    found = _ISO.fullmatch(text.strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def parse_number(text: str) -> float | None:
    """A number with a point or a decimal comma before one or two digits; None for anything else."""
    plain = re.sub(r"^([-+]?\d+),(\d{1,2})$", r"\1.\2", text.strip())
    return float(plain) if re.fullmatch(r"[-+]?\d+(\.\d+)?", plain) else None


def _read_csv(path: Path, delimiter: str) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=delimiter):
            yield {**row, "_file": path.name}
