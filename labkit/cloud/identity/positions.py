"""Where the statements of a policy stand in its text, as SimulatePrincipalPolicy tells it."""

from __future__ import annotations

import json
import re
from functools import lru_cache

Position = tuple[int, int]
Span = tuple[Position, Position]

_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()


def statement_span(text: str, number: int) -> Span:
    """Line and column, from 1, of the start and end of a statement (numbered from 1).

    AWS tells where its reader stood: behind the bracket or the statement before (behind the brace when there is no list), and
    behind the statement's closing brace. Its own documentation shows that for {"Version":"2012-10-17","Statement":{…}}: column 38.
    """
    spans = _spans(text)
    return spans[number - 1] if number <= len(spans) else ((1, 1), (1, 1))


@lru_cache(maxsize=1024)
def _spans(text: str) -> tuple[Span, ...]:
    place = _statements_at(text)
    if place < 0:
        return ()
    if text[place] != "[":
        return (_span(text, place + 1, _DECODER.raw_decode(text, place)[1]),)
    spans = []
    before = place + 1
    place = _after_space(text, before)
    while text[place] != "]":
        end = _DECODER.raw_decode(text, place)[1]
        spans.append(_span(text, before, end))
        before = end
        place = _after_space(text, end)
        place = _after_space(text, place + 1) if text[place] == "," else place
    return tuple(spans)


def _statements_at(text: str) -> int:
    """Where the value of the top element Statement begins; -1 when there is none."""
    place = _after_space(text, 0) + 1
    while text[(place := _after_space(text, place))] == '"':
        key, end = _DECODER.raw_decode(text, place)
        value = _after_space(text, _after_space(text, end) + 1)
        if key == "Statement":
            return value
        place = _after_space(text, _DECODER.raw_decode(text, value)[1])
        place += text[place] == ","
    return -1


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _span(text: str, start: int, end: int) -> Span:
    return _position(text, start), _position(text, end)


def _position(text: str, place: int) -> Position:
    line = text.rfind("\n", 0, place) + 1
    return text.count("\n", 0, place) + 1, place - line + 1
