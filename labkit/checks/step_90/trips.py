"""The practice data as Python values."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.checks.context import Context
from labkit.checks.truth import parse_number


@dataclass(frozen=True)
class Trip:
    """One row of viajes.csv; `km` is None where the file has no number."""

    id: str
    bicycle: int
    departure: datetime
    arrival: datetime
    origin: str
    destination: str
    kind: str
    km: float | None

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded down."""
        return int((self.arrival - self.departure).total_seconds() // 60)


def read_rows(context: Context) -> list[dict[str, str]]:
    """The file as it is, one dict a row."""
    with (context.truth.folder / "practice" / "viajes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_trips(context: Context) -> list[Trip]:
    """Every row of the file, also the trips that are reported twice."""
    return [
        Trip(
            row["id_viaje"],
            int(row["id_bici"]),
            datetime.fromisoformat(row["salida"]),
            datetime.fromisoformat(row["llegada"]),
            row["estacion_salida"],
            row["estacion_llegada"],
            row["abono"],
            parse_number(row["km"]),
        )
        for row in read_rows(context)
    ]


def read_last_reports(context: Context) -> list[Trip]:
    """Each trip once: the report with the latest arrival."""
    latest: dict[str, Trip] = {}
    for trip in read_trips(context):
        if trip.id not in latest or trip.arrival > latest[trip.id].arrival:
            latest[trip.id] = trip
    return list(latest.values())


def read_stations(context: Context) -> list[dict[str, Any]]:
    """The documents of estaciones.jsonl."""
    lines = (context.truth.folder / "practice" / "estaciones.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
