"""The lab's data set: four sources of an invented shop, always the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

from labkit.data.customers import build_ids, write_customers
from labkit.data.practice import write_practice
from labkit.data.products import build_products, write_products
from labkit.data.readme import Facts, write_readme
from labkit.data.sales import write_sales
from labkit.data.stores import write_stores

# What is committed in data/: large enough for a chart by shop and month, small enough for a clone.
DEFAULT_ROWS = 12_000
DEFAULT_SEED = 2024
_CUSTOMERS = 800


def write_dataset(
    folder: Path,
    rows: int = DEFAULT_ROWS,
    seed: int = DEFAULT_SEED,
    year: int = 2024,
    factors: Mapping[str, float] | None = None,
) -> list[Path]:
    """Write the four sources, their README and the practice data into `folder`; `rows` counts the sales. Return the files, sales first.

    Files of the same names are replaced, others are left alone; `factors` says of a kind of dirt how many times its share.
    ValueError for fewer than one row.
    """
    if rows < 1:
        raise ValueError(f"a data set needs at least 1 row, not {rows}")
    folder.mkdir(parents=True, exist_ok=True)
    products = build_products()
    paths, dirt = write_sales(folder, rows, products, build_ids(_CUSTOMERS), _start(seed, "sales"), year, factors)
    product_faults = write_products(folder / "productos.jsonl", products, _start(seed, "products"))
    customer_faults = write_customers(folder / "clientes.csv", _CUSTOMERS, _start(seed, "customers"), year)
    write_stores(folder / "tiendas.parquet")
    facts = Facts(rows, seed, year, dirt, len(products), product_faults, _CUSTOMERS, customer_faults)
    write_readme(folder / "README.md", facts)
    sources = [folder / name for name in ("productos.jsonl", "clientes.csv", "tiendas.parquet", "README.md")]
    return [*paths, *sources, *write_practice(folder / "practice", seed)]


def _start(seed: int, part: str) -> random.Random:
    """A generator for each source, so that a change in one leaves the others as they were."""
    return random.Random(f"{seed}:{part}")
