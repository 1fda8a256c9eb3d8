"""The comparisons of event patterns: each says whether one value of an event (a text, a number, true, false or null) is meant.

The behaviour is that of AWS's own published matcher (github.com/aws/event-ruler, README) and of AWS's user guide, "Comparison
operators for use in event patterns".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Values of events: JSON's. Numbers keep their spelling, so that one that is too large to compare still equals itself.
_LIMIT = 5e9
_IP4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_IP6 = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*")
Matcher = Callable[["Value"], bool]


@dataclass(frozen=True)
class Value:
    """One leaf of an event. `literal` is its JSON spelling for numbers, true, false and null; `text` is None for those."""

    literal: str
    text: str | None = None
    number: int | None = None

    @classmethod
    def of(cls, found: Any) -> Value:
        """The value of a parsed JSON leaf."""
        if isinstance(found, str):
            return cls(found, found)
        if found is None or isinstance(found, bool):
            return cls({None: "null", True: "true", False: "false"}[found])
        return cls(str(found), None, comparable(found))


def comparable(number: float) -> int | None:
    """A number as it is compared: millionths, from -5e9 to 5e9; None outside of these."""
    if not -_LIMIT <= number <= _LIMIT:
        return None
    return int(1e6 * (_LIMIT + number))


def exactly(text: str) -> Matcher:
    """The text; an IP address is equal to every spelling of it."""
    address = ip_number(text)
    if address is None:
        return lambda value: value.text == text
    return lambda value: value.text is not None and ip_number(value.text) == address


def literally(spelling: str, number: float | None) -> Matcher:
    """A number, true, false or null."""
    same = None if number is None else comparable(number)
    return lambda value: (
        value.text is None and (value.literal == spelling or (same is not None and value.number == same))
    )


def begins(prefix: str) -> Matcher:
    """A text that begins so."""
    return lambda value: value.text is not None and value.text.startswith(prefix)


def ends(suffix: str) -> Matcher:
    """A text that ends so."""
    return lambda value: value.text is not None and value.text.endswith(suffix)


def begins_in_any_case(prefix: str) -> Matcher:
    """A text that begins so, whatever its case."""
    folded = prefix.lower()
    return lambda value: value.text is not None and value.text.lower().startswith(folded)


def ends_in_any_case(suffix: str) -> Matcher:
    """A text that ends so, whatever its case."""
    folded = suffix.lower()
    return lambda value: value.text is not None and value.text.lower().endswith(folded)


def equals_in_any_case(text: str) -> Matcher:
    """The text, whatever its case."""
    folded = text.lower()
    return lambda value: value.text is not None and value.text.lower() == folded


def none_of(unwanted: list[Matcher]) -> Matcher:
    """anything-but: a value that is there and that none of the others means."""
    return lambda value: not any(one(value) for one in unwanted)


def between(low: int, high: int) -> Matcher:
    """A number in the range, both ends included; the ends as `comparable` gives them."""
    return lambda value: value.number is not None and low <= value.number <= high


def in_network(low: tuple[int, int], high: tuple[int, int]) -> Matcher:
    """An IP address in the range, both ends included; the ends as `ip_number` gives them."""

    def match(value: Value) -> bool:
        found = ip_number(value.text) if value.text is not None else None
        return found is not None and found[0] == low[0] and low[1] <= found[1] <= high[1]

    return match


def like(parts: list[str]) -> Matcher:
    """A text made of the parts with anything, or nothing, between them."""
    first, *middle, last = parts if len(parts) > 1 else [parts[0], ""]

    def match(value: Value) -> bool:
        text = value.text
        if text is None:
            return False
        if len(parts) == 1:
            return text == first
        if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
            return False
        at, end = len(first), len(text) - len(last)
        for part in middle:
            found = text.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True

    return match


def ip_number(text: str) -> tuple[int, int] | None:
    """Version and number of an IP address in a text; None when the text is none."""
    if not (_IP4.fullmatch(text) or _IP6.fullmatch(text)):
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.version, int(address)
