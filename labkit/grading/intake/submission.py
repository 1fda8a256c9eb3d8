"""What was handed in, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labkit.grading.note import Note


@dataclass(frozen=True)
class Paper:
    """One notebook file that was handed in: `name` is the lab's notebook it answers ("04_glue_etl"), `path` where it lies now."""

    name: str
    path: Path
    handed_in_as: str


@dataclass(frozen=True)
class Submission:
    """Everything of one student: `student` is the name on the page and in the mark sheets, `key` a file name made of it.

    `seed` is what LABKIT_STUDENT was for this student; `lms_id` the learning platform's own number ("" when it gave none).
    `late` as the platform marked it; `notes` what an instructor should know about how it was read.
    """

    student: str
    key: str
    seed: str
    papers: tuple[Paper, ...]
    lms_id: str = ""
    late: bool = False
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Unplaced:
    """A file that belongs to nobody or to no notebook, and why (key of the catalogue)."""

    place: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """Submissions by name, and what could not be placed."""

    submissions: tuple[Submission, ...]
    unplaced: tuple[Unplaced, ...]
