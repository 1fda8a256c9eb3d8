"""SEARCH expressions: which metrics a search finds (docs.aws.amazon.com/AmazonCloudWatch, "search expression syntax")."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from labkit.cloud.metrics.math.syntax import MathError
from labkit.cloud.metrics.storage import Metric

_SCHEMA = re.compile(r"\s*\{(?P<schema>[^}]*)\}(?P<words>.*)", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\")|(?P<equals>=)|(?P<open>\()|(?P<close>\))|(?P<word>[^\s\"=()]+))", re.DOTALL
)
# Words of CloudWatch's partial match: at punctuation, where small letters meet capitals, where letters meet digits.
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_LONGEST = 1024
Test = Callable[[Metric], bool]


@dataclass(frozen=True)
class Search:
    """A namespace with its dimension names, None when the search names none, and a test."""

    schema: tuple[str, frozenset[str]] | None
    test: Test

    @property
    def namespace(self) -> str | None:
        """The namespace of all that it finds, if it names one."""
        return self.schema[0] if self.schema else None

    def finds(self, metric: Metric) -> bool:
        """Whether the search finds a metric."""
        names = frozenset(name for name, _ in metric.dimensions)
        return (self.schema is None or self.schema == (metric.namespace, names)) and self.test(metric)


def parse_search(text: str) -> Search:
    """A search; MathError when it is none."""
    if len(text) > _LONGEST:
        raise MathError(f"A search has at most {_LONGEST} letters")
    found = _SCHEMA.fullmatch(text)
    schema = None
    if found:
        parts = [part.strip().strip('"') for part in re.findall(r'"[^"]*"|[^,]+', found["schema"])]
        parts = [part for part in parts if part]
        if not parts:
            raise MathError("A search's schema names a namespace")
        schema = (parts[0], frozenset(parts[1:]))
    reader = _Reader(_tokens(found["words"] if found else text))
    test = reader.alternatives() if reader.more else _anything
    if reader.more:
        raise MathError("A search has a parenthesis too many")
    return Search(schema, test)


def _anything(_: Metric) -> bool:
    return True


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place, end = [], 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise MathError("A search has a quote too many")
        kind = str(match.lastgroup)
        found.append((kind, match[kind].strip('"') if kind == "text" else match[kind]))
        place = match.end()
    return found


class _Reader:
    """Reads a search's words: AND binds tighter than OR, and stands between words that nothing joins."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens

    @property
    def more(self) -> bool:
        return bool(self._tokens)

    def alternatives(self) -> Test:
        tests = [self._all()]
        while self._tokens[:1] == [("word", "OR")]:
            self._tokens.pop(0)
            tests.append(self._all())
        return lambda metric: any(test(metric) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._tokens and self._tokens[0] not in (("word", "OR"), ("close", ")")):
            if self._tokens[0] == ("word", "AND"):
                self._tokens.pop(0)
            tests.append(self._one())
        return lambda metric: all(test(metric) for test in tests)

    def _one(self) -> Test:
        if not self._tokens:
            raise MathError("A search ends too early")
        kind, value = self._tokens.pop(0)
        if (kind, value) == ("word", "NOT"):
            test = self._one()
            return lambda metric: not test(metric)
        if kind == "open":
            inner = self.alternatives()
            self._close()
            return inner
        if kind not in ("word", "text"):
            raise MathError(f"Unexpected '{value}' in a search")
        if self._tokens[:1] != [("equals", "=")]:
            return _found_anywhere(value, exact=kind == "text")
        self._tokens.pop(0)
        return self._property(value)

    def _property(self, name: str) -> Test:
        if not self._tokens:
            raise MathError(f"A search tells no value of {name}")
        kind, value = self._tokens.pop(0)
        if kind == "open":
            exact_values: list[tuple[str, bool]] = []
            while self._tokens and self._tokens[0][0] != "close":
                kind, value = self._tokens.pop(0)
                if (kind, value) != ("word", "OR"):
                    exact_values.append((value, kind == "text"))
            self._close()
        else:
            exact_values = [(value, kind == "text")]
        return lambda metric: any(
            _fits(value, held, exact=exact) for held in _held(metric, name) for value, exact in exact_values
        )

    def _close(self) -> None:
        if self._tokens[:1] != [("close", ")")]:
            raise MathError("A search has a parenthesis too few")
        self._tokens.pop(0)


def _held(metric: Metric, name: str) -> list[str]:
    if name == "MetricName":
        return [metric.name]
    if name == "Namespace":
        return [metric.namespace]
    return [value for its_name, value in metric.dimensions if its_name == name]


def _found_anywhere(value: str, *, exact: bool) -> Test:
    def test(metric: Metric) -> bool:
        texts = [metric.namespace, metric.name, *(text for pair in metric.dimensions for text in pair)]
        return any(_fits(value, text, exact=exact) for text in texts)

    return test


def _fits(value: str, held: str, *, exact: bool) -> bool:
    """Whole between quotes; otherwise all of its words, whatever their case."""
    if exact:
        return value == held
    wanted = {part.lower() for part in _PARTS.findall(value)}
    known = {part.lower() for part in (*_PARTS.findall(held), *re.split(r"[\W_]+", held))}
    return value.lower() in (held.lower(), *known) or (bool(wanted) and wanted <= known)
