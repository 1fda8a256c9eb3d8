"""Which of the lab's notebooks a file is: by what is in it, and by its name when that says nothing.

The bytes are searched, not parsed: a notebook of 100 MB, one with a merge left open and one that is cut off still tell what they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from labkit.checks.tasks import STEPS
from labkit.grading.intake.people import find_notebook

# A quotation mark inside an output is written with a backslash, so these stand only where nbformat put them.
_CELL = re.compile(rb'"(?:id|grade_id)"\s*:\s*"(?:[mt])(\d{1,2})-[^"\\]*"')
_STEP = re.compile(rb'"labkit"\s*:\s*\{[^{}]*"step"\s*:\s*(\d{1,2})\b')
_PIECE = 8 << 20
_OVERLAP = 512


def recognise(path: Path, names: Sequence[str]) -> str | None:
    """The lab's notebook that this file answers, or None. `names` are those that are graded."""
    by_name = find_notebook(path.name, tuple(names))
    return _find(_read_step(path), names) or by_name


def is_of_the_lab(path: Path) -> bool:
    """True for a notebook of the lab, also one that is not graded now."""
    return _read_step(path) in STEPS


def names_another(path: Path, names: Sequence[str], name: str) -> bool:
    """True when the file is called like another notebook than the one it is."""
    called = find_notebook(path.name, tuple(names))
    return called is not None and called != name


def _find(step: int | None, names: Sequence[str]) -> str | None:
    return None if step is None else next((name for name in names if name.startswith(f"{step:02d}_")), None)


def _read_step(path: Path) -> int | None:
    cells: Counter[int] = Counter()
    marks: Counter[int] = Counter()
    try:
        for piece in _pieces(path):
            cells.update(int(found) for found in _CELL.findall(piece))
            marks.update(int(found) for found in _STEP.findall(piece))
    except OSError:
        return None
    for counted in (cells, marks):
        if counted:
            return counted.most_common(1)[0][0]
    return None


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        kept = b""
        while piece := file.read(_PIECE):
            yield kept + piece
            kept = piece[-_OVERLAP:]
