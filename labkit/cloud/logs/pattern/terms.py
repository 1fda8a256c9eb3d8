"""Patterns of terms: `ERROR "disk full" -debug`, `?WARN ?ERROR`, `%[45]0[0-9]%`."""

from __future__ import annotations

import re
from collections.abc import Callable

from labkit.cloud.logs.pattern.matcher import Matcher, bad_pattern, compile_regex
from labkit.cloud.logs.pattern.values import unquote

_WORD = re.compile(r'\s*(?P<sign>[?-]?)(?:(?P<quoted>"(?:[^"\\]|\\.)*")|%(?P<regex>[^%]*)%|(?P<plain>[^\s"]+))')
_PLAIN = re.compile(r"\w+")
Test = Callable[[str], bool]


def parse_terms(pattern: str) -> Matcher:
    """All plain terms must stand in the message and no excluded one; of optional ones any, where there are no others."""
    required: list[Test] = []
    excluded: list[Test] = []
    optional: list[Test] = []
    at, text = 0, pattern.rstrip()
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise bad_pattern()
        at = match.end()
        kinds = {"": required, "-": excluded, "?": optional}
        kinds[match["sign"]].append(_term(match))
    if required or excluded:  # AWS leaves `?` aside when it is mixed with others

        def matches(message: str) -> bool:
            return all(test(message) for test in required) and not any(test(message) for test in excluded)

        return Matcher(matches)
    return Matcher(lambda message: any(test(message) for test in optional))


def _term(match: re.Match[str]) -> Test:
    if match["regex"] is not None:
        expression = compile_regex(match["regex"])
        return lambda message: expression.search(message) is not None
    if match["quoted"] is not None:
        text = unquote(match["quoted"])
    else:
        text = match["plain"]
        if not _PLAIN.fullmatch(text):
            raise bad_pattern(f"Invalid character(s) in term '{text}'")
    return lambda message: text in message
