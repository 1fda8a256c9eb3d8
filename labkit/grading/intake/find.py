"""From what lies in a folder (or a zip) to submissions: whose, which notebooks, and what could not be placed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from labkit.errors import DataError
from labkit.grading.intake.archive import Refused, copy_tree, unpack
from labkit.grading.intake.people import Person, build_key, find_notebook, find_person
from labkit.grading.intake.roster import Enrolled, find_enrolled
from labkit.grading.intake.submission import Intake, Paper, Submission, Unplaced
from labkit.grading.note import Note
from labkit.i18n import build_lesson

_SUFFIX = ".ipynb"
# Found beside notebooks and none of anybody's work.
_NOISE = ("__MACOSX", ".DS_Store", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini")


def read_submissions(given: Path, work: Path, names: tuple[str, ...], roster: Sequence[Enrolled] = ()) -> Intake:
    """Everything handed in under `given` (a folder, a zip, or one notebook), copied below `work`; `given` is not changed.

    `names` are the lab's notebooks. Errors: DataError when there is nothing at `given`. Nothing in the files can make it fail.
    """
    if not given.exists():
        raise build_lesson(DataError, "error.submissions_missing", folder=str(given))
    inbox = work / "inbox"
    inbox.mkdir(parents=True)
    refused = _bring_in(given, inbox)
    unplaced = [Unplaced(item.name, item.reason) for item in refused]
    found: dict[Person, list[Paper]] = defaultdict(list)
    for path in _walk(inbox):
        parts = path.relative_to(inbox).parts
        if path.suffix.lower() != _SUFFIX:
            continue
        person, name = find_person(parts), find_notebook(parts[-1], names)
        if person is None or name is None:
            unplaced.append(Unplaced("/".join(parts), "intake.nobody" if person is None else "intake.no_notebook"))
        else:
            found[person].append(Paper(name, path, "/".join(parts)))
    people = _merge(found)
    submissions = [_build(person, papers, tuple(roster)) for person, papers in people.items()]
    return Intake(tuple(sorted(_distinct(submissions), key=lambda one: one.key)), tuple(unplaced))


def _bring_in(given: Path, inbox: Path) -> list[Refused]:
    """A copy of all that was handed in, zips unpacked in place."""
    if given.is_dir():
        refused = copy_tree(given, inbox)
    else:
        (inbox / given.name).write_bytes(given.read_bytes())
        refused = []
    for archive in sorted(inbox.rglob("*.zip")):
        if archive.is_file():
            # The download itself names nobody; a student's zip inside a folder or with a platform's name does.
            target = archive.parent if archive.parent == inbox and given.is_file() else archive.with_suffix("")
            refused += unpack(archive, target)
            archive.unlink()
    return refused


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(
            part in _NOISE or part.startswith("._") for part in path.relative_to(folder).parts
        ):
            yield path


def _merge(found: dict[Person, list[Paper]]) -> dict[Person, list[Paper]]:
    """One entry a student: the same name once with and once without the platform's number is one person."""
    merged: dict[str, tuple[Person, list[Paper]]] = {}
    for person, papers in found.items():
        key = f"{build_key(person.name)}"
        known = merged.get(key)
        if known is None or (known[0].lms_id and person.lms_id and known[0].lms_id != person.lms_id):
            slot = key if known is None else f"{key}-{person.lms_id}"
            merged[slot] = (person, list(papers))
        else:
            kept = known[0] if known[0].lms_id else person
            merged[key] = (replace(kept, late=known[0].late or person.late), [*known[1], *papers])
    return dict(merged.values())


def _build(person: Person, papers: list[Paper], roster: tuple[Enrolled, ...]) -> Submission:
    notes = []
    chosen: dict[str, Paper] = {}
    for paper in sorted(papers, key=lambda paper: (paper.path.stat().st_mtime, paper.handed_in_as)):
        if paper.name in chosen:
            notes.append(Note("intake.two_files", paper.name, detail=paper.handed_in_as))
        chosen[paper.name] = paper
    enrolled = find_enrolled(roster, person.name, person.lms_id)
    if roster and enrolled is None:
        notes.append(Note("intake.not_in_roster"))
    name = enrolled.name if enrolled else person.name
    seed = enrolled.seed if enrolled else person.name
    ordered = tuple(chosen[key] for key in sorted(chosen))
    lms_id = person.lms_id or (enrolled.lms_id if enrolled else "")
    return Submission(name, build_key(name), seed, ordered, lms_id, person.late, tuple(notes))


def _distinct(submissions: list[Submission]) -> list[Submission]:
    """Two students of one name get two keys."""
    seen: dict[str, int] = {}
    result = []
    for one in submissions:
        count = seen[one.key] = seen.get(one.key, 0) + 1
        result.append(one if count == 1 else replace(one, key=f"{one.key}-{one.lms_id or count}"))
    return result
