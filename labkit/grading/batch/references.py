"""What the reference leaves in the cloud after each step: made once a batch, to tell whether a notebook left anything else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from labkit.aws.session import Clients
from labkit.grading.sandbox.protections import Protections
from labkit.grading.worker.cloud import WalledCloud
from labkit.grading.worker.places import Places, build_environment, build_prefix
from labkit.grading.worker.reference import Stage, list_references
from labkit.settings import read_settings, with_endpoint

_LAST_STEP = 6


def write_references(path: Path, work: Path, protections: Protections) -> None:
    """Build the steps on an empty cloud and write an inventory after each. Runs inside the outer wall, as a worker does."""
    places = Places(work)
    places.make()
    room = places.new_room("cloud")
    # The steps make a job and run none.
    environ = build_environment(room, LABKIT_WARM_DRIVER="off")
    cloud = WalledCloud(build_prefix(protections, room), room / "state", environ, places.own / "cloud.log")
    cloud.start()
    try:
        settings = with_endpoint(read_settings({"LABKIT_STATE": str(places.own)}, places.own), cloud.endpoint_url)
        stage = Stage(settings, Clients(settings.target))
        rows = {
            step: [[kind, name, digest] for (kind, name), digest in inventory.items()]
            for step, inventory in list_references(stage, _LAST_STEP)
        }
    finally:
        cloud.stop()
    path.write_text(json.dumps(rows), encoding="utf-8")


def main(words: list[str]) -> None:
    """`python -m labkit.grading.batch.references FILE WORK PROTECTIONS`: the last is JSON."""
    write_references(Path(words[0]), Path(words[1]), Protections(**json.loads(words[2])))


if __name__ == "__main__":
    main(sys.argv[1:])
