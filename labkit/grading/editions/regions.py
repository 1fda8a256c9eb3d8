"""Solution regions: the lines between nbgrader's two marks, `### BEGIN …` and `### END …`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Put together here, so that no file that students get holds a mark: a release is searched for them.
BEGIN, END = (f"### {end} SOLUTION" for end in ("BEGIN", "END"))
_BLANK = "..."
# `schema = ...`, `rows: int = ...`, `a, b = ...`: the name exists, so the region after it may vanish.
_PLACEHOLDER = re.compile(r"[A-Za-z_][\w.,\[\]'\" ]*(?::[^=]+)?=\s*\.\.\.")


@dataclass(frozen=True)
class Region:
    """Lines `first` to `last` (from 0, marks included) of a cell, and the indentation of its first mark."""

    first: int
    last: int
    indent: str


class Unbalanced(Exception):
    """A mark without its partner, or one region inside another; `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def find_regions(source: str) -> list[Region]:
    """The regions of a cell in order. Unbalanced when a mark has no partner or stands inside another region."""
    regions: list[Region] = []
    opened: tuple[int, str] | None = None
    for number, line in enumerate(source.split("\n")):
        mark = line.strip()
        if mark == BEGIN:
            if opened is not None:
                raise Unbalanced(number + 1, "nested")
            opened = (number, line[: len(line) - len(line.lstrip())])
        elif mark == END:
            if opened is None:
                raise Unbalanced(number + 1, "end_alone")
            regions.append(Region(opened[0], number, opened[1]))
            opened = None
    if opened is not None:
        raise Unbalanced(opened[0] + 1, "begin_alone")
    return regions


def has_marks(source: str) -> bool:
    """True when any line of the cell is a mark of a region."""
    return any(line.strip() in (BEGIN, END) for line in source.split("\n"))


def drop_marks(source: str) -> str:
    """The reference as it runs: the regions' code stays, their marks go."""
    return "\n".join(line for line in source.split("\n") if line.strip() not in (BEGIN, END))


def blank_code(source: str) -> str:
    """What a student gets of a code cell: each region becomes `...`, or vanishes after a `name = ...` of its own block."""
    lines = source.split("\n")
    kept: list[str] = []
    position = 0
    for region in find_regions(source):
        block = lines[position : region.first]
        kept += block
        if not _has_placeholder(block, region.indent):
            kept.append(f"{region.indent}{_BLANK}")
        position = region.last + 1
    return "\n".join([*kept, *lines[position:]]).rstrip("\n")


def blank_text(source: str, prompt: str) -> str:
    """What a student gets of a free text: each region becomes the line that asks for one's own words."""
    lines = source.split("\n")
    kept: list[str] = []
    position = 0
    for region in find_regions(source):
        kept += [*lines[position : region.first], f"{region.indent}{prompt}"]
        position = region.last + 1
    return "\n".join([*kept, *lines[position:]])


def solution_lines(source: str) -> Iterator[str]:
    """The lines inside the regions, marks left out."""
    lines = source.split("\n")
    for region in find_regions(source):
        yield from lines[region.first + 1 : region.last]


def _has_placeholder(block: list[str], indent: str) -> bool:
    """Looks back through the same block only: a placeholder further out would leave a body without a line."""
    for line in reversed(block):
        if not line.strip():
            continue
        if not line.startswith(indent):
            return False
        rest = line[len(indent) :]
        if not rest.startswith((" ", "\t")) and _PLACEHOLDER.fullmatch(rest.rstrip()):
            return True
    return False
