"""What a result depends on: the same fingerprint, and a submission need not be run again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import labkit
from labkit.grading.editions.cells import Notebook
from labkit.grading.editions.edition import hash_source
from labkit.grading.intake.submission import Submission

_PACKAGE = Path(labkit.__file__).parent
# What decides about a mark: checks, the runner, the data. A change of a page's wording is none.
_DECIDES = ("checks", "grading/rebuild", "grading/worker", "grading/sandbox", "data", "steps", "classroom")


def hash_reference(references: Sequence[Notebook]) -> str:
    """Notebooks, checks and runner together."""
    digest = hashlib.sha256(labkit.__version__.encode())
    for notebook in references:
        digest.update(hash_source(notebook).encode())
    for part in _DECIDES:
        for path in sorted((_PACKAGE / part).rglob("*.py")):
            digest.update(path.relative_to(_PACKAGE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def hash_submission(submission: Submission, reference: str, options: dict[str, object]) -> str:
    """One submission's files, seed and options on top of the reference."""
    digest = hashlib.sha256(f"{reference}:{submission.seed}:{json.dumps(options, sort_keys=True)}".encode())
    for paper in submission.papers:
        digest.update(paper.name.encode() + hashlib.sha256(paper.path.read_bytes()).digest())
    return digest.hexdigest()[:16]
