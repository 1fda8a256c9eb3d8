"""Character classes of a regular expression: ranges, nested classes, && and POSIX names, without the set operators that Java has not."""

from __future__ import annotations

import re

from labkit.cloud.athena.functions.java_escapes import escaped_letter, literal
from labkit.cloud.athena.functions.texts import invalid

_POSIX = re.compile(r"\[:(\^?)([a-z]+):\]")
_RE2_INSIDE = {"d": r"\p{Nd}", "s": r"\t-\r \x{85}\p{Z}"}
_OPEN = "premature end of char-class"


def read_class(pattern: str, place: int) -> tuple[str, str | None, int]:
    """The class that opens at ``place``: its text for ``regex``, its text for RE2 or None, and where it ends."""
    place += 1
    negated = pattern[place : place + 1] == "^"
    place += negated
    text = safe = "[^" if negated else "["
    certain, first = True, True
    while True:
        if place >= len(pattern):
            raise invalid(_OPEN)
        if pattern[place] == "]" and not (first and "]" in pattern[place + 1 :]):
            if first:
                raise invalid("empty char-class")
            return f"{text}]", f"{safe}]" if certain else None, place + 1
        item, inside, place = _item(pattern, place)
        if inside is None:
            certain = False
        text, safe, first = text + item, safe + (inside or ""), False


def _item(pattern: str, place: int) -> tuple[str, str | None, int]:
    posix = _POSIX.match(pattern, place)
    if posix:
        return posix[0], None, posix.end()
    if pattern[place] == "[":
        text, _, end = read_class(pattern, place)
        return text, None, end
    if pattern.startswith("&&", place):
        return "&&", None, place + 2
    low, safe, end = _letter(pattern, place)
    if (
        pattern[end : end + 1] != "-"
        or pattern[end + 1 : end + 2] in ("", "]", "[")
        or (len(low) > 2 and low[1] in "pP")
    ):
        return low, safe, end
    if low[0] == "\\" and low[1] in "dDwWsS":
        return low, safe, end
    high, safe_high, last = _letter(pattern, end + 1)
    if high[0] == "\\" and high[1] in "dDwWsSpP":
        return low + r"\-", None if safe is None else safe + r"\-", end + 1
    return f"{low}-{high}", None if safe is None or safe_high is None else f"{safe}-{safe_high}", last


def _letter(pattern: str, place: int) -> tuple[str, str | None, int]:
    letter = pattern[place]
    if letter != "\\":
        return literal(letter), literal(letter) if letter.isprintable() else None, place + 1
    if place + 1 >= len(pattern):
        raise invalid("end pattern at escape")
    kind = pattern[place + 1]
    if kind in "dDwWsS":
        return "\\" + kind, _RE2_INSIDE.get(kind), place + 2
    if kind == "b":
        return r"\x08", None, place + 2
    text, end = escaped_letter(pattern, place + 1)
    return text, text if len(text) <= 2 and text.isprintable() and not text[-1:].isalnum() else None, end
