"""The notebooks as a class meets them: all solutions of one language under nbval, their checks, and opening a step."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks.clouds import running_cloud
from benchmarks.measure import Number, median
from labkit.cloud.info import CloudInfo
from labkit.grading.editions.build import write_solution_editions
from labkit.grading.editions.places import find_places
from labkit.grading.editions.validate import read_source
from labkit.grading.nbval_run import Limits, NotebookRun, run_notebooks

_ROUNDS = 3
_LIMITS = Limits(cell_s=120, run_s=900)
_OPEN = """
import contextlib, io, sys, time
import labkit
begun = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    labkit.open(int(sys.argv[1]))
print(time.perf_counter() - begun)
"""


def solutions() -> list[Number]:
    """Every solution notebook of one language, one after the other on one cloud; and how long their checks take."""
    totals, notebooks, checks = [], defaultdict(list), []
    for _ in range(_ROUNDS):
        with running_cloud() as cloud, tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder:
            begun = os.times().elapsed
            runs = _run_all(cloud, Path(folder))
            totals.append(os.times().elapsed - begun)
        for ran in runs:
            notebooks[ran.path.stem].append(ran.seconds)
            graded = _graded(ran.path.stem)
            checks += [cell.seconds for cell in ran.cells if cell.cell_id in graded]
    return [
        median("all solution notebooks of one language", totals, "s", 90.0),
        *(median(f"  {name}", samples, "s") for name, samples in sorted(notebooks.items())),
        median("a check, in its cell (median)", checks, "s", 1.0),
        Number("a check, in its cell (95 of 100)", sorted(checks)[int(len(checks) * 0.95)], "s", 1.0, checks),
    ]


def opening() -> list[Number]:
    """`labkit.open`: with steps 1 to 6 to catch up on a fresh cloud, and with nothing to catch up."""
    catching_up, ready = [], []
    for _ in range(_ROUNDS):
        with running_cloud() as cloud:
            catching_up.append(_open(cloud, 7))
            ready += [_open(cloud, 7) for _ in range(3)]
    return [
        median("open 7, catching up 1 to 6", catching_up, "s", 20.0),
        median("open 7, nothing to catch up", ready, "s", 2.0),
    ]


def _run_all(cloud: CloudInfo, folder: Path) -> list[NotebookRun]:
    places = find_places()
    paths = []
    for name in places.names():
        paths += write_solution_editions(read_source(places, name), places, folder, ("es",))
    runs = run_notebooks(paths, _environment(cloud), limits=_LIMITS)
    failed = [f"{ran.path.stem} {cell.cell_id}: {cell.error}" for ran in runs for cell in ran.failed]
    if failed:
        raise RuntimeError("\n".join(failed))
    return runs


def _graded(name: str) -> set[str]:
    cells = read_source(find_places(), name).notebook.cells
    return {cell.id for cell in cells if cell.kind == "code" and cell.is_graded}


def _open(cloud: CloudInfo, step: int) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, str(step)],
        env=_environment(cloud),
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def _environment(cloud: CloudInfo) -> dict[str, str]:
    """This process's, without what would lead to another AWS."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LABKIT_"))}
    return {**own, "LABKIT_STATE": str(cloud.state_dir)}
