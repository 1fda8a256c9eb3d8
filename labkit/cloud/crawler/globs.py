"""Exclude patterns of a crawler target: Glue's globs, matched against the path below the include path."""

from __future__ import annotations

import re
from functools import lru_cache

# A bracket expression: after [ or [! the first character is taken as it is, even ]; \ is a character like any other.
_PIECE = re.compile(r"\*\*|\[!?.[^\]]*\]|\\.|.", re.DOTALL)
_WILDCARDS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


def is_excluded(relative_path: str, patterns: tuple[str, ...]) -> bool:
    """Whether any pattern matches. ``*`` and ``?`` stay within a folder, ``**`` crosses, ``{a,b}`` and ``[a-z]`` choose."""
    return any(_compile(pattern).fullmatch(relative_path) for pattern in patterns)


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(glob_to_regex(pattern), re.DOTALL)


def glob_to_regex(pattern: str) -> str:
    """Translate a glob; ValueError when a bracket or brace is not closed, or a brace stands in a brace."""
    result: list[str] = []
    inside = False
    for piece in _PIECE.findall(pattern):
        if piece in _WILDCARDS:
            result.append(_WILDCARDS[piece])
        elif piece == "[":
            raise ValueError(f'the exclude pattern "{pattern}" opens [ and does not close it')
        elif piece.startswith("["):
            result.append(_character_class(piece[1:-1]))
        elif piece == "{" and inside:
            raise ValueError(f'the exclude pattern "{pattern}" has {{ inside {{: groups cannot be nested')
        elif piece == "{" or (inside and piece in "},"):
            inside = piece != "}"
            result.append({"{": "(?:", "}": ")", ",": "|"}[piece])
        else:
            result.append(re.escape(piece[-1]))  # of an escaped character, the character
    if inside:
        raise ValueError(f'the exclude pattern "{pattern}" opens {{ and does not close it')
    return "".join(result)


def _character_class(inside: str) -> str:
    negated = inside.startswith("!")
    body = inside[1:] if negated else inside
    for character in "\\[]^":
        body = body.replace(character, "\\" + character)
    return f"(?!/)[{'^' if negated else ''}{body}]"
