"""One submission to grade, as a file that a worker process reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labkit.grading.sandbox.protections import Protections


@dataclass(frozen=True)
class Job:
    """`papers`: notebook name → the file handed in. `work` is this job's own folder.

    `results`: the notebooks to run, in order, and the file that each one's Graded is written to as soon as it is done.
    `chain`: notebooks run one after another on what the student made, and not each from the reference.
    """

    student: str
    key: str
    seed: str
    language: str
    papers: dict[str, str]
    work: str
    results: dict[str, str]
    protections: Protections
    chain: bool = False
    cell_s: float = 60.0
    notebook_s: float = 300.0


def write_job(path: Path, job: Job) -> None:
    """Write the file that `read_job` reads."""
    path.write_text(json.dumps(asdict(job)), encoding="utf-8")


def read_job(path: Path) -> Job:
    """The job in a file."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Job(**{**document, "protections": Protections(**document["protections"])})
