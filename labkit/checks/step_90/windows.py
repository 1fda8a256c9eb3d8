"""Windows: the first of each group, and the row before."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.frames import compare_rows
from labkit.checks.step_90.trips import Trip, read_last_reports


def check_longest(context: Context) -> list[Finding]:
    """`longest`: of each bicycle the trip that took longest (the lower id_viaje of two that took the same time)."""
    best: dict[int, Trip] = {}
    for trip in sorted(read_last_reports(context), key=lambda trip: trip.id):
        before = best.get(trip.bicycle)
        if before is None or trip.arrival - trip.departure > before.arrival - before.departure:
            best[trip.bicycle] = trip
    rows = [(bicycle, trip.id) for bicycle, trip in best.items()]
    return compare_rows(context, "longest", (("id_bici", "whole"), ("id_viaje", "text")), rows)


def check_moved(context: Context) -> list[Finding]:
    """`moved`: the trips that began at another station than where their bicycle had arrived before."""
    by_bicycle = defaultdict[int, list[Trip]](list)
    for trip in read_last_reports(context):
        by_bicycle[trip.bicycle].append(trip)
    rows = []
    for trips in by_bicycle.values():
        ordered = sorted(trips, key=lambda trip: trip.departure)
        rows += [(trip.bicycle, trip.id) for before, trip in pairwise(ordered) if trip.origin != before.destination]
    return compare_rows(context, "moved", (("id_bici", "whole"), ("id_viaje", "text")), rows)
