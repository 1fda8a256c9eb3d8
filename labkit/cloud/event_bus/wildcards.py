"""Wildcard patterns: read, and refused when they are too complex, as AWS does."""

from __future__ import annotations

TOO_COMPLEX = "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character"
# How many beginnings of a pattern may fit one text at once. AWS does not publish its limit; of the patterns whose outcome it
# documents or others recorded, `*:*:*:*:*:event-bus/*` (refused) and `/Users/*/dir/dir/dir/dir/dir/doc.txt` (taken) lie on its two sides.
_MOST_AT_ONCE = 10
_MOST_STATES = 2000


class WildcardError(ValueError):
    """The pattern is not one."""


def parse_wildcard(pattern: str) -> list[str]:
    """The parts between the asterisks; WildcardError for two asterisks in a row and for a lone backslash."""
    parts, current, at = [], "", 0
    while at < len(pattern):
        letter, following = pattern[at], pattern[at + 1 : at + 2]
        place = len(pattern[:at].encode("utf-8", "surrogatepass")) + 1  # in bytes, the quote before the text included
        if letter == "*":
            if following == "*":
                raise WildcardError(f"Consecutive wildcard characters at pos {place}")
            parts.append(current)
            current = ""
        elif letter == "\\":
            if following not in ("*", "\\") or not following:
                raise WildcardError(f"Invalid escape character at pos {place}")
            current += following
            at += 1
        else:
            current += letter
        at += 1
    return [*parts, current]


def is_too_complex(parts: list[str]) -> bool:
    """Whether a text can be in more places of the pattern at once than a rule may be."""
    states: list[str | None] = []  # a letter, or None for an asterisk
    for number, part in enumerate(parts):
        states += [None] if number else []
        states += list(part)
    letters = {state for state in states if state is not None}
    if len(states) - len(letters) < _MOST_AT_ONCE // 2:  # too few asterisks and repeated letters to reach the limit
        return False
    seen: set[frozenset[int]] = set()
    waiting = [_rest(frozenset([0]), states)]
    while waiting and len(seen) < _MOST_STATES:
        places = waiting.pop()
        if places in seen:
            continue
        seen.add(places)
        for letter in letters:
            taken = [place for place in places if place < len(states) and states[place] == letter]
            resting = [place for place in places if place < len(states) and states[place] is None]
            following = _rest(frozenset([*resting, *(place + 1 for place in taken)]), states)
            stars = sum(1 for place in following if place < len(states) and states[place] is None)
            if len(taken) + stars >= _MOST_AT_ONCE:
                return True
            waiting.append(following)
    return False


def _rest(places: frozenset[int], states: list[str | None]) -> frozenset[int]:
    """Places, and those behind the asterisks among them: an asterisk may stand for nothing."""
    found = set(places)
    for place in places:
        behind = place
        while behind < len(states) and states[behind] is None:
            behind += 1
            found.add(behind)
    return frozenset(found)
