"""What a student's notebook said, made fit for a page: bounded, and without the places of the machine it ran on."""

from __future__ import annotations

import re

from labkit.i18n import find_text, text

_LONGEST_LINE = 300
_MOST_LINES = 40
_MOST_READ = _MOST_LINES * _LONGEST_LINE * 4
# The folder that a submission runs in is nobody's business: /home/…/.grading/work/ana-nunez-12-34/kernel/x.csv → …/x.csv
_WORK = re.compile(r"/work/[^\s'\"/]{1,200}/(?:kernel|cloud|own)(?=/)")
_BEFORE_A_PATH = (" ", "\n", "\t", "'", '"', "(", "=")


def fit(words: str) -> str:
    """The first lines, each cut, and how much was left out."""
    lines = _hide_places(words[:_MOST_READ]).rstrip().split("\n")
    shown = [_cut_line(line) for line in lines[:_MOST_LINES]]
    whole = words.rstrip()
    if len(lines) > _MOST_LINES or len(whole) > _MOST_READ:
        shown.append(text("pages.lines_cut", count=whole.count("\n") + 1 - len(shown), characters=len(whole)))
    return "\n".join(shown)


def _hide_places(words: str) -> str:
    while found := _WORK.search(words):
        start = max(words.rfind(sign, 0, found.start()) for sign in _BEFORE_A_PATH) + 1
        words = f"{words[:start]}…{words[found.end() :]}"
    return words


def _cut_line(line: str) -> str:
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[:_LONGEST_LINE]}… " + text("pages.line_cut", count=len(line) - _LONGEST_LINE)


def say(key: str, facts: object) -> str:
    """A text with its facts; the bare key where the catalogue has none, or another one than when it was written down."""
    try:
        return find_text(key, facts if isinstance(facts, dict) else {}) or key
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        return key
