"""What is wrong in real files, planted on purpose and counted: each dirty row has exactly one fault."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Row = dict[str, str]


@dataclass(frozen=True)
class Dirt:
    """One kind of fault: the share of rows that have it, what it is in Spanish and English, and what sales_etl.py makes of it.

    `reason` is the `motivo` of the rejected row, or empty where the row is accepted.
    """

    name: str
    share: float
    spanish: str
    english: str
    reason: str = ""


KINDS = (
    Dirt(
        "devolucion", 0.012, "cantidad negativa: una devolución", "negative quantity: a return", "cantidad_no_positiva"
    ),
    Dirt("cantidad_cero", 0.004, "cantidad 0", "quantity 0", "cantidad_no_positiva"),
    Dirt("cantidad_vacia", 0.005, "cantidad vacía", "empty quantity", "cantidad_vacia"),
    Dirt(
        "cantidad_texto",
        0.004,
        'cantidad en letras: "dos", "3 uds"',
        'quantity in words: "dos", "3 uds"',
        "cantidad_no_numerica",
    ),
    Dirt("fecha_dia_mes", 0.005, "fecha día/mes/año", "date as day/month/year", "fecha_no_valida"),
    Dirt(
        "fecha_imposible",
        0.002,
        "fecha que no existe: 2024-02-30",
        "a date that does not exist: 2024-02-30",
        "fecha_no_valida",
    ),
    Dirt("fecha_vacia", 0.002, "fecha vacía", "empty date", "fecha_vacia"),
    Dirt("fecha_con_hora", 0.006, "fecha con hora: 2024-01-15T10:22:00", "date with a time: 2024-01-15T10:22:00"),
    Dirt(
        "venta_repetida",
        0.006,
        "una fila anterior otra vez, con su id_venta",
        "an earlier row once more, with its id_venta",
    ),
    Dirt("sin_cliente", 0.020, "id_cliente vacío: venta anónima", "empty id_cliente: an anonymous sale"),
    Dirt("sin_id_venta", 0.002, "id_venta vacío", "empty id_venta"),
    Dirt("blancos", 0.010, "blancos al final de id_tienda y canal", "trailing blanks in id_tienda and canal"),
    Dirt("coma_decimal", 0.008, 'precio con coma: "12,95"', 'price with a decimal comma: "12,95"'),
)


def share_out(rows: int, rng: random.Random, factors: Mapping[str, float] | None = None) -> list[str]:
    """For each row the name of its fault, or an empty text; every kind occurs if there are 1,000 rows.

    `factors` makes a kind rarer or more frequent than its share says.
    """
    counts = {dirt.name: round(rows * dirt.share * (factors or {}).get(dirt.name, 1.0)) for dirt in KINDS}
    names = [name for name, count in counts.items() for _ in range(count)]
    places = rng.sample(range(rows), len(names))
    planted = [""] * rows
    for place, name in zip(places, names, strict=True):
        planted[place] = name
    return planted


def plant_dirt(rows: list[Row], planted: Sequence[str], rng: random.Random, found: dict[str, int]) -> list[Row]:
    """Spoil the rows as `planted` says, and count in `found` what was really done."""
    spoiled: list[Row] = []
    before: Row | None = None
    for row, name in zip(rows, planted, strict=True):
        changed = _spoil(row, name, before, rng)
        if changed is None:
            before = changed = row
        else:
            found[name] = found.get(name, 0) + 1
        spoiled.append(changed)
    return spoiled


def _spoil(row: Row, name: str, before: Row | None, rng: random.Random) -> Row | None:
    """The row with its fault; None to leave it clean. `before` is the last clean one: there may be none to repeat."""
    if not name or (name == "venta_repetida" and before is None):
        return None
    return dict(before) if name == "venta_repetida" and before else {**row, **_CHANGES[name](row, rng)}


def _impossible(row: Row, rng: random.Random) -> Row:
    year, month = row["fecha"][:4], row["fecha"][5:7]
    return {"fecha": rng.choice((f"{year}-02-30", f"{year}-13-{month}", f"{year}-{month}-32"))}


def _day_first(row: Row, rng: random.Random) -> Row:
    year, month, day = row["fecha"].split("-")
    return {"fecha": rng.choice((f"{day}/{month}/{year}", f"{day}-{month}-{year}"))}


def _with_time(row: Row, rng: random.Random) -> Row:
    return {"fecha": f"{row['fecha']}T{rng.randint(9, 21):02}:{rng.randint(0, 59):02}:00"}


_CHANGES: dict[str, Callable[[Row, random.Random], Row]] = {
    "devolucion": lambda _row, rng: {"cantidad": str(-rng.randint(1, 3))},
    "cantidad_cero": lambda _row, _rng: {"cantidad": "0"},
    "cantidad_vacia": lambda _row, _rng: {"cantidad": ""},
    "cantidad_texto": lambda _row, rng: {"cantidad": rng.choice(("dos", "uno", "3 uds", "1 ud.", "media docena"))},
    "fecha_dia_mes": _day_first,
    "fecha_imposible": _impossible,
    "fecha_vacia": lambda _row, _rng: {"fecha": ""},
    "fecha_con_hora": _with_time,
    "sin_cliente": lambda _row, _rng: {"id_cliente": ""},
    "sin_id_venta": lambda _row, _rng: {"id_venta": ""},
    "blancos": lambda row, _rng: {"id_tienda": row["id_tienda"] + "  ", "canal": row["canal"] + " "},
    "coma_decimal": lambda row, _rng: {"precio_unitario": row["precio_unitario"].replace(".", ",")},
}
