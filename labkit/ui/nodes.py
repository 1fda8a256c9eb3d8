"""What an object shows, as data: `markup` makes HTML of it and `plain` the text twin, so the two cannot disagree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

# What a chip is about. Each tone has a symbol, so colour never speaks alone.
TONES = ("good", "bad", "warn", "run", "idle", "note")
_SPANS = re.compile(r"`([^`\n]+)`|\*\*(?=\S)([^*`\n]+)(?<=\S)\*\*")
SYMBOLS = {"good": "✓", "bad": "✗", "warn": "⚠", "run": "▶", "idle": "○", "note": "•"}


@dataclass(frozen=True)
class Chip:
    """A state: the symbol of its tone and a word."""

    word: str
    tone: str = "note"

    @property
    def symbol(self) -> str:
        return SYMBOLS[self.tone]


@dataclass(frozen=True)
class Code:
    """A name, a path or a call inside a line."""

    words: str


@dataclass(frozen=True)
class Strong:
    """Words that stand out."""

    words: str


@dataclass(frozen=True)
class Quiet:
    """Words that may be skipped."""

    words: str


@dataclass(frozen=True)
class Prose:
    """A text of the catalogue: its `code` and **strong** spans are drawn as such."""

    words: str

    @property
    def spans(self) -> tuple[str | Code | Strong, ...]:
        """The words, cut where a span begins or ends; a mark without its partner stays as it was written."""
        found: list[str | Code | Strong] = []
        place = 0
        for span in _SPANS.finditer(self.words):
            found += [self.words[place : span.start()], Code(span[1]) if span[1] else Strong(span[2])]
            place = span.end()
        found.append(self.words[place:])
        return tuple(part for part in found if part != "")


@dataclass(frozen=True)
class Bar:
    """A share between 0 and 1 drawn as a bar, with the figure in words beside it."""

    share: float
    words: str


Inline = str | Chip | Code | Strong | Quiet | Prose | Bar


@dataclass(frozen=True)
class Line:
    """A paragraph of one or more parts, set apart by spaces."""

    parts: tuple[Inline, ...]


@dataclass(frozen=True)
class Listing:
    """A list; each entry a line."""

    entries: tuple[Line, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Block:
    """Text whose line ends and spaces count: a log, a script, a statement; `wraps` where no end of a line may hide.

    `lines` may be chips with words after them.
    """

    text: str
    label: str = ""
    wraps: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a caption; the columns whose place is in `numeric` stand to the right. A row's first cell is its header if `keyed`."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Inline | Line, ...], ...]
    numeric: frozenset[int] = frozenset()
    keyed: bool = False


@dataclass(frozen=True)
class Drawing:
    """A picture as HTML that this package built (an SVG or an `<img>` with data), with words for those who do not see it."""

    html: str
    alt: str


@dataclass(frozen=True)
class Details:
    """Something that unfolds; `open` when it is unfolded to begin with. The text twin shows it all."""

    summary: str
    content: tuple[Node, ...]
    open: bool = False


@dataclass(frozen=True)
class Card:
    """A titled box; `chip` says how it stands."""

    title: str
    content: tuple[Node, ...] = ()
    chip: Chip | None = None
    tone: str = field(default="")

    @property
    def edge(self) -> str:
        """The tone of the box's edge: its own, else the chip's."""
        return self.tone or (self.chip.tone if self.chip else "note")


Node = Line | Listing | Block | Table | Drawing | Details | Card


def line(*parts: Inline) -> Line:
    """A line of these parts; empty texts are left out."""
    return Line(tuple(part for part in parts if part != ""))


def rows(*found: Sequence[Inline | Line]) -> tuple[tuple[Inline | Line, ...], ...]:
    """Rows of a table from any sequences."""
    return tuple(tuple(row) for row in found)
