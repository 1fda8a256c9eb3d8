"""Every attack as a submission with the marks it deserves."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.grading.sandbox.protections import find_protections
from labkit.grading.worker.outcome import Graded
from tests.grading import (
    attacks_on_artefacts,
    attacks_on_cells,
    attacks_on_machine,
    attacks_on_python,
    attacks_through_cloud,
)
from tests.grading.grading_run import CELL_S, JOBS_CELL_S, earned, grade, output
from tests.grading.submissions import Attack

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = (
    *attacks_on_cells.ATTACKS,
    *attacks_on_python.ATTACKS,
    *attacks_on_machine.ATTACKS,
    *attacks_through_cloud.ATTACKS,
    *attacks_on_artefacts.ATTACKS,
)
# What only walls keep in: without them these would meet the machine that runs the tests.
_DANGEROUS = {attack.name for attack in attacks_on_machine.ATTACKS} | {"cloud_killed"}
WALLS = find_protections()
needs_walls = pytest.mark.skipif(not WALLS.files, reason="no bubblewrap, or this kernel allows no namespaces")

pytestmark = pytest.mark.slow


def _is_safe(attack: Attack) -> bool:
    return WALLS.files or attack.name not in _DANGEROUS


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    """All attacks in one batch: none stops it."""
    found: dict[str, Graded] = {}
    for notebook in sorted({attack.notebook for attack in ATTACKS}):
        papers = {one.name: {notebook: one.build()} for one in ATTACKS if one.notebook == notebook and _is_safe(one)}
        cell_s = CELL_S if notebook == attacks_on_cells.S3 else JOBS_CELL_S
        found |= grade(tmp_path_factory.mktemp("attacks") / notebook, [notebook], papers, cell_s=cell_s)
    return found


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_earns_what_was_solved_and_no_more(attack: Attack, graded: dict[str, Graded]) -> None:
    if not _is_safe(attack):
        pytest.skip("only behind walls")
    assert earned(graded[attack.name]) == attack.earned


@pytest.mark.parametrize("name", ["fork_bomb", "memory_bomb", "memory_of_many"])
@needs_walls
def test_what_was_too_much_is_told(name: str, graded: dict[str, Graded]) -> None:
    notes = {note.key for note in graded[name].notes}
    assert notes & {"limit.memory", "limit.processes"}


@needs_walls
def test_nothing_survives_a_run(graded: dict[str, Graded]) -> None:
    import psutil

    assert "survivor" in graded
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines if "survivor-of-labkit" in line]


def test_a_cloud_that_ended_is_for_a_person_to_look_at(graded: dict[str, Graded]) -> None:
    if "cloud_killed" in graded:
        told = [finding["key"] for mark in graded["cloud_killed"].tasks for finding in mark.findings]
        assert "grading.cloud_ended" in told or not any(mark.earned for mark in graded["cloud_killed"].tasks)


@pytest.fixture(scope="module")
def spies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Graded]]:
    """What is to be found here: an open port, a file and a variable of the instructor, the repository with its solutions."""
    secret = tmp_path_factory.mktemp("instructor") / "secret.txt"
    secret.write_text(attacks_through_cloud.CANARY, encoding="utf-8")
    secrets = [str(secret), str(ROOT / "notebooks/source/01_s3.ipynb"), str(Path.home() / ".bashrc"), "/etc/shadow"]
    os.environ["AWS_SECRET_ACCESS_KEY_OF_TEST"] = attacks_through_cloud.CANARY
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(5)
        attacks = attacks_through_cloud.build_spies(server.getsockname()[1], secrets, str(ROOT))
        papers = {one.name: {one.notebook: one.build()} for one in attacks}
        try:
            yield grade(tmp_path_factory.mktemp("spies") / "01_s3", ["01_s3"], papers)
        finally:
            del os.environ["AWS_SECRET_ACCESS_KEY_OF_TEST"]


@pytest.mark.parametrize("name", ["spy_in_kernel", "spy_in_function", "spy_in_job"])
@needs_walls
def test_a_spy_reaches_nothing(name: str, spies: dict[str, Graded]) -> None:
    if name != "spy_in_kernel" and not WALLS.cloud:
        pytest.skip("this kernel allows no namespace inside a room")
    lines = [line for line in output(spies[name]).splitlines() if line.startswith(attacks_through_cloud.BREACH)]
    (told,) = [json.loads(line.removeprefix(attacks_through_cloud.BREACH)) for line in lines]
    assert [breach for breach in told if not _stayed_inside(breach)] == []


def _stayed_inside(breach: str) -> bool:
    """A file written into the run's own throw-away /tmp, where a clone under /tmp is shown: nothing of it is out here."""
    place = breach.removeprefix("writes to ")
    return place != breach and not (Path(place) / "planted").exists()
