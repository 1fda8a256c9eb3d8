"""The student's workloads and the what-if model, over the runs that were measured."""

from __future__ import annotations

from typing import Any

from labkit.checks.evaluation.measured import fit_measurements, read_measurements
from labkit.checks.evaluation.model import ENGINES
from labkit.checks.evaluation.predictions import find_prediction, read_seconds
from labkit.checks.evaluation.workloads import NAMES, build_loads, describe_load
from labkit.checks.truth import Truth
from labkit.classroom.surroundings import Surroundings
from labkit.errors import UsageError
from labkit.i18n import build_lesson
from labkit.ui.measured import MeasuredTable, Workloads
from labkit.ui.what_if import WhatIf


def find_workloads(around: Surroundings) -> Workloads:
    """The three workloads of this student; with seconds once all engines were measured."""
    loads = build_loads(Truth(around.settings).seed)
    speeds = fit_measurements(read_measurements(around.clients, around.settings.names, around.journal))
    if set(speeds) == set(ENGINES):
        return Workloads({name: describe_load(name, load, speeds, around.prices) for name, load in loads.items()})
    plain = {
        name: {
            "name": name,
            "input_mb": load.rows_mb,
            "memory_mb": load.memory_mb,
            "runs_per_month": load.runs_per_month,
            "workers": load.workers,
        }
        for name, load in loads.items()
    }
    return Workloads(plain)


def compare(around: Surroundings) -> MeasuredTable:
    """The newest run of each engine, and the locked prediction."""
    entry = find_prediction(around.journal)
    found = read_measurements(around.clients, around.settings.names, around.journal)
    return MeasuredTable(found, read_seconds(entry) if entry else {})


def explore(around: Surroundings, name: str, changes: dict[str, Any]) -> WhatIf:
    """The what-if of one workload; it says so while nothing was measured. UsageError for an unknown name or value."""
    if name not in NAMES:
        raise build_lesson(UsageError, "error.workload_unknown", name=str(name), known=", ".join(NAMES))
    speeds = fit_measurements(read_measurements(around.clients, around.settings.names, around.journal))
    load = build_loads(Truth(around.settings).seed)[name]
    return WhatIf(name, load, speeds, around.prices).at(**changes)
