"""4.5: four sources in one table, by department and province."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.step_4 import places
from labkit.checks.step_4.parquet import Folder, read_folder
from labkit.checks.step_4.sales_input import SalesInput, SalesReader, clean_row

KEYS = ("departamento", "provincia")
MEASURES = ("ventas", "unidades", "importe", "catalogo", "anonimas", "locales")
_CENTS = 0.011
_UNKNOWN_PRODUCT: dict[str, Any] = {"categoria": {"departamento": None}, "precio": 0}
_UNKNOWN_STORE: dict[str, Any] = {"provincia": None, "ciudad": ""}
_Groups = dict[tuple[str, str], dict[str, float]]


@dataclass(frozen=True)
class _Sale:
    """A clean sale beside what the other sources say of it."""

    group: tuple[str, str]
    units: int
    price: float
    list_price: float
    list_price_is_text: bool
    anonymous: bool
    customer_city: str
    store_city: str
    blank_key: bool

    @property
    def local(self) -> bool:
        return not self.anonymous and self.customer_city.casefold() == self.store_city.casefold()


def check_joined(context: Context) -> list[Finding]:
    """Columns, groups, and each measure in all of them."""
    folder = read_folder(context, places.SUMMARY)
    given = SalesReader(context).find_input(folder.first_written)
    sales = _join(context, given)
    missing = [name for name in (*KEYS, *MEASURES) if name not in folder.types]
    if missing:
        facts = {"missing": ", ".join(missing), "columns": ", ".join(folder.types)}
        return [Finding(False, "task_4.summary_columns", facts)]
    found = _read_groups(folder)
    wanted = _sum_up(sales)
    groups = {"groups": len(found), "rows": folder.rows, "files": len(folder.files)}
    twice = folder.rows > len(found)
    return [
        Finding(
            not twice and set(found) == set(wanted),
            "task_4.summary_groups",
            groups,
            _find_group_mistake(found, twice=twice),
        ),
        *(_judge_measure(name, found, wanted, sales) for name in MEASURES),
    ]


def _join(context: Context, given: SalesInput) -> list[_Sale]:
    products = {item["id_producto"]: item for item in context.truth.products}
    stores = {item["id_tienda"]: item for item in context.truth.stores}
    cities = {item["id_cliente"]: item["ciudad"] for item in context.truth.customers}
    sales = []
    for row in given.accepted:
        clean = clean_row(row)
        # A file that is not the student's own may name things that no source knows: a left join keeps its sales, without a group.
        product, store = products.get(row["id_producto"], _UNKNOWN_PRODUCT), stores.get(clean[2], _UNKNOWN_STORE)
        sales.append(
            _Sale(
                group=(str(product["categoria"]["departamento"]), str(store["provincia"])),
                units=clean[5],
                price=clean[6] or 0.0,
                list_price=read_price(product["precio"]),
                list_price_is_text=isinstance(product["precio"], str),
                anonymous=not row["id_cliente"],
                customer_city=cities.get(row["id_cliente"], ""),
                store_city=store["ciudad"],
                blank_key=row["id_tienda"] != clean[2],
            )
        )
    return sales


def read_price(price: Any) -> float:
    """The catalog price of a product: a number, or a text such as "34,00 €"."""
    return float(re.sub(r"[^\d,.]", "", price).replace(",", ".")) if isinstance(price, str) else float(price)


def _sum_up(sales: list[_Sale]) -> _Groups:
    groups: _Groups = defaultdict(lambda: dict.fromkeys(MEASURES, 0.0))
    for sale in sales:
        group = groups[sale.group]
        group["ventas"] += 1
        group["unidades"] += sale.units
        group["importe"] += sale.units * sale.price
        group["catalogo"] += sale.units * sale.list_price
        group["anonimas"] += sale.anonymous
        group["locales"] += sale.local
    return dict(groups)


def _read_groups(folder: Folder) -> dict[tuple[str, str], dict[str, Any]]:
    rows = [dict(zip((*KEYS, *MEASURES), row, strict=True)) for row in folder.select((*KEYS, *MEASURES))]
    return {(str(row["departamento"]), str(row["provincia"])): row for row in rows}


def _find_group_mistake(found: dict[tuple[str, str], Any], *, twice: bool) -> str:
    if twice:
        return "task_4.written_twice"
    return "task_4.group_of_nothing" if any("None" in key for key in found) else ""


def _judge_measure(name: str, found: Any, wanted: _Groups, sales: list[_Sale]) -> Finding:
    wrong = [key for key in wanted if key not in found or not _near(found[key].get(name), wanted[key][name])]
    total = sum(_number(row.get(name)) for row in found.values())
    facts = {"measure": name, "wrong": len(wrong), "groups": len(wanted), "total": round(total, 2)}
    if not wrong:
        return Finding(True, "task_4.measure", facts)
    mistake = next((key for key, wrong_total in _list_mistakes(name, sales) if abs(total - wrong_total) < 0.5), "")
    return Finding(False, "task_4.measure_differs", facts, mistake)


def _near(value: Any, expected: float) -> bool:
    """A sum over nothing but NULLs is NULL, and as good as 0."""
    return abs(_number(value) - expected) <= _CENTS


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _list_mistakes(name: str, sales: list[_Sale]) -> list[tuple[str, float]]:
    """(what is believed, the total that it gives); a total that several beliefs give is the first one's."""
    known = [sale for sale in sales if not sale.anonymous]
    by_measure: dict[str, Any] = {
        "ventas": lambda _sale: 1,
        "unidades": lambda sale: sale.units,
        "importe": lambda sale: sale.units * sale.price,
        "catalogo": lambda sale: sale.units * sale.list_price,
        "anonimas": lambda sale: sale.anonymous,
        "locales": lambda sale: sale.local,
    }
    measure = by_measure[name]
    found = [
        ("task_4.anonymous_joined_away", float(sum(measure(sale) for sale in known))),
        ("task_4.blank_keys", float(sum(measure(sale) for sale in sales if not sale.blank_key))),
    ]
    if name == "catalogo":
        numbers = [sale for sale in sales if not sale.list_price_is_text]
        found.insert(0, ("task_4.text_prices", float(sum(measure(sale) for sale in numbers))))
        found.append(("task_4.units_forgotten", float(sum(sale.list_price for sale in sales))))
    if name == "importe":
        found.append(("task_4.units_forgotten", float(sum(sale.price for sale in sales))))
    if name == "unidades":
        found.append(("task_4.rows_for_units", float(len(sales))))
    if name == "anonimas":
        return [("task_4.anonymous_joined_away", 0.0)]
    if name == "locales":
        same = Counter(sale.customer_city == sale.store_city and not sale.anonymous for sale in sales)
        found.insert(0, ("task_4.city_case", float(same[True])))
    return found
