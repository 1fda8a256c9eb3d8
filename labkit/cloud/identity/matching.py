"""Wildcards of policies: texts, and ARNs in a Resource element or in an Arn condition."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from functools import lru_cache, partial

# A star or question mark that stands for itself (`${*}`, or from the value of a policy variable) while a pattern is put together:
# two code points that Unicode keeps free of characters.
_QUOTED = {"*": "\ufdd0", "?": "\ufdd1"}
_ARN_PARTS = 6

Matcher = Callable[[str], bool]


def is_like(value: str, pattern: str) -> bool:
    """Whether a text matches a pattern in which `*` stands for any text and `?` for one character."""
    return like(pattern)(value)


def quote(text: str) -> str:
    """A text as a part of a pattern that matches only itself."""
    return text.replace("*", _QUOTED["*"]).replace("?", _QUOTED["?"])


def unquote(pattern: str) -> str:
    """What a pattern says where wildcards mean nothing (StringEquals)."""
    return pattern.replace(_QUOTED["*"], "*").replace(_QUOTED["?"], "?")


@lru_cache(maxsize=8192)
def like(pattern: str) -> Matcher:
    """The test of a pattern, made once: time grows with the text's length only, however many stars there are."""
    first, *rest = pattern.split("*")
    if not rest:
        return partial(operator.eq, unquote(first)) if "?" not in first else partial(_is_all_of, _finder(first))
    if pattern == "*":
        return _anything
    if rest == [""] and "?" not in first:
        return _prefix(unquote(first))
    return partial(_glob, _finder(first), tuple(_finder(part) for part in rest[:-1] if part), _finder(rest[-1]))


@lru_cache(maxsize=8192)
def resource_like(pattern: str) -> Matcher:
    """The test of a Resource element.

    A star at the end of a segment may reach beyond the next colon, one inside a segment may not; in the last part, the resource
    proper, it crosses `/` and `:` (docs.aws.amazon.com/IAM, "IAM JSON policy elements: Resource").
    """
    segments = pattern.split(":", _ARN_PARTS - 1)
    inner = any("*" in segment[:-1] or "?" in segment for segment in segments[: _ARN_PARTS - 1])
    return segmented(pattern) if inner and len(segments) == _ARN_PARTS else like(pattern)


@lru_cache(maxsize=4096)
def segmented(pattern: str) -> Matcher:
    """The test of an ARN whose six parts are compared one by one (ArnLike, ArnEquals)."""
    parts = pattern.split(":", _ARN_PARTS - 1)
    if pattern == "*":
        return _anything
    if len(parts) < _ARN_PARTS:
        return _nothing
    return partial(_is_arn_of, tuple(like(part) for part in parts))


def _is_arn_of(tests: tuple[Matcher, ...], value: str) -> bool:
    parts = value.split(":", _ARN_PARTS - 1)
    return len(parts) == _ARN_PARTS and all(test(part) for test, part in zip(tests, parts, strict=True))


def _anything(_value: str) -> bool:
    return True


def _nothing(_value: str) -> bool:
    return False


def _prefix(first: str) -> Matcher:
    return lambda value: value.startswith(first)


# A piece between two stars: its length and where it is found from a place on (-1: nowhere).
_Piece = tuple[int, Callable[[str, int], int]]


def _finder(part: str) -> _Piece:
    text = unquote(part)
    if "?" not in part:
        return len(text), lambda value, start: value.find(text, start)
    source = "".join("." if letter == "?" else re.escape(unquote(letter)) for letter in part)
    expression = re.compile(source, re.DOTALL)

    def found(value: str, start: int) -> int:
        match = expression.search(value, start)
        return -1 if match is None else match.start()

    return len(part), found


def _is_all_of(piece: _Piece, value: str) -> bool:
    return len(value) == piece[0] and piece[1](value, 0) == 0


def _glob(first: _Piece, middle: tuple[_Piece, ...], last: _Piece, value: str) -> bool:
    """Each piece where it first fits: the earliest place leaves the most for those after it."""
    place, end = first[0], len(value) - last[0]
    if end < place or first[1](value[: first[0]], 0) != 0 or last[1](value, end) != end:
        return False
    for length, find in middle:
        place = find(value, place)
        if place < 0:
            return False
        place += length
    return place <= end
