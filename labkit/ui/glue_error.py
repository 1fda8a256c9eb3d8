"""What Glue's message of a failed run says: the line of the script, the words, and that line with its neighbours."""

from __future__ import annotations

import re

_LINE = re.compile(r"Failed Line Number: (\d+)")
_VERDICT = re.compile(r"(?:Error Category: [^;]*; )?(?:Failed Line Number: \d+; )?")


def find_line(message: str) -> int | None:
    """The line of the script that Glue's message names, counted from 1."""
    found = _LINE.search(message)
    return int(found[1]) if found else None


def strip_verdict(message: str) -> str:
    """The message without the category and the line number that Glue puts before it."""
    return _VERDICT.sub("", message, count=1).strip()


def build_excerpt(source: str, line: int, around: int = 2) -> str:
    """The line (counted from 1) with its number and an arrow, and its neighbours; empty when the script has no such line."""
    lines = source.splitlines()
    if not 1 <= line <= len(lines):
        return ""
    first, last = max(1, line - around), min(len(lines), line + around)
    width = len(str(last))
    return "\n".join(
        f"{'>' if number == line else ' '} {number:>{width}} | {lines[number - 1]}".rstrip()
        for number in range(first, last + 1)
    )
