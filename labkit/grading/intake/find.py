"""From what lies in a folder (or a zip) to submissions: whose, which notebooks, and what could not be placed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from labkit.errors import DataError
from labkit.grading.intake.archive import Refused
from labkit.grading.intake.choose import Blanks, read_blanks
from labkit.grading.intake.entry_names import show_name
from labkit.grading.intake.gather import Found, build_submissions
from labkit.grading.intake.kinds import RECEIPT
from labkit.grading.intake.people import Person, name_of, tidy
from labkit.grading.intake.receipt import Receipt, list_changed, read_receipt
from labkit.grading.intake.recognise import is_of_the_lab, names_another, recognise
from labkit.grading.intake.roster import Enrolled, are_close
from labkit.grading.intake.submission import Intake, Paper, Unplaced
from labkit.grading.intake.tree import bring_in
from labkit.grading.intake.whose import Placing
from labkit.grading.note import Note
from labkit.i18n import build_lesson

# Not worth a line each when the same student handed in a notebook as well.
_QUIET = ("intake.not_a_notebook",)
_MOST_ALIKE = 3


def read_submissions(
    given: Path, work: Path, names: tuple[str, ...], roster: Sequence[Enrolled] = (), blanks: Blanks = read_blanks
) -> Intake:
    """Everything handed in under `given` (a folder, a zip, or one notebook), copied below `work`; `given` is not changed.

    `names` are the lab's notebooks. With a roster everybody in it has a submission, if only an empty one.
    Errors: DataError when there is nothing at `given`. Nothing in the files can make it fail.
    """
    if not given.exists():
        raise build_lesson(DataError, "error.submissions_missing", folder=str(given))
    inbox = work / "inbox"
    refused = bring_in(given, inbox)
    places = [path.relative_to(inbox).parts for path in _walk(inbox)]
    receipts = {parts: read_receipt(inbox.joinpath(*parts)) for parts in places if parts[-1] == RECEIPT}
    places = [parts for parts in places if parts not in receipts]
    claims = {parts[:-1]: tidy(one.student) for parts, one in receipts.items() if one and tidy(one.student)}
    placing = Placing(places, roster, name_of(given.resolve()), claims)
    found: dict[Person, Found] = defaultdict(Found)
    placed = [(parts, _place(inbox, parts, placing, names, found)) for parts in places]
    unplaced = [Unplaced(show_name("/".join(parts)), problem) for parts, problem in placed if problem]
    for parts, receipt in receipts.items():
        person = placing.find(parts)
        if person is not None and person in found:
            _check_receipt(inbox.joinpath(*parts[:-1]), receipt, person, found[person])
    unplaced += _tell(refused, placing, found)
    return Intake(build_submissions(found, roster, blanks), tuple(unplaced))


def _place(
    inbox: Path, parts: tuple[str, ...], placing: Placing, names: tuple[str, ...], found: dict[Person, Found]
) -> str:
    """Put one notebook to its student; "" or why it has no place."""
    path = inbox.joinpath(*parts)
    person, name = placing.find(parts), recognise(path, names)
    if name is None:
        if is_of_the_lab(path):
            return ""
        if person in found or (person and placing.is_certain(parts)):
            found[person].notes.append(Note("intake.no_notebook", detail=show_name(parts[-1])))
        return "intake.no_notebook"
    if person is None:
        return "intake.nobody"
    shown = show_name("/".join(parts))
    found[person].papers.append(Paper(name, path, shown))
    if names_another(path, names, name):
        found[person].notes.append(Note("intake.renamed", name, detail=show_name(parts[-1])))
    return ""


def _check_receipt(folder: Path, receipt: Receipt | None, person: Person, found: Found) -> None:
    if receipt is None:
        found.notes.append(Note("intake.receipt_unreadable"))
        return
    found.receipts.append(receipt)
    if changed := [show_name(name) for name in list_changed(receipt, folder)]:
        found.notes.append(Note("intake.receipt_differs", detail=", ".join(changed[:5])))
    else:
        found.notes.append(Note("intake.receipt_holds", detail=receipt.code[:12]))
    if not are_close(receipt.student, person.name):
        found.notes.append(Note("intake.receipt_name", detail=show_name(receipt.student)))


def _tell(refused: Sequence[Refused], placing: Placing, found: dict[Person, Found]) -> Iterator[Unplaced]:
    """What was left out: with its student, who has a submission if the platform named them, however empty."""
    told: Counter[tuple[Person | None, str]] = Counter()
    for item in refused:
        parts = tuple(item.name.split("/"))
        person = placing.find(parts) if len(parts) > 1 or placing.is_certain(parts) else None
        is_known = person is not None and (person in found or placing.is_certain(parts))
        if item.reason in _QUIET and not (person is not None and is_known and not found[person].papers):
            # A README beside the students' folders, or a picture beside a notebook, is nobody's submission.
            continue
        told[person, item.reason] += 1
        # A bomb has thousands of them.
        if told[person, item.reason] > _MOST_ALIKE:
            continue
        if person is not None and is_known:
            found[person].notes.append(Note(item.reason, detail=parts[-1]))
        yield Unplaced(item.name, item.reason)
    for (person, reason), count in told.items():
        if count > _MOST_ALIKE:
            yield Unplaced(f"{person.name if person else '…'}: +{count - _MOST_ALIKE}", reason)


def _walk(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
