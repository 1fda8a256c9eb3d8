"""Find the entries that an error's text asks for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from labkit.faq.entries import Entry, load_entries

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_WORD = re.compile(r"[A-Za-z][\w.]{2,}")
# A traceback's frames name files and lines of other people's code: what failed stands in its other lines.
_FRAME = re.compile(r'^\s*(File "|at [\w.$<>]+\(|\.\.\. \d+ more)', re.MULTILINE)
_LONGEST = 50_000
# Shared words an error must have with an entry's examples to be called near, and the share of them.
_NEAR_WORDS = 3
_NEAR_SHARE = 0.8


@dataclass(frozen=True)
class Match:
    """An entry and what speaks for it: `found` is the text that its pattern met, "" when it is only near by its words."""

    entry: Entry
    found: str
    line: int = 0
    share: float = 0.0

    @property
    def is_exact(self) -> bool:
        return bool(self.found)

    @property
    def rank(self) -> tuple[bool, int, int, float]:
        """What sorts the matches: the special before the general, what was said last before what was said first, then the longer."""
        return (not self.entry.is_general, self.line, len(self.found), self.share)


def find_matches(error: str, entries: Sequence[Entry] | None = None) -> list[Match]:
    """The matches, best first: those whose pattern is met; without any, up to three that are near by their words.

    An empty list says that the FAQ knows nothing of it.
    """
    words = clean(error)
    known = load_entries() if entries is None else entries
    exact = [match for entry in known if (match := _match(entry, words)) is not None]
    if exact:
        return sorted(exact, key=lambda match: match.rank, reverse=True)
    near = [match for entry in known if (match := _near(entry, words)) is not None]
    return sorted(near, key=lambda match: -match.share)[:3]


def clean(error: str) -> str:
    """The text without colours, typographic quotes and frames; its end when it is very long, since an error ends in its reason."""
    words = unicodedata.normalize("NFC", _ANSI.sub("", error[-_LONGEST:]))
    words = words.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("\r", "")
    return "\n".join(line for line in words.split("\n") if not _FRAME.match(line))


def _match(entry: Entry, words: str) -> Match | None:
    """The best place where a pattern of the entry is met."""
    met = [found for pattern in entry.patterns for found in _compile(pattern).finditer(words)]
    found = [Match(entry, one[0], words.count("\n", 0, one.end())) for one in met if one[0]]
    return max(found, key=lambda match: match.rank, default=None)


def _near(entry: Entry, words: str) -> Match | None:
    asked = {word.lower() for word in _WORD.findall(words)}
    share = 0.0
    for example in (entry.title, *entry.examples):
        told = {word.lower() for word in _WORD.findall(example)}
        both = asked & told
        if len(both) >= _NEAR_WORDS:
            share = max(share, len(both) / len(asked | told))
    return Match(entry, "", share=share) if share >= _NEAR_SHARE else None


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
