from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from labkit.grading.intake.find import read_submissions
from labkit.grading.intake.submission import Intake, Submission

NAMES = ("01_s3", "02_iam", "04_glue_etl")


def notebook(step: int = 4, answer: str = "schema = 1", **more: Any) -> bytes:
    """A small notebook of a step, as Jupyter writes it."""
    grading = {"grade_id": f"t{step}-1-answer", "solution": True, "grade": False, "schema_version": 3}
    cell = {"cell_type": "code", "id": f"t{step}-1-answer", "metadata": {"nbgrader": grading}, "source": [answer]}
    marks = {"labkit": {"edition": "student", "language": "es", "step": step}}
    document = {"cells": [{**cell, "outputs": [], "execution_count": None}], "metadata": marks, "nbformat": 4}
    return json.dumps({**document, "nbformat_minor": 5, **more}).encode()


def nameless(words: str = "x") -> bytes:
    """A notebook that is not of the lab."""
    cells = [{"cell_type": "markdown", "metadata": {}, "source": words}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def pack(entries: Mapping[str, bytes], **options: Any) -> bytes:
    """A zip of these entries."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, **options)
    return held.getvalue()


def with_raw_name(packed: bytes, old: bytes, new: bytes) -> bytes:
    """The zip with a name of the same length in bytes that no Python would write."""
    assert len(old) == len(new)
    return packed.replace(old, new)


Read = Callable[..., Intake]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a dictionary of files as a folder, or bytes as a zip called `called`."""

    def reading(given: Mapping[str, bytes] | bytes | Path, called: str = "entregas", **options: Any) -> Intake:
        place = tmp_path / called
        if isinstance(given, Path):
            place = given
        elif isinstance(given, bytes):
            place = tmp_path / f"{called}.zip"
            place.write_bytes(given)
        else:
            place.mkdir(exist_ok=True)
            for name, content in given.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(content)
        work = tmp_path / f"work-{len(list(tmp_path.glob('work-*')))}"
        work.mkdir()
        return read_submissions(place, work, NAMES, **{"blanks": lambda _name: {}, **options})

    return reading


def by_name(intake: Intake) -> dict[str, Submission]:
    return {one.student: one for one in intake.submissions}


def papers(submission: Submission) -> list[str]:
    return [paper.name for paper in submission.papers]


def reasons(intake: Intake) -> dict[str, str]:
    return {item.place: item.reason for item in intake.unplaced}


def keys(submission: Submission) -> list[str]:
    return [note.key for note in submission.notes]
