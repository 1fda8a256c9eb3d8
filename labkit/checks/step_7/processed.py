"""The rows that the Glue job wrote, read from the Parquet files themselves."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from labkit.aws.s3 import list_objects
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.truth import parse_date, parse_number

_FOLDER = re.compile(r"año=(\d+)/mes=(\d+)/")


@dataclass(frozen=True)
class Sale:
    """One accepted row: the month of its folder, what was sold where, units, and euros each (None: no number)."""

    year: int
    month: int
    product: str
    store: str
    units: float
    price: float | None

    @property
    def amount(self) -> float:
        return self.units * (self.price or 0.0)


def read_processed(context: Context) -> list[Sale]:
    """Every row under the processed folder. NotAttempted while there is none."""
    names = context.names
    sales: list[Sale] = []
    for item in list_objects(context.clients.s3, names.processed_bucket, f"{names.processed}/"):
        found = _FOLDER.search(item.key)
        if found and item.key.endswith(".parquet"):
            body = context.clients.s3.get_object(Bucket=names.processed_bucket, Key=item.key)["Body"].read()
            sales += _read_file(body, int(found[1]), int(found[2]))
    if not sales:
        raise NotAttempted("task_7.no_parquet", folder=names.processed_uri)
    return sales


def _read_file(body: bytes, year: int, month: int) -> Iterator[Sale]:
    import pyarrow.parquet as pq

    wanted = ["id_producto", "id_tienda", "cantidad", "precio_unitario"]
    columns = pq.ParquetFile(io.BytesIO(body)).read(columns=wanted).to_pydict()
    for product, store, units, price in zip(*(columns[name] for name in wanted), strict=True):
        yield Sale(year, month, product or "", store or "", float(units or 0), price)


def judge_processed(context: Context, sales: list[Sale]) -> Finding:
    """The student's own accepted rows must all be there, of each month; more (a file dropped twice) is said."""
    wanted = Counter(_list_accepted(context))
    missing = wanted - Counter(map(_round, sales))
    count = Counter((sale.year, sale.month) for sale in sales)
    short = sorted({f"{sale.year}-{sale.month:02}" for sale in missing})
    facts = {"rows": len(sales), "short": ", ".join(short) or "—", "more": max(0, len(sales) - wanted.total())}
    if short:
        rows = Counter((sale.year, sale.month) for sale in wanted.elements())
        too_few = any(count[month] < number for month, number in rows.items())
        mistake = "task_7.not_all_processed" if too_few else "task_7.processed_of_others"
        return Finding(False, "task_7.processed_short", facts, mistake)
    return Finding(True, "task_7.processed_more" if facts["more"] else "task_7.processed", facts)


def _list_accepted(context: Context) -> Iterator[Sale]:
    for row in context.truth.accepted:
        day, units = parse_date(row["fecha"]), parse_number(row["cantidad"])
        if day is not None and units is not None:
            product, store = row["id_producto"].strip(), row["id_tienda"].strip()
            yield _round(Sale(day.year, day.month, product, store, units, parse_number(row["precio_unitario"])))


def _round(sale: Sale) -> Sale:
    price = None if sale.price is None else round(sale.price, 4)
    return replace(
        sale, product=sale.product.strip(), store=sale.store.strip(), units=round(sale.units, 4), price=price
    )
