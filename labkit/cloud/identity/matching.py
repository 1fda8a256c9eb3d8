"""Wildcards of policies."""

from __future__ import annotations

import re
from functools import lru_cache


def is_like(value: str, pattern: str) -> bool:
    """Whether a text matches a pattern in which `*` stands for any text and `?` for one character."""
    return _expression(pattern).fullmatch(value) is not None


@lru_cache(maxsize=8192)
def _expression(pattern: str) -> re.Pattern[str]:
    text = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.compile(text, re.DOTALL)
