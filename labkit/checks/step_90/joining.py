"""Joins: with what belongs to it, and with what has no partner."""

from __future__ import annotations

from collections import Counter

from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.frames import compare_rows
from labkit.checks.step_90.trips import read_last_reports, read_stations


def check_quarters(context: Context) -> list[Finding]:
    """`by_quarter`: trips by the barrio they began in."""
    quarters = {station["id"]: station["barrio"] for station in read_stations(context)}
    counted = Counter(quarters[trip.origin] for trip in read_last_reports(context))
    return compare_rows(context, "by_quarter", (("barrio", "text"), ("trips", "whole")), list(counted.items()))


def check_shunned(context: Context) -> list[Finding]:
    """`shunned`: id and nombre of the stations where nobody arrived."""
    reached = {trip.destination for trip in read_last_reports(context)}
    rows = [(station["id"], station["nombre"]) for station in read_stations(context) if station["id"] not in reached]
    return compare_rows(context, "shunned", (("id", "text"), ("nombre", "text")), rows)
