"""The sales, one row a line of a ticket, first clean and then as dirty as real files."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from labkit.data.dirt import plant_dirt, share_out
from labkit.data.products import Product
from labkit.data.season import find_discount, find_weight, pick_day, split_rows
from labkit.data.stores import STORES

COLUMNS = ("id_venta", "fecha", "id_tienda", "id_cliente", "id_producto", "cantidad", "precio_unitario", "canal")
_CHANNELS = {"tienda": 0.68, "web": 0.2, "app": 0.09, "teléfono": 0.03}

Row = dict[str, str]


def write_sales(
    folder: Path,
    rows: int,
    products: list[Product],
    customers: list[str],
    rng: random.Random,
    year: int,
    factors: Mapping[str, float] | None = None,
) -> tuple[list[Path], dict[str, int]]:
    """Write twelve months with `rows` rows in all; return the files and how many rows of each kind of dirt are in them."""
    planted = share_out(rows, rng, factors)
    found: dict[str, int] = {}
    paths = []
    start = 0
    numbers = iter(range(1, rows + 1))
    for month, count in enumerate(split_rows(rows), start=1):
        clean = _build_month(count, numbers, products, customers, rng, (year, month))
        dirty = plant_dirt(clean, planted[start : start + count], rng, found)
        start += count
        paths.append(_write_month(folder / f"ventas_{year}_{month:02}.csv", dirty))
    return paths, found


def _write_month(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _build_month(
    count: int,
    numbers: Iterator[int],
    products: list[Product],
    customers: list[str],
    rng: random.Random,
    when: tuple[int, int],
) -> list[Row]:
    year, month = when
    days = sorted(pick_day(rng, year, month) for _ in range(count))
    # What is cheap is sold more often.
    weights = [find_weight(product.category, month) / product.price**0.5 for product in products]
    sold = rng.choices(products, weights, k=count)
    stores = rng.choices([store.id for store in STORES], [store.share for store in STORES], k=count)
    channels = rng.choices(list(_CHANNELS), list(_CHANNELS.values()), k=count)
    rows = []
    for day, product, store, channel in zip(days, sold, stores, channels, strict=True):
        price = product.price * find_discount(month)
        rows.append(
            {
                "id_venta": f"V{next(numbers):07}",
                "fecha": day.isoformat(),
                "id_tienda": store,
                "id_cliente": rng.choice(customers),
                "id_producto": product.id,
                "cantidad": str(rng.choices((1, 2, 3, 4, 6, 12), (60, 22, 9, 4, 3, 2))[0]),
                "precio_unitario": f"{price:.2f}",
                "canal": channel,
            }
        )
    return rows
