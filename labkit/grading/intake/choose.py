"""Two files for one notebook: which of them counts."""

from __future__ import annotations

import filecmp
import json
import re
from collections.abc import Callable, Mapping, Sequence

from labkit.errors import LabError
from labkit.grading.editions.pristine import read_pristine
from labkit.grading.intake.submission import Paper
from labkit.grading.note import Note
from labkit.grading.rebuild.read import read_student_notebook
from labkit.i18n import LANGUAGES

# name of a notebook → answer cell → what it holds when nobody has written in it, in any language.
Blanks = Callable[[str], Mapping[str, frozenset[str]]]


def read_blanks(name: str) -> Mapping[str, frozenset[str]]:
    """The answer cells of a notebook as they are handed out; empty for one that this installation does not have."""
    found: dict[str, frozenset[str]] = {}
    for language in LANGUAGES:
        try:
            cells = json.loads(read_pristine(name, language))["cells"]
        except (LabError, ValueError, KeyError):
            continue
        for cell in cells:
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                found[cell["id"]] = found.get(cell["id"], frozenset()) | {"".join(cell["source"]).strip()}
    return found


def choose_papers(papers: Sequence[Paper], blanks: Blanks) -> tuple[tuple[Paper, ...], tuple[Note, ...]]:
    """One paper a notebook, by name, and a note for each that does not count.

    One that can be read and in which something was answered counts before one that is as it was handed out (the whole folder of the
    lab holds each notebook twice, es and en); of those the one saved last, and then the one with the higher number in its name.
    """
    by_name: dict[str, list[Paper]] = {}
    for paper in papers:
        by_name.setdefault(paper.name, []).append(paper)
    chosen, notes = [], []
    for name in sorted(by_name):
        *others, last = sorted(by_name[name], key=lambda paper: _rank(paper, blanks, alone=len(by_name[name]) == 1))
        chosen.append(last)
        for other in others:
            # The edition that was not worked in is no second submission.
            if _worth(other, blanks) != (True, False) and not filecmp.cmp(other.path, last.path, shallow=False):
                detail = f"{last.handed_in_as} ← {other.handed_in_as}"
                notes.append(Note("intake.two_files", name, detail=detail))
    return tuple(chosen), tuple(notes)


def _rank(paper: Paper, blanks: Blanks, *, alone: bool) -> tuple[object, ...]:
    if alone:
        return ()
    return (*_worth(paper, blanks), paper.path.stat().st_mtime, _version(paper.path.name), paper.handed_in_as)


def _worth(paper: Paper, blanks: Blanks) -> tuple[bool, bool]:
    """Whether it can be read, and whether anything was answered in it."""
    read = read_student_notebook(paper.path)
    if read.problem:
        return False, False
    known = blanks(paper.name)
    if not known:
        return True, True
    answers = ((key, cell.source.strip()) for cell in read.cells for key in cell.keys)
    return True, any(key in known and source not in known[key] for key, source in answers)


def _version(file_name: str) -> int:
    """The number that Canvas ("-1"), a browser ("(2)") or JupyterLab ("-Copy1") gave to a later file; 0 for none."""
    numbers = re.findall(r"(?:-|\(|Copy|copia ?)(\d+)\)?(?=\.|\)|$)", file_name)
    return int(numbers[-1]) if numbers and len(numbers[-1]) < 9 else 0
