"""What a result depends on: with the same fingerprint a notebook need not be run again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import labkit
from labkit.errors import LabError
from labkit.grading.editions.cells import Notebook
from labkit.grading.editions.edition import hash_source
from labkit.grading.intake.submission import Submission
from labkit.lab_files import find_lab_file

_PACKAGE = Path(labkit.__file__).parent
# What decides about a mark: checks, the runner, the cloud, the data. How pages, screens and mark sheets word it does not.
_DECIDES = (
    "aws",
    "checks",
    "classroom",
    "cloud",
    "data",
    "grading/editions",
    "grading/nbval_plugin.py",
    "grading/nbval_run.py",
    "grading/rebuild",
    "grading/sandbox",
    "grading/worker",
    "names.py",
    "prices.json",
    "prices.py",
    "settings.py",
    "steps",
)
_LAB_FILES = ("etl", "lambda")


def hash_reference(notebook: Notebook) -> str:
    """The notebook, the checks of its step, and all that is shared; an edited check of another step changes nothing here."""
    digest = hashlib.sha256(f"{hash_shared()}:{hash_source(notebook)}".encode())
    for path in (_PACKAGE / "checks" / f"step_{notebook.step}", _PACKAGE / "checks" / f"step_{notebook.step}.py"):
        _add(digest, path)
    return digest.hexdigest()[:16]


@cache
def hash_shared() -> str:
    """What every notebook's result depends on: runner, cloud, data and the steps that build the reference's state."""
    digest = hashlib.sha256(labkit.__version__.encode())
    for part in _DECIDES:
        _add(digest, _PACKAGE / part)
    for name in _LAB_FILES:
        try:
            _add(digest, find_lab_file(name))
        except LabError:
            continue
    return digest.hexdigest()[:16]


def hash_notebooks(
    submission: Submission, references: Mapping[str, str], options: Mapping[str, object], *, chain: bool = False
) -> dict[str, str]:
    """The fingerprint of each notebook of one submission: the file handed in, the seed, the options and the reference.

    `references` are the hashes of `hash_reference` by notebook. In a chain each notebook stands on all before it.
    """
    handed_in = {paper.name: hash_file(paper.path) for paper in submission.papers}
    how = json.dumps(options, sort_keys=True)
    found: dict[str, str] = {}
    before: list[str] = []
    for name, reference in references.items():
        own = f"{name}:{reference}:{handed_in.get(name, '')}"
        parts = [submission.seed, how, *(before if chain else ()), own]
        found[name] = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
        before.append(own)
    return found


def hash_file(path: Path) -> str:
    """SHA-256 of a file of any size; of one that cannot be read, that it cannot."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        return f"unreadable:{error.errno}"
    return digest.hexdigest()


def _add(digest: hashlib._Hash, path: Path) -> None:
    for file in [path] if path.is_file() else sorted(_walk(path)):
        digest.update(file.relative_to(path.parent).as_posix().encode() + file.read_bytes())


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        # Of the checks, what is no step's own: each step's hash has those.
        is_step = folder.name == "checks" and path.relative_to(folder).parts[0].startswith("step_")
        # What a person gives points by is added to the result of a run, and is no part of it.
        is_rubric = path.name.startswith("rubric_")
        if path.is_file() and path.suffix != ".pyc" and not is_step and not is_rubric:
            yield path
