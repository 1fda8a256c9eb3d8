"""DQDL, the language of rulesets (glue dg, "Data Quality Definition Language (DQDL) reference"): text to frozen data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from awsglue._refusal import refuse

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*|//[^\n]*)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_]\w*)|(?P<constant>\$\w+)|(?P<sign><=|>=|!=|[=<>\[\](),+-])""",
    re.VERBOSE,
)
_HISTORY = ("last", "avg", "median", "max", "min", "sum", "std", "abs", "index")
_KEYWORDS = ("NULL", "EMPTY", "WHITESPACES_ONLY")
_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Keyword:
    """NULL, EMPTY or WHITESPACES_ONLY."""

    name: str


@dataclass(frozen=True)
class Moment:
    """`now()`, moved by `offset_s` seconds."""

    offset_s: float


@dataclass(frozen=True)
class Duration:
    """An age such as `24 hours`."""

    seconds: float


@dataclass(frozen=True)
class Condition:
    """`operator` is one of = != > < >= <= between in matches; `negated` for `not between`, `not in`, `not matches`."""

    operator: str
    operands: tuple[Any, ...]
    negated: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule: its type, its parameters in order, and what is asked of the outcome. `text` is as it was written."""

    kind: str
    parameters: tuple[str, ...]
    condition: Condition | None
    threshold: Condition | None
    where: str
    text: str
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Composite:
    """Rules joined by `and` or `or`."""

    operator: str
    parts: tuple[Rule | Composite, ...]
    text: str


@dataclass(frozen=True)
class Ruleset:
    rules: tuple[Rule | Composite, ...]
    analyzers: tuple[Rule | Composite, ...]


class DqdlError(ValueError):
    """A ruleset that is not DQDL."""


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise DqdlError(f"The ruleset cannot be read at {text[place : place + 30]!r}.")
        place = found.end()
        if found.lastgroup != "blank":
            yield Token(str(found.lastgroup), found.group(), found.start(), found.end())


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


class _Reader:
    """Tokens with a place in them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.constants: dict[str, str] = {}
        self._tokens = list(_tokens(text))
        self._place = 0

    @property
    def is_done(self) -> bool:
        return self._place >= len(self._tokens)

    def peek(self, ahead: int = 0) -> Token:
        place = self._place + ahead
        end = len(self.text)
        return self._tokens[place] if place < len(self._tokens) else Token("end", "", end, end)

    def next(self) -> Token:
        token = self.peek()
        self._place += 1
        return token

    def is_word(self, *words: str) -> bool:
        return self.peek().kind == "word" and self.peek().text.lower() in words

    def takes(self, text: str) -> bool:
        if self.peek().text.lower() == text and self.peek().kind in ("sign", "word"):
            self._place += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.takes(text):
            found = self.peek().text or "the end"
            raise DqdlError(f"The ruleset needs {text!r} where it has {found!r}: …{self.around()}…")

    def around(self) -> str:
        start = self.peek().start
        return self.text[max(0, start - 30) : start + 30].strip()

    def written(self, start: int) -> str:
        """The text from a place up to here, blanks as one space outside strings."""
        end = self._tokens[self._place - 1].end
        parts = re.split(r'("(?:[^"\\]|\\.)*")', self.text[start:end])
        return "".join(part if part.startswith('"') else re.sub(r"\s+", " ", part) for part in parts).strip()

    def string(self) -> str:
        token = self.next()
        if token.kind == "constant":
            name = token.text[1:]
            if name not in self.constants:
                raise DqdlError(f"The ruleset uses ${name} and does not define it.")
            return self.constants[name]
        if token.kind != "string":
            raise DqdlError(f"The ruleset needs a text in double quotes where it has {token.text!r}: …{self.around()}…")
        return _unquoted(token.text)


def _number(reader: _Reader) -> float:
    sign = -1.0 if reader.takes("-") else 1.0
    token = reader.next()
    if token.kind != "number":
        raise DqdlError(f"The ruleset needs a number where it has {token.text!r}: …{reader.around()}…")
    return sign * float(token.text)


def _unit(reader: _Reader) -> int | None:
    word = reader.peek().text.lower().rstrip("s")
    if reader.peek().kind == "word" and word in _UNITS:
        reader.next()
        return _UNITS[word]
    return None


def _moment(reader: _Reader) -> Moment:
    for text in ("now", "(", ")"):
        reader.need(text)
    offset = 0.0
    while reader.peek().text in ("+", "-"):
        sign = -1 if reader.next().text == "-" else 1
        count, unit = _number(reader), _unit(reader)
        if unit is None:
            raise DqdlError(f"now() is moved by days, hours or minutes: …{reader.around()}…")
        offset += sign * count * unit
    return Moment(offset)


def _operand(reader: _Reader) -> Any:
    token = reader.peek()
    if token.text == "(":
        reader.next()
        inside = _operand(reader)
        reader.need(")")
        return inside
    if token.kind in ("string", "constant"):
        return reader.string()
    if token.kind == "word" and token.text.upper() in _KEYWORDS:
        return Keyword(reader.next().text.upper())
    if token.kind == "word" and token.text.lower() == "now":
        return _moment(reader)
    if token.kind == "word" and token.text.lower() in _HISTORY:
        raise refuse(f"A dynamic rule ({token.text}(…))", "Earlier runs' results are not kept; compare with a number.")
    value = _number(reader)
    unit = _unit(reader)
    return Duration(value * unit) if unit is not None else value


def _operands(reader: _Reader) -> tuple[Any, ...]:
    reader.need("[")
    found = [_operand(reader)]
    while reader.takes(","):
        found.append(_operand(reader))
    reader.need("]")
    return tuple(found)


def _condition(reader: _Reader) -> Condition | None:
    if reader.peek().text in ("=", "!=", ">", "<", ">=", "<="):
        return Condition(reader.next().text, (_operand(reader),))
    negated = reader.takes("not")
    if reader.takes("between"):
        low = _operand(reader)
        reader.need("and")
        return Condition("between", (low, _operand(reader)), negated)
    if reader.takes("in"):
        return Condition("in", _operands(reader), negated)
    if reader.takes("matches"):
        return Condition("matches", (reader.string(),), negated)
    return None


def _labels(reader: _Reader) -> dict[str, str]:
    reader.need("=")
    reader.need("[")
    labels = {}
    while not reader.takes("]"):
        key = reader.string()
        reader.need("=")
        labels[key] = reader.string()
        reader.takes(",")
    return labels


def _simple(reader: _Reader) -> Rule:
    start, token = reader.peek().start, reader.next()
    if token.kind != "word":
        raise DqdlError(f"The ruleset needs a rule where it has {token.text!r}: …{reader.around()}…")
    parameters = []
    while reader.peek().kind in ("string", "constant"):
        parameters.append(reader.string())
    condition = _condition(reader)
    where = reader.string() if reader.takes("where") else ""
    threshold = None
    if reader.takes("with"):
        reader.need("threshold")
        threshold = _condition(reader)
    where = reader.string() if reader.takes("where") else where
    text = reader.written(start)
    labels = _labels(reader) if reader.takes("labels") else {}
    return Rule(token.text, tuple(parameters), condition, threshold, where, text, labels)


def _rule(reader: _Reader) -> Rule | Composite:
    start = reader.peek().start
    if not reader.takes("("):
        return _simple(reader)
    parts, operators = [_rule(reader)], set()
    reader.need(")")
    while reader.is_word("and", "or"):
        operators.add(reader.next().text.lower())
        reader.need("(")
        parts.append(_rule(reader))
        reader.need(")")
    if len(operators) > 1:
        raise DqdlError(f"`and` and `or` on one level need parentheses: {reader.written(start)}")
    return parts[0] if not operators else Composite(operators.pop(), tuple(parts), reader.written(start))


def _rules(reader: _Reader) -> tuple[Rule | Composite, ...]:
    found = []
    reader.need("[")
    while not reader.takes("]"):
        found.append(_rule(reader))
        if reader.peek().text != "]":
            reader.need(",")
    return tuple(found)


def parse(text: str) -> Ruleset:
    """A ruleset; DqdlError for what is not DQDL."""
    reader = _Reader(text)
    sections: dict[str, tuple[Rule | Composite, ...]] = {}
    defaults: dict[str, str] = {}
    while not reader.is_done:
        name = reader.next()
        if name.text == "DefaultLabels":
            defaults = _labels(reader)
        else:
            reader.need("=")
            if name.text in ("Rules", "Analyzers"):
                sections[name.text] = _rules(reader)
            else:
                reader.constants[name.text] = reader.string()
        reader.takes(",")
    if not sections:
        raise DqdlError('A ruleset looks like Rules = [ IsComplete "id", RowCount > 0 ].')
    return Ruleset(_labelled(sections.get("Rules", ()), defaults), sections.get("Analyzers", ()))


def _labelled(rules: tuple[Rule | Composite, ...], defaults: dict[str, str]) -> tuple[Rule | Composite, ...]:
    from dataclasses import replace

    return tuple(
        replace(rule, labels={**defaults, **rule.labels}) if isinstance(rule, Rule) and defaults else rule
        for rule in rules
    )
