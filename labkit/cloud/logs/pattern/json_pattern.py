"""Patterns over JSON messages: `{ $.level = "ERROR" && $.items[0].price > 10 }`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from labkit.cloud.logs.pattern.matcher import Matcher, bad_pattern
from labkit.cloud.logs.pattern.values import build_test, to_text

_TOKEN = re.compile(
    r"\s*(?:(?P<selector>\$(?:\.[\w-]+|\.\*|\.?\[(?:\d+|\*|'[^']*'|\"[^\"]*\")\])*)"
    r'|(?P<operator>&&|\|\||!=|<=|>=|=|<|>|\(|\))|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<regex>%[^%]*%)|(?P<word>[^\s()=<>!&|]+))'
)
_STEP = re.compile(r"\.([\w-]+|\*)|\[(\d+|\*)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")
_MISSING = object()
_MAX_NESTING = 50
Test = Callable[[Any], bool]


def parse_json_pattern(pattern: str) -> Matcher:
    """The matcher of a pattern with its braces."""
    if not pattern.endswith("}"):
        raise bad_pattern()
    parser = _Parser(_tokens(pattern[1:-1]))
    test = parser.alternatives(0)
    if parser.left:
        raise bad_pattern()
    selectors = parser.selectors

    def matches(message: str) -> bool:
        document = _read(message)
        return document is not _MISSING and test(document)

    def values(message: str) -> dict[str, str]:
        document = _read(message)
        found = {selector: find_values(document, selector) for selector in selectors}
        return {selector: to_text(some[0]) for selector, some in found.items() if some}

    return Matcher(matches, values)


def find_values(document: Any, selector: str) -> list[Any]:
    """What a selector finds in a document; several where it has a `*`, none where it leads nowhere."""
    found = [document]
    for match in _STEP.finditer(selector, 1):
        name = next(group for group in match.groups() if group is not None)
        in_list = match[2] is not None
        found = [value for item in found for value in _children(item, name, in_list=in_list)]
    return found


def read_value(message: str, selector: str) -> Any:
    """The first value that a selector finds in a JSON message, or None."""
    document = _read(message)
    found = find_values(document, selector) if document is not _MISSING else []
    return found[0] if found else None


def _children(item: Any, name: str, *, in_list: bool) -> list[Any]:
    if isinstance(item, list) and in_list:
        if name == "*":
            return item
        return [item[int(name)]] if int(name) < len(item) else []
    if isinstance(item, dict) and not in_list:
        if name == "*":
            return list(item.values())
        return [item[name]] if name in item else []
    return []


def _read(message: str) -> Any:
    text = message.lstrip()
    if not text.startswith(("{", "[")):
        return _MISSING
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _MISSING


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise bad_pattern()
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens: `||`, then `&&`, then comparisons and brackets."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.left = tokens
        self.selectors: list[str] = []

    def alternatives(self, depth: int) -> Test:
        tests = [self._conjunction(depth)]
        while self._accept("||"):
            tests.append(self._conjunction(depth))
        return tests[0] if len(tests) == 1 else lambda document: any(test(document) for test in tests)

    def _conjunction(self, depth: int) -> Test:
        tests = [self._one(depth)]
        while self._accept("&&"):
            tests.append(self._one(depth))
        return tests[0] if len(tests) == 1 else lambda document: all(test(document) for test in tests)

    def _one(self, depth: int) -> Test:
        if depth > _MAX_NESTING:
            raise bad_pattern()
        if self._accept("("):
            inner = self.alternatives(depth + 1)
            if not self._accept(")"):
                raise bad_pattern()
            return inner
        kind, selector = self._next()
        if kind != "selector":
            raise bad_pattern()
        self.selectors.append(selector)
        return self._comparison(selector)

    def _comparison(self, selector: str) -> Test:
        kind, word = self._next()
        if kind == "operator" and word in ("=", "!=", "<", "<=", ">", ">="):
            asked_kind, asked = self._next()
            if asked_kind not in ("quoted", "regex", "word"):
                raise bad_pattern()
            test = build_test(word, asked)
            return lambda document: any(test(value) for value in find_values(document, selector) if value is not None)
        words = [word.upper(), self._next()[1].upper()] if kind == "word" else []
        if words == ["NOT", "EXISTS"]:
            return lambda document: not find_values(document, selector)
        constants = {"NULL": None, "TRUE": True, "FALSE": False}
        if len(words) == 2 and words[0] == "IS" and words[1] in constants:
            constant = constants[words[1]]
            return lambda document: any(value is constant for value in find_values(document, selector))
        raise bad_pattern()

    def _next(self) -> tuple[str, str]:
        if not self.left:
            raise bad_pattern()
        token, self.left = self.left[0], self.left[1:]
        return token

    def _accept(self, operator: str) -> bool:
        if self.left and self.left[0] == ("operator", operator):
            self.left = self.left[1:]
            return True
        return False
