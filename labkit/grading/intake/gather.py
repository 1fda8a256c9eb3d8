"""From what was found of each person to one submission a student."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from labkit.grading.intake.choose import Blanks, choose_papers
from labkit.grading.intake.people import Person, build_key, fold, is_turned
from labkit.grading.intake.receipt import Receipt
from labkit.grading.intake.roster import Enrolled, match_enrolled
from labkit.grading.intake.submission import Paper, Submission
from labkit.grading.note import Note


@dataclass
class Found:
    """What lay at one person's places."""

    papers: list[Paper] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)


@dataclass
class _Student:
    person: Person
    enrolled: Enrolled | None
    papers: list[Paper]
    notes: list[Note]
    receipts: list[Receipt]


def build_submissions(
    found: Mapping[Person, Found], roster: Sequence[Enrolled], blanks: Blanks
) -> tuple[Submission, ...]:
    """One submission a student, by key; whoever is in the class list and handed in nothing has an empty one."""
    students: list[_Student] = []
    for person, things in found.items():
        _add(students, person, things, roster)
    submissions = [_build(student, blanks) for student in students]
    known = [student.enrolled for student in students if student.enrolled is not None]
    for one in roster:
        if not any(one is other for other in known):
            missing = Note("intake.missing")
            submissions.append(Submission(one.name, build_key(one.name), one.seed, (), one.lms_id, notes=(missing,)))
    return tuple(sorted(_distinct(submissions), key=lambda one: one.key))


def _add(students: list[_Student], person: Person, things: Found, roster: Sequence[Enrolled]) -> None:
    """Add to the student these things are of, or a new one."""
    match = match_enrolled(roster, person)
    notes = list(things.notes)
    if match.is_close and match.enrolled:
        notes.append(Note("intake.matched", detail=f"{person.name} → {match.enrolled.name}"))
    elif roster and match.enrolled is None:
        notes.append(Note("intake.several_in_roster" if match.is_ambiguous else "intake.not_in_roster"))
    for student in students:
        if _is_same(student, person, match.enrolled):
            if fold(student.person.name) != fold(person.name):
                notes.append(Note("intake.merged", detail=f"{student.person.name}, {person.name}"))
            late = student.person.late or person.late
            student.person = replace(student.person, lms_id=student.person.lms_id or person.lms_id, late=late)
            student.papers += things.papers
            student.notes += [note for note in notes if note not in student.notes]
            student.receipts += things.receipts
            return
    students.append(_Student(person, match.enrolled, list(things.papers), notes, list(things.receipts)))


def _is_same(student: _Student, person: Person, enrolled: Enrolled | None) -> bool:
    if enrolled is not None or student.enrolled is not None:
        return student.enrolled is enrolled
    one, other = student.person.lms_id, person.lms_id
    if one and other:
        return one == other
    return is_turned(student.person.name, person.name)


def _build(student: _Student, blanks: Blanks) -> Submission:
    enrolled, person = student.enrolled, student.person
    papers, notes = choose_papers(student.papers, blanks)
    name = enrolled.name if enrolled else person.name
    seed = enrolled.seed if enrolled else person.name
    notes = (*student.notes, *notes, *_compare_seeds(student.receipts, seed))
    if person.late:
        notes = (*notes, Note("intake.late"))
    # The platform's number in a download is another than that of the list: it is the one that the mark sheet has.
    lms_id = person.lms_id or (enrolled.lms_id if enrolled else "")
    return Submission(name, build_key(name), seed, papers, lms_id, person.late, notes)


def _compare_seeds(receipts: Sequence[Receipt], seed: str) -> list[Note]:
    """Data other than those the student had are said, never used: who could choose their seed could choose a friend's."""
    other = {receipt.seed for receipt in receipts if receipt.seed and fold(receipt.seed) != fold(seed)}
    return [Note("intake.seed_differs", detail=f"{one} ≠ {seed}") for one in sorted(other)]


def _distinct(submissions: list[Submission]) -> list[Submission]:
    """Two students of one name get two keys, each with its number where it has one, so that a key does not depend on who else is there."""
    shared = {key for key, count in Counter(one.key for one in submissions).items() if count > 1}
    taken: set[str] = set()
    result = []
    for one in submissions:
        key = plain = f"{one.key}-{build_key(one.lms_id)}" if one.key in shared and one.lms_id else one.key
        number = 1
        while key in taken:
            number += 1
            key = f"{plain}-{number}"
        taken.add(key)
        result.append(replace(one, key=key))
    return result
