"""Reading, deriving and cleaning columns."""

from __future__ import annotations

from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.frames import compare_rows
from labkit.checks.step_90.trips import read_last_reports, read_rows, read_trips

_COLUMNS = (
    ("id_viaje", "text"),
    ("id_bici", "whole"),
    ("salida", "time"),
    ("llegada", "time"),
    ("estacion_salida", "text"),
    ("estacion_llegada", "text"),
    ("abono", "text"),
)


def check_read(context: Context) -> list[Finding]:
    """`trips`: the file with a schema; empty passes are null as Spark reads them, km is still text."""
    texts = [row["km"] or None for row in read_rows(context)]
    rows = [
        (trip.id, trip.bicycle, trip.departure, trip.arrival, trip.origin, trip.destination, trip.kind or None, km)
        for trip, km in zip(read_trips(context), texts, strict=True)
    ]
    return compare_rows(context, "trips", (*_COLUMNS, ("km", "text")), rows)


def check_minutes(context: Context) -> list[Finding]:
    """`long_trips`: id_viaje and minutes of the rows of more than 30 minutes between two different stations."""
    rows = [
        (trip.id, trip.minutes)
        for trip in read_trips(context)
        if (trip.arrival - trip.departure).total_seconds() > 30 * 60 and trip.origin != trip.destination
    ]
    return compare_rows(context, "long_trips", (("id_viaje", "text"), ("minutes", "whole")), rows)


def check_km(context: Context) -> list[Finding]:
    """`distances`: id_viaje and km as a number, null where the file has none."""
    rows = [(trip.id, trip.km) for trip in read_trips(context)]
    return compare_rows(context, "distances", (("id_viaje", "text"), ("km", "number")), rows)


def check_last_report(context: Context) -> list[Finding]:
    """`reports`: each trip once, with the arrival that was reported last."""
    rows = [(trip.id, trip.arrival) for trip in read_last_reports(context)]
    return compare_rows(context, "reports", (("id_viaje", "text"), ("llegada", "time")), rows)
