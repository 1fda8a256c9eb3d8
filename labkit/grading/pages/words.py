"""What a student's notebook said, made fit for a page: bounded, and without the places of the machine it ran on."""

from __future__ import annotations

import re

from labkit.i18n import find_text, text

_LONGEST_LINE = 300
_MOST_LINES = 40
# The folder that a submission runs in is nobody's business: …/.grading/work/ana-nunez-12-34/kernel/notebooks → …/notebooks
_WORK = re.compile(r"[^\s'\"]{0,400}?/work/[^\s'\"/]{1,200}/(?:kernel|cloud|own)(?=/)")


def fit(words: str) -> str:
    """The first lines, each cut, and how much was left out."""
    lines = _WORK.sub("…", words[: _MOST_LINES * _LONGEST_LINE * 4]).rstrip().split("\n")
    shown = [_cut_line(line) for line in lines[:_MOST_LINES]]
    whole = words.rstrip()
    if len(lines) > _MOST_LINES or len(whole) > _MOST_LINES * _LONGEST_LINE * 4:
        shown.append(text("pages.lines_cut", count=whole.count("\n") + 1 - len(shown), characters=len(whole)))
    return "\n".join(shown)


def _cut_line(line: str) -> str:
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[:_LONGEST_LINE]}… {text('pages.line_cut', count=len(line) - _LONGEST_LINE)}"


def say(key: str, facts: object) -> str:
    """A text with its facts; the bare key where the catalogue has none, or another one than when it was written down."""
    try:
        return find_text(key, facts if isinstance(facts, dict) else {}) or key
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        return key
