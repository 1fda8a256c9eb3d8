"""The practice data: trips of an invented bicycle service, small enough to read and dirty enough to be worth cleaning."""

from __future__ import annotations

import csv
import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

TRIP_COLUMNS = ("id_viaje", "id_bici", "salida", "llegada", "estacion_salida", "estacion_llegada", "abono", "km")
_TRIPS = 1_400
_DAYS = 14
_STATIONS = (
    ("Plaza de la Fuente", "Centro"),
    ("Mercado Viejo", "Centro"),
    ("Ayuntamiento", "Centro"),
    ("Estación del Norte", "Ensanche"),
    ("Bulevar", "Ensanche"),
    ("Biblioteca", "Ensanche"),
    ("Campus Ibáñez", "Universidad"),
    ("Facultad de Ciencias", "Universidad"),
    ("Playa de Levante", "Marina"),
    ("Puerto Pequeño", "Marina"),
    ("Faro", "Marina"),
    ("Parque del Cañón", "Cañada"),
    ("Polideportivo", "Cañada"),
    ("Hospital", "Cañada"),
)
_SERVICES = ("inflador", "carga eléctrica", "casilleros", "pantalla", "aparcabicis cubierto")
_PASSES = {"mensual": 0.42, "anual": 0.33, "puntual": 0.2, "": 0.05}


def write_practice(folder: Path, seed: int) -> list[Path]:
    """Write `viajes.csv` and `estaciones.jsonl` into `folder`, always the same for the same seed; return them.

    viajes.csv       one trip a row, some of them twice: id_viaje, id_bici, salida and llegada (2024-05-06 08:31:00),
                     estacion_salida, estacion_llegada (E01 …), abono (mensual, anual, puntual or empty), km (decimal point or comma)
    estaciones.jsonl one station a line: id, nombre, barrio, plazas, coordenadas {lat, lon}, servicios [text]
    """
    rng = random.Random(f"{seed}:practice")
    folder.mkdir(parents=True, exist_ok=True)
    stations = [_build_station(number, rng) for number in range(1, len(_STATIONS) + 1)]
    lines = [json.dumps(station, ensure_ascii=False) for station in stations]
    places = folder / "estaciones.jsonl"
    places.write_bytes(("\n".join(lines) + "\n").encode())
    trips = folder / "viajes.csv"
    with trips.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, TRIP_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_build_trips([station["id"] for station in stations], rng))
    return [trips, places]


def _build_station(number: int, rng: random.Random) -> dict[str, Any]:
    name, quarter = _STATIONS[number - 1]
    return {
        "id": f"E{number:02}",
        "nombre": name,
        "barrio": quarter,
        "plazas": rng.choice((12, 16, 20, 24)),
        "coordenadas": {"lat": round(rng.uniform(39.4, 39.5), 5), "lon": round(rng.uniform(-0.4, -0.3), 5)},
        "servicios": rng.sample(_SERVICES, rng.randint(0, 3)),
    }


def _build_trips(stations: list[str], rng: random.Random) -> list[dict[str, str]]:
    """Bicycles go on from where they arrived, unless a van moved them; nobody arrives at one or two of the stations."""
    shunned = set(rng.sample(stations, rng.randint(1, 2)))
    arrivals = [station for station in stations if station not in shunned]
    bicycles = [f"{number}" for number in range(101, 101 + rng.randint(36, 44))]
    place = {bicycle: rng.choice(stations) for bicycle in bicycles}
    free = {bicycle: datetime(2024, 5, 6, 6) + timedelta(minutes=rng.randint(0, 300)) for bicycle in bicycles}  # noqa: DTZ001 - local time, as in the file
    rows: list[dict[str, str]] = []
    for number in range(1, _TRIPS + rng.randint(0, 200) + 1):
        bicycle = min(bicycles, key=lambda name: (free[name], name))
        if rng.random() < 0.06:
            place[bicycle] = rng.choice(stations)
        began = free[bicycle]
        ended = began + timedelta(
            minutes=rng.choice((4, 7, 9, 12, 15, 18, 22, 27, 31, 38, 45, 70)), seconds=rng.randint(0, 59)
        )
        arrival = place[bicycle] if rng.random() < 0.08 and place[bicycle] in arrivals else rng.choice(arrivals)
        rows.append(_build_trip(number, bicycle, began, ended, place[bicycle], arrival, rng))
        place[bicycle] = arrival
        free[bicycle] = ended + timedelta(minutes=rng.randint(20, 2 * _DAYS * 24 * 60 * len(bicycles) // _TRIPS))
    return _repeat_some(rows, rng)


def _build_trip(
    number: int, bicycle: str, began: datetime, ended: datetime, departure: str, arrival: str, rng: random.Random
) -> dict[str, str]:
    km = f"{(ended - began).seconds / 3600 * rng.uniform(9, 16):.1f}"
    if rng.random() < 0.07:
        km = km.replace(".", ",")
    if rng.random() < 0.02:
        km = rng.choice(("", "n/d", "-"))
    kind = rng.choices(list(_PASSES), list(_PASSES.values()))[0]
    return {
        "id_viaje": f"V{number:05}",
        "id_bici": bicycle,
        "salida": f"{began:%Y-%m-%d %H:%M:%S}",
        "llegada": f"{ended:%Y-%m-%d %H:%M:%S}",
        "estacion_salida": departure,
        "estacion_llegada": arrival,
        "abono": kind,
        "km": km,
    }


def _repeat_some(rows: list[dict[str, str]], rng: random.Random) -> list[dict[str, str]]:
    """Some trips are reported twice, the second time with a corrected, later arrival."""
    again = []
    for row in rng.sample(rows, len(rows) // 40):
        later = datetime.fromisoformat(row["llegada"]) + timedelta(minutes=rng.randint(1, 5))
        again.append({**row, "llegada": f"{later:%Y-%m-%d %H:%M:%S}"})
    return [*rows, *again]
