"""`python -m labkit.grading.worker JOB REFERENCES`: grade one submission and write what was found."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from labkit.grading.worker.inventory import Inventory
from labkit.grading.worker.job import read_job
from labkit.grading.worker.run import Worker


def read_references(path: Path) -> dict[int, Inventory]:
    """The inventories that `labkit.grading.batch` wrote; none when there is no such file."""
    if not path.is_file():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return {int(step): {(kind, name): digest for kind, name, digest in rows} for step, rows in document.items()}


if __name__ == "__main__":
    Worker(read_job(Path(sys.argv[1])), read_references(Path(sys.argv[2]))).run()
