"""The customers: a `;` CSV as Spanish Excel writes it, with accents and quoted fields. All of them are invented."""

from __future__ import annotations

import csv
import random
import unicodedata
from pathlib import Path

from labkit.data.stores import STORES

_GIVEN = [
    "Lucía",
    "Begoña",
    "Iñaki",
    "Álvaro",
    "Núria",
    "Jesús",
    "Rocío",
    "Martín",
    "Sofía",
    "Xoán",
    "Pilar",
    "Íñigo",
    "Carmen",
    "Raúl",
    "Ainhoa",
    "Óscar",
    "Noelia",
    "Andrés",
    "Belén",
    "Víctor",
]
_SURNAMES = [
    "Muñoz",
    "Peña",
    "García",
    "Ibáñez",
    "Núñez",
    "Castaño",
    "Fernández",
    "Güell",
    "Lasaña",
    "Otero",
    "Zubiría",
    "Ordóñez",
    "Vázquez",
    "Roig",
    "Solà",
    "Pérez",
    "Ariño",
    "Cañas",
    "León",
    "Marín",
]
_NOTES = (
    "",
    "",
    "",
    "",
    'Prefiere que la llamen "Chus"',
    "Factura a empresa; pedir el NIF",
    "Portal B; timbre averiado",
    "Alérgica al cacahuete",
    "Vive en el 3º 2ª",
)


def build_ids(count: int) -> list[str]:
    """Make C00001, C00002 and so on."""
    return [f"C{number:05}" for number in range(1, count + 1)]


def write_customers(path: Path, count: int, rng: random.Random, year: int) -> dict[str, int]:
    """Write id_cliente;nombre;apellidos;email;ciudad;fecha_alta;notas, one row a customer; return the irregularities' counts."""
    found = {"sin_email": 0, "ciudad_en_mayusculas": 0, "nota_con_punto_y_coma_o_comillas": 0}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(["id_cliente", "nombre", "apellidos", "email", "ciudad", "fecha_alta", "notas"])
        for id_ in build_ids(count):
            row = _build_row(id_, rng, year)
            found["sin_email"] += row[3] == ""
            found["ciudad_en_mayusculas"] += row[4].isupper()
            found["nota_con_punto_y_coma_o_comillas"] += any(sign in row[6] for sign in ';"')
            writer.writerow(row)
    return found


def _build_row(id_: str, rng: random.Random, year: int) -> list[str]:
    given, first, second = rng.choice(_GIVEN), rng.choice(_SURNAMES), rng.choice(_SURNAMES)
    email = f"{_plain(given)}.{_plain(first)}{int(id_[1:])}@example.com" if rng.random() > 0.06 else ""
    city = rng.choices([store.city for store in STORES], [store.share for store in STORES])[0]
    joined = f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/{rng.randint(year - 9, year - 1)}"
    return [
        id_,
        given,
        f"{first} {second}",
        email,
        city.upper() if rng.random() < 0.08 else city,
        joined,
        rng.choice(_NOTES),
    ]


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode("ascii").lower()
