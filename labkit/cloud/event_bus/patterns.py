"""Event patterns: read once, then asked of every event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.event_bus import matchers
from labkit.cloud.event_bus.expressions import read_expression
from labkit.cloud.event_bus.json_reader import JsonReader, ReadError, Token
from labkit.cloud.event_bus.leaves import Leaf, leaves_of
from labkit.cloud.event_bus.matchers import Matcher
from labkit.cloud.event_bus.wildcards import TOO_COMPLEX, is_too_complex

_RESERVED = frozenset(
    {"exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr"}
    | {"=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after"}
    | {"date-before", "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range"}
)
# $or multiplies: a rule with more branches than this is refused ("Rule is too complex"), as AWS does from 1,000.
_MOST_BRANCHES = 1000


@dataclass(frozen=True)
class Field:
    """What a pattern wants of one field: a matching value, or (`absent`) that it is not there; either is enough."""

    wanted: tuple[Matcher, ...] = ()
    absent: bool = False


Branch = Mapping[str, Field]


@dataclass(frozen=True)
class Pattern:
    """The branches of a pattern ($or makes several), each a field's path (`detail.state`) to what is wanted of it."""

    branches: tuple[Branch, ...]

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether an event (parsed JSON) is meant."""
        return self.matches_leaves(leaves_of(event))

    def matches_leaves(self, leaves: Mapping[str, list[Leaf]]) -> bool:
        """The same of an event whose leaves were gathered for other patterns too."""
        return any(_fits(branch, leaves) for branch in self.branches)


@lru_cache(maxsize=4096)
def parse_pattern(text: str) -> Pattern:
    """The pattern of a JSON text; AwsError InvalidEventPatternException in AWS's words."""
    try:
        return Pattern(tuple(_Compiler(text).compile()))
    except ReadError as error:
        raise invalid_pattern(str(error)) from None
    except RecursionError:
        raise invalid_pattern("Rule is nested too deeply") from None


def invalid_pattern(reason: str) -> AwsError:
    """InvalidEventPatternException."""
    return AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}")


class _Compiler:
    def __init__(self, text: str) -> None:
        self._reader = JsonReader(text)
        self._branches: list[dict[str, Field]] = []

    def compile(self) -> list[dict[str, Field]]:
        if self._reader.next().kind != "{":
            raise self._reader.fail("Filter is not an object")
        self._object("", inside_or=False)
        return self._branches

    def _object(self, path: str, *, inside_or: bool) -> None:
        reader, empty = self._reader, True
        while (token := reader.next()).kind != "}":
            empty = False
            if token.text == "$or":
                self._either(path)
                continue
            if inside_or and token.text in _RESERVED:
                raise reader.fail(f"{token.text} is Ruler reserved fieldName which cannot be used inside $or.")
            inner = f"{path}.{token.text}" if path else token.text
            value = reader.next()
            if value.kind == "{":
                self._object(inner, inside_or=inside_or)
            elif value.kind == "[":
                self._write(inner)
            else:
                raise reader.fail(f'"{token.text}" must be an object or an array')
        if empty:
            raise reader.fail("Empty objects are not allowed")

    def _either(self, path: str) -> None:
        before, after, count = self._branches or [{}], [], 0
        if self._reader.next().kind != "[":
            raise self._reader.fail("It must be an Array followed with $or.")
        while (token := self._reader.next()).kind != "]":
            if token.kind != "{":
                raise self._reader.fail("Only JSON object is allowed in array of $or relationship.")
            count += 1
            self._branches = [dict(branch) for branch in before]
            self._object(path, inside_or=True)
            after += self._branches
            if len(after) > _MOST_BRANCHES:
                raise ReadError("Rule is too complex - try using fewer OR conditions")
        if count < 2:
            raise self._reader.fail("There must have at least 2 Objects in $or relationship.")
        self._branches = after

    def _write(self, path: str) -> None:
        wanted: list[Matcher] = []
        absent = empty = False
        while (token := self._reader.next()).kind != "]":
            empty = True
            found = self._member(token)
            if found is None:
                absent = True
            else:
                wanted.append(found)
        if not empty:
            raise self._reader.fail("Empty arrays are not allowed")
        self._branches = self._branches or [{}]
        for branch in self._branches:
            branch[path] = Field(tuple(wanted), absent)

    def _member(self, token: Token) -> Matcher | None:
        """The matcher of one member of a field's list; None for ``{"exists": false}``."""
        reader = self._reader
        if token.kind == "string":
            return matchers.exactly(token.text)
        if token.kind == "number":
            return matchers.literally(token.text, float(token.text))
        if token.kind in ("true", "false", "null"):
            return matchers.literally(token.kind, None)
        if token.kind != "{":
            raise reader.fail("Match value must be String, number, true, false, or null")
        exists = reader.take_exists()
        if exists is not None:
            return (lambda value: True) if exists else None
        return read_expression(reader, self._note_wildcard)

    def _note_wildcard(self, parts: list[str]) -> None:
        if is_too_complex(parts):
            raise ReadError(TOO_COMPLEX)


def _fits(branch: Branch, leaves: Mapping[str, list[Leaf]]) -> bool:
    """Whether every field of the branch has a value that fits, all of them out of the same elements of arrays."""
    choices: list[list[Leaf]] = []
    for path, field in branch.items():
        found = leaves.get(path)
        if not found:
            if not field.absent:
                return False
            continue
        fitting = [leaf for leaf in found if any(matcher(leaf.value) for matcher in field.wanted)]
        if not fitting:
            return False
        choices.append(fitting)
    return _agree(choices)


def _agree(choices: list[list[Leaf]]) -> bool:
    """Whether one leaf of each list can be chosen so that no two stand in different elements of one array."""
    later: list[frozenset[int]] = []
    arrays: frozenset[int] = frozenset()
    for fitting in reversed(choices):
        later.append(arrays)
        arrays |= {array for leaf in fitting for array, _ in leaf.elements}
    states: set[frozenset[tuple[int, int]]] = {frozenset()}
    for fitting, needed in zip(choices, reversed(later), strict=True):
        elements = {leaf.elements for leaf in fitting}
        merged = set()
        for state in states:
            held = dict(state)
            for one in elements:
                if all(held.get(array, index) == index for array, index in one):
                    # Only arrays that a later field looks into can still disagree.
                    merged.add(frozenset(pair for pair in (*state, *one) if pair[0] in needed))
        if not merged:
            return False
        states = merged
    return True
