"""Editions built to a folder of the session's own, and one cloud that they all run against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkit.grading.editions.build import write_editions
from labkit.grading.editions.places import Places, find_places
from labkit.grading.editions.validate import read_source
from labkit.grading.nbval_run import Limits, NotebookRun, current_environment, run_notebook

HERE = Path(__file__).parent
# A first Glue job and a first Spark session are slow where everything else runs as well.
LIMITS = Limits(cell_s=180, startup_s=120, run_s=900)
Run = Callable[[str, str, str], NotebookRun]


@pytest.fixture(scope="session")
def places() -> Places:
    return find_places()


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state folder of a running cloud; its name is as awkward as a student's."""
    from labkit.cloud import daemon

    folder = tmp_path_factory.mktemp("laboratorio de Íñigo")
    info = daemon.up(folder, port=None, ephemeral=True)
    try:
        yield Path(info.state_dir)
    finally:
        daemon.down(folder)


@pytest.fixture(scope="session")
def run(places: Places, state: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`run("01_s3", "student", "es")`: build the edition and run every code cell of it under nbval."""
    folder = tmp_path_factory.mktemp("cuadernos de Íñigo")

    def run(name: str, kind: str, language: str) -> NotebookRun:
        (path,) = write_editions(read_source(places, name), places, folder / kind, kind, (language,))
        without = {name: value for name, value in current_environment().items() if not name.startswith("AWS_")}
        ran = run_notebook(path, {**without, "LABKIT_STATE": str(state)}, limits=LIMITS)
        assert not ran.problem, ran.problem
        return ran

    return run
