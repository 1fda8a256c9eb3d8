"""What the reference leaves in the cloud after each step: made once a batch, to tell whether a notebook left anything else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from labkit.aws.session import Clients
from labkit.grading.sandbox.limits import Bounds
from labkit.grading.sandbox.protections import Protections
from labkit.grading.worker.cloud import WalledCloud
from labkit.grading.worker.places import Places, build_environment, build_prefix, find_cache
from labkit.grading.worker.reference import Stage, list_references
from labkit.settings import read_settings, with_endpoint

_LAST_STEP = 6
# Making Java's archive takes 20 s of one core, on a busy machine far longer.
_ARCHIVE_S = 300.0
_POLL_S = 0.5
ARCHIVE = "--archive"


def write_references(path: Path, work: Path, protections: Protections, *, makes_archive: bool = False) -> None:
    """Build the steps on an empty cloud and write an inventory after each. Runs inside the outer wall, as a worker does.

    `makes_archive`: have Spark's classes laid out once for the whole batch, whose walls keep each single cloud from doing so. Without
    them a job takes twice the processor.
    """
    places = Places(work)
    places.make()
    room = places.new_room("cloud")
    if makes_archive:
        find_cache().mkdir(parents=True, exist_ok=True)
    # The steps make a job and run none.
    environ = build_environment(room, LABKIT_WARM_DRIVER="archive" if makes_archive else "off")
    # Java reserves more addresses than a student's process may when it lays out classes.
    bounds = Bounds(memory_bytes=0) if makes_archive else Bounds()
    prefix = build_prefix(protections, room, bounds, makes_archive=makes_archive)
    cloud = WalledCloud(prefix, room / "state", environ, places.own / "cloud.log")
    cloud.start()
    try:
        settings = with_endpoint(read_settings({"LABKIT_STATE": str(places.own)}, places.own), cloud.endpoint_url)
        stage = Stage(settings, Clients(settings.target))
        rows = {
            step: [[kind, name, digest] for (kind, name), digest in inventory.items()]
            for step, inventory in list_references(stage, _LAST_STEP)
        }
        if makes_archive:
            cloud.wait_for_archive(_ARCHIVE_S, _POLL_S)
    finally:
        cloud.stop()
    path.write_text(json.dumps(rows), encoding="utf-8")


def main(words: list[str]) -> None:
    """`python -m labkit.grading.batch.references FILE WORK PROTECTIONS [--archive]`: the protections are JSON."""
    protections = Protections(**json.loads(words[2]))
    write_references(Path(words[0]), Path(words[1]), protections, makes_archive=ARCHIVE in words[3:])


if __name__ == "__main__":
    main(sys.argv[1:])
