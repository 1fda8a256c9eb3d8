"""One answer that stands in several cells: copied, or split in two."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from labkit.grading.editions.cell_code import find_python, parse

# A copy that was worked on still reads much like its original; the halves of an answer do not read like each other.
_ALIKE = 0.6
_COMPARED = 4_000


def join_pieces(pieces: Sequence[str], kind: str, handed_out: str) -> tuple[str, str]:
    """The answer that the cells of one id make together, and what is to be said about them (key of the catalogue, "" for one cell).

    Of a cell and its copies the last counts. The parts of a cell that was split run one after the other, as they did for the student.
    A cell that is empty, or still as it was handed out, gives way to the others.
    """
    if len(pieces) == 1:
        return pieces[0], ""
    written = [piece for piece in pieces if piece.strip() not in ("", handed_out.strip())]
    if len(written) <= 1:
        return (written or list(pieces))[-1], "rebuild.twice"
    parts = [written[-1]]
    for piece in reversed(written[:-1]):
        if not any(_are_alike(piece, part) for part in parts):
            parts.insert(0, piece)
    joined = ("\n" if kind == "code" else "\n\n").join(parts)
    if len(parts) == 1 or not _goes_together(parts, joined, kind):
        return written[-1], "rebuild.twice"
    return joined, "rebuild.split"


def _are_alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one[:_COMPARED], other[:_COMPARED], autojunk=False).ratio() >= _ALIKE


def _goes_together(parts: Sequence[str], joined: str, kind: str) -> bool:
    """False when one part would spoil the others: a magic of a whole cell further down, or Python that is none."""
    if kind != "code":
        return True
    if any(part.lstrip().startswith("%%") for part in parts[1:]):
        return False
    python = find_python(joined)
    return python is None or parse(python) is not None
