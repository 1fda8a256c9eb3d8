from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from labkit.data.dataset import DEFAULT_ROWS, write_dataset
from labkit.data.dirt import KINDS

COMMITTED = Path(__file__).parents[3] / "data"
HEADER = "id_venta,fecha,id_tienda,id_cliente,id_producto,cantidad,precio_unitario,canal"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_dataset(folder)
    return folder


def list_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def read_sales(folder: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted(folder.glob("ventas_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return rows


def test_what_is_committed_is_what_the_generator_writes(folder: Path) -> None:
    made = list_files(folder)
    assert list_files(COMMITTED) == made
    for name in made - {"tiendas.parquet"}:
        assert (COMMITTED / name).read_bytes() == (folder / name).read_bytes(), f"{name}: run `labkit data` again"
    # Parquet files also name the library that wrote them, so their bytes follow its version.
    assert pq.read_table(COMMITTED / "tiendas.parquet").equals(pq.read_table(folder / "tiendas.parquet"))


def test_it_is_small_enough_for_a_clone() -> None:
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*")) < 2_000_000


def test_sales_have_the_columns_of_the_lab(folder: Path) -> None:
    paths = sorted(folder.glob("ventas_*.csv"))
    assert [path.name for path in paths] == [f"ventas_2024_{month:02}.csv" for month in range(1, 13)]
    assert {path.read_text(encoding="utf-8").split("\n", 1)[0] for path in paths} == {HEADER}
    assert len(read_sales(folder)) == DEFAULT_ROWS


def test_every_fault_is_as_frequent_as_the_readme_says(folder: Path) -> None:
    rows = read_sales(folder)
    seen = Counter(row["id_venta"] for row in rows if row["id_venta"])
    counted = {
        "devolucion": sum(row["cantidad"].startswith("-") for row in rows),
        "cantidad_cero": sum(row["cantidad"] == "0" for row in rows),
        "cantidad_vacia": sum(row["cantidad"] == "" for row in rows),
        "cantidad_texto": sum(bool(re.search("[a-z]", row["cantidad"])) for row in rows),
        "fecha_dia_mes": sum(bool(re.match(r"\d\d[/-]\d\d[/-]\d{4}$", row["fecha"])) for row in rows),
        "fecha_imposible": sum(bool(re.search(r"-02-30$|-13-|-32$", row["fecha"])) for row in rows),
        "fecha_vacia": sum(row["fecha"] == "" for row in rows),
        "fecha_con_hora": sum("T" in row["fecha"] for row in rows),
        "venta_repetida": sum(count - 1 for count in seen.values()),
        "sin_cliente": sum(row["id_cliente"] == "" for row in rows),
        "sin_id_venta": sum(row["id_venta"] == "" for row in rows),
        "blancos": sum(row["canal"] != row["canal"].strip() for row in rows),
        "coma_decimal": sum("," in row["precio_unitario"] for row in rows),
    }
    assert all(counted.values())
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"| {kind.spanish} | {kind.english} | {counted[kind.name]} |" in readme
    rejected = sum(counted[kind.name] for kind in KINDS if kind.reason)
    assert f"Aceptadas {DEFAULT_ROWS - rejected} · rechazadas {rejected}." in readme


def test_the_year_has_a_shape(folder: Path) -> None:
    by_month = {path.stem[-2:]: path.read_bytes().count(b"\n") for path in folder.glob("ventas_*.csv")}
    busiest = max(by_month, key=lambda month: by_month[month])
    assert busiest == "12"
    assert by_month["12"] > 1.5 * by_month["08"]
    assert len({row["id_tienda"].strip() for row in read_sales(folder)}) == 8
    assert {row["canal"].strip() for row in read_sales(folder)} == {"tienda", "web", "app", "teléfono"}


def test_sales_refer_to_products_customers_and_shops(folder: Path) -> None:
    products = [json.loads(line) for line in (folder / "productos.jsonl").read_text(encoding="utf-8").splitlines()]
    with (folder / "clientes.csv").open(encoding="utf-8", newline="") as file:
        customers = {row["id_cliente"] for row in csv.DictReader(file, delimiter=";")}
    shops = set(pq.read_table(folder / "tiendas.parquet").column("id_tienda").to_pylist())
    for row in read_sales(folder):
        assert row["id_tienda"].strip() in shops
        assert row["id_cliente"] in customers or row["id_cliente"] == ""
    assert {row["id_producto"] for row in read_sales(folder)} == {product["id_producto"] for product in products}


def test_products_are_nested_and_mixed(folder: Path) -> None:
    lines = (folder / "productos.jsonl").read_text(encoding="utf-8").splitlines()
    products = [json.loads(line) for line in lines]
    assert {type(product["precio"]) for product in products} == {int, float, str}
    assert {type(product["etiquetas"]) for product in products} == {list, str}
    assert {type(product["proveedor"]) for product in products} == {dict, str}
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert f"| precio_texto | {sum(isinstance(product['precio'], str) for product in products)} |" in readme
    assert f"| sin_peso | {sum('peso_kg' not in product for product in products)} |" in readme


def test_customers_have_accents_and_quoted_semicolons(folder: Path) -> None:
    text = (folder / "clientes.csv").read_text(encoding="utf-8")
    assert "ñ" in text
    assert '"Factura a empresa; pedir el NIF"' in text
    with (folder / "clientes.csv").open(encoding="utf-8", newline="") as file:
        assert {len(row) for row in csv.reader(file, delimiter=";")} == {7}


def test_another_seed_gives_another_shop_and_the_same_seed_the_same(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_dataset(tmp_path / name, 300, seed, year=2023)
    january = [(tmp_path / name / "ventas_2023_01.csv").read_bytes() for name in "abc"]
    assert january[0] == january[1] != january[2]


@pytest.mark.parametrize("rows", [1, 7, 2000])
def test_there_are_as_many_sales_as_asked_for(tmp_path: Path, rows: int) -> None:
    write_dataset(tmp_path, rows, seed=5)
    assert len(read_sales(tmp_path)) == rows


def test_no_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1 row, not 0"):
        write_dataset(tmp_path, 0, 1)
