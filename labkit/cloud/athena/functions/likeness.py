"""How alike two texts are, what they sound like, and whether a number checks."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.functions.once import once
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid
from labkit.cloud.athena.python_functions import PythonFunction, python

_SOUNDS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "01230120022455012623010202", strict=True))
_LIMIT = 1_000_000


def _levenshtein(left: str, right: str) -> int:
    if len(left) < len(right):
        left, right = right, left
    if not right:
        return len(left)
    if len(left) * (len(right) - 1) > _LIMIT:
        raise invalid("The combined inputs for Levenshtein distance are too large")
    return _edits(left, right)


def _edits(pattern: str, text: str) -> int:
    """Myers' bit vectors: one column of the table is one whole number, so only ``text`` is walked letter by letter."""
    places: dict[str, int] = {}
    for place, letter in enumerate(pattern):
        places[letter] = places.get(letter, 0) | 1 << place
    full, last = (1 << len(pattern)) - 1, 1 << len(pattern) - 1
    more, fewer, score = full, 0, len(pattern)
    for letter in text:
        equal = places.get(letter, 0)
        across = (((equal & more) + more) ^ more) | equal
        up, down = fewer | (full & ~(across | more)), more & across
        score += bool(up & last) - bool(down & last)
        up, down = (up << 1 | 1) & full, down << 1 & full
        more, fewer = down | (full & ~(equal | fewer | up)), up & (equal | fewer)
    return score


def _translate_levenshtein(call: Any) -> str:
    """DuckDB compares bytes: right for ASCII, and thirty times quicker."""
    types = ("VARCHAR", "VARCHAR")
    name = call.ctx.define(PythonFunction("py_levenshtein", _levenshtein, types, "BIGINT"))
    text = (
        f"(CASE WHEN strlen({{0}}) = length({{0}}) AND strlen({{1}}) = length({{1}}) AND strlen({{0}}) * strlen({{1}}) <= {_LIMIT} "
        f"THEN levenshtein({{0}}, {{1}}) ELSE {name}({{0}}, {{1}}) END)"
    )
    return once(call.ctx, [one.sql for one in call.values], text.format)


def _hamming(left: str, right: str) -> int:
    if len(left) != len(right):
        raise invalid("The input strings to hamming_distance function must have the same length")
    return sum(a != b for a, b in zip(left, right, strict=True))


def _soundex(text: str) -> str:
    """Apache's US English: H and W are silent between two equal sounds, a vowel is not."""
    letters = [letter for letter in text.upper() if letter.isalpha()]
    if not letters:
        return ""
    for letter in letters:
        if letter not in _SOUNDS:
            raise invalid(f"The character is not mapped: {letter} (index={ord(letter) - 65})")
    code, last = letters[0], _SOUNDS[letters[0]]
    for letter in letters[1:]:
        if letter in "HW":
            continue
        sound = _SOUNDS[letter]
        if sound not in ("0", last):
            code += sound
        last = sound
    return (code + "000")[:4]


def _luhn(text: str) -> bool:
    if not text:
        return False
    if not all("0" <= letter <= "9" for letter in text):
        raise invalid("Input contains non-digit characters")
    total = 0
    for place, digit in enumerate(reversed(text)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


ENTRIES: list[Entry] = [
    ("levenshtein_distance(varchar(x), varchar(y)) -> bigint", _translate_levenshtein),
    ("hamming_distance(varchar(x), varchar(y)) -> bigint", python(_hamming, ("VARCHAR", "VARCHAR"), "BIGINT")),
    ("soundex(varchar) -> varchar(4)", python(_soundex, ("VARCHAR",), "VARCHAR")),
    ("luhn_check(varchar) -> boolean", python(_luhn, ("VARCHAR",), "BOOLEAN")),
]
