"""Exclude patterns of a crawler target: Glue's globs, matched against the path below the include path."""

from __future__ import annotations

import re
from functools import lru_cache

_PIECE = re.compile(r"\*\*|\[[^\]]+\]|\\.|.", re.DOTALL)
_WILDCARDS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


def is_excluded(relative_path: str, patterns: tuple[str, ...]) -> bool:
    """Whether any pattern matches. ``*`` and ``?`` stay within a folder, ``**`` crosses, ``{a,b}`` and ``[a-z]`` choose."""
    return any(_compile(pattern).fullmatch(relative_path) for pattern in patterns)


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(glob_to_regex(pattern), re.DOTALL)


def glob_to_regex(pattern: str) -> str:
    """Translate a glob; ValueError when a bracket or brace is not closed."""
    result: list[str] = []
    depth = 0
    for piece in _PIECE.findall(pattern):
        if piece in _WILDCARDS:
            result.append(_WILDCARDS[piece])
        elif piece == "[":
            raise ValueError(f'the exclude pattern "{pattern}" opens [ and does not close it')
        elif piece.startswith("["):
            result.append(_character_class(piece[1:-1]))
        elif piece in "{},":
            depth, text = _alternative(piece, depth)
            result.append(text)
        else:
            result.append(re.escape(piece[-1]))  # of an escaped character, the character
    if depth:
        raise ValueError(f'the exclude pattern "{pattern}" opens {{ and does not close it')
    return "".join(result)


def _alternative(piece: str, depth: int) -> tuple[int, str]:
    if piece == "{":
        return depth + 1, "(?:"
    if not depth:
        return 0, re.escape(piece)
    return (depth - 1, ")") if piece == "}" else (depth, "|")


def _character_class(inside: str) -> str:
    negated = inside[:1] in ("!", "^")
    body = (inside[1:] if negated else inside).replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"(?!/)[{'^' if negated else ''}{body}]"
