"""Groups: counts and sums, a pivot, an exploded list."""

from __future__ import annotations

from collections import Counter, defaultdict

from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.frames import compare_rows
from labkit.checks.step_90.trips import read_last_reports, read_stations

_KINDS = ("mensual", "anual", "puntual")


def check_passes(context: Context) -> list[Finding]:
    """`by_pass`: for each abono ("sin abono" when empty) the trips and the kilometres."""
    trips, km = Counter[str](), defaultdict[str, float](float)
    for trip in read_last_reports(context):
        kind = trip.kind or "sin abono"
        trips[kind] += 1
        km[kind] += trip.km or 0.0
    rows = [(kind, count, km[kind]) for kind, count in trips.items()]
    return compare_rows(context, "by_pass", (("abono", "text"), ("trips", "whole"), ("km", "number")), rows)


def check_pivot(context: Context) -> list[Finding]:
    """`by_weekday`: for each day of the week (1 Sunday … 7 Saturday, as Spark counts) the trips of each kind of pass."""
    counted = Counter((trip.departure.isoweekday() % 7 + 1, trip.kind) for trip in read_last_reports(context))
    days = sorted({day for day, _kind in counted})
    rows = [(day, *(counted.get((day, kind), 0) for kind in _KINDS)) for day in days]
    return compare_rows(context, "by_weekday", (("weekday", "whole"), *((kind, "whole") for kind in _KINDS)), rows)


def check_services(context: Context) -> list[Finding]:
    """`services`: in how many stations there is each service."""
    counted = Counter(service for station in read_stations(context) for service in station["servicios"])
    return compare_rows(context, "services", (("service", "text"), ("stations", "whole")), list(counted.items()))
