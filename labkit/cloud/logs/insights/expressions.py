"""Expressions of a query: parsed once into functions of a row."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.cloud.logs.insights.aggregates import AGGREGATES
from labkit.cloud.logs.insights.functions import FUNCTIONS, ceil_time, duration_ms, floor_time
from labkit.cloud.logs.insights.lexer import Token, malformed
from labkit.cloud.logs.insights.values import compare, is_true, to_number, to_text

Row = Any  # has `get(name)`
Evaluate = Callable[[Row], Any]
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_MAX_DEPTH = 60


@dataclass(frozen=True)
class Expression:
    """`evaluate` gives its value for a row; `name` is set for a field alone."""

    text: str
    evaluate: Evaluate
    name: str = ""


@dataclass(frozen=True)
class Slot:
    """An aggregation inside an expression: its value stands in the row of a group under `key`."""

    key: str
    aggregate: str
    inner: tuple[Evaluate, ...]


class ExpressionParser:
    """Recursive descent: or, and, not, comparisons, sums, products, powers, single values."""

    def __init__(self, query: str, tokens: list[Token]) -> None:
        self.query = query
        self.tokens = tokens
        self.at = 0
        self.slots: list[Slot] = []
        self._depth = 0

    def expression(self) -> Expression:
        """One expression, with its text as written."""
        start = self.peek()
        made = self._alternatives()
        end = self.tokens[self.at - 1].end
        text = self.query[start.start if start else 0 : end]
        return Expression(text, made.evaluate, made.name)

    def peek(self) -> Token | None:
        """The next word, or None at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def accept(self, *texts: str) -> bool:
        """Take the next word when it is one of these (letters in any case)."""
        token = self.peek()
        if token is not None and token.kind in ("operator", "name") and token.text.lower() in texts:
            self.at += 1
            return True
        return False

    def take(self, *kinds: str) -> Token:
        """The next word, of one of the kinds."""
        token = self.peek()
        if token is None or (kinds and token.kind not in kinds):
            raise self.unexpected(token)
        self.at += 1
        return token

    def unexpected(self, token: Token | None) -> Exception:
        """The refusal of a word, or of the end."""
        if token is None:
            end = len(self.query)
            return malformed("unexpected end of query", end, end)
        return malformed(
            f"unexpected symbol found {token.text} at line 1 and position {token.start + 1}", token.start, token.end
        )

    def _alternatives(self) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise malformed("the query is nested too deeply", 0, len(self.query))
        made = self._conjunction()
        while self.accept("or"):
            made = _either(made.evaluate, self._conjunction().evaluate)
        self._depth -= 1
        return made

    def _conjunction(self) -> Expression:
        made = self._negation()
        while self.accept("and"):
            made = _both(made.evaluate, self._negation().evaluate)
        return made

    def _negation(self) -> Expression:
        if self.accept("not"):
            inner = self._negation().evaluate
            return _plain(lambda row: not is_true(inner(row)))
        return self._comparison()

    def _comparison(self) -> Expression:
        made = self._sum()
        left = made.evaluate
        if self.accept("not"):
            test = self._like_or_in(left)
            return _plain(lambda row: not test(row))
        token = self.peek()
        if token is not None and token.text.lower() in ("like", "=~", "in"):
            return _plain(self._like_or_in(left))
        if token is not None and token.kind == "operator" and token.text in _COMPARISONS:
            self.at += 1
            right, operator = self._sum().evaluate, token.text
            return _plain(lambda row: compare(operator, left(row), right(row)))
        return made

    def _like_or_in(self, left: Evaluate) -> Evaluate:
        if self.accept("like", "=~"):
            token = self.take("regex", "string")
            if token.kind == "string":
                part = unquote(token.text)
                return lambda row: part in _shown(left(row))
            expression = compile_regex(token)
            return lambda row: expression.search(_shown(left(row))) is not None
        if self.accept("in"):
            items = self._list()
            return lambda row: any(compare("=", left(row), item(row)) for item in items)
        raise self.unexpected(self.peek())

    def _list(self) -> list[Evaluate]:
        if not self.accept("["):
            raise self.unexpected(self.peek())
        items = []
        while not self.accept("]"):
            items.append(self._sum().evaluate)
            if not self.accept(",") and (self.peek() is None or self.tokens[self.at].text != "]"):
                raise self.unexpected(self.peek())
        return items

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Expression:
        return self._chain(("*", "/", "%"), self._power)

    def _power(self) -> Expression:
        return self._chain(("^",), self._single)

    def _chain(self, operators: tuple[str, ...], part: Callable[[], Expression]) -> Expression:
        made = part()
        while (token := self.peek()) is not None and token.kind == "operator" and token.text in operators:
            self.at += 1
            made = _calculated(token.text, made.evaluate, part().evaluate)
        return made

    def _single(self) -> Expression:
        if self.accept("("):
            made = self._alternatives()
            if not self.accept(")"):
                raise self.unexpected(self.peek())
            return made
        if self.accept("-"):
            inner = self._single().evaluate
            return _plain(lambda row: _calculate("-", 0, inner(row)))
        token = self.take("number", "string", "name", "quoted")
        if token.kind == "number":
            number = to_number(token.text)
            return _plain(lambda _: number)
        if token.kind == "string":
            text = unquote(token.text)
            return _plain(lambda _: text)
        if token.kind == "name" and self.accept("("):
            return self._call(token)
        name = token.text.strip("`")
        return Expression(name, lambda row: row.get(name), name)

    def _call(self, token: Token) -> Expression:
        name = token.text.lower()
        if name in ("bin", "datefloor", "dateceil"):
            return self._period(name)
        if name == "count" and self.accept("*"):
            if not self.accept(")"):
                raise self.unexpected(self.peek())
            return self._slot("count", (lambda _: 1,))
        arguments = self._arguments()
        if name in AGGREGATES:
            if len(arguments) != AGGREGATES[name][0]:
                raise malformed(f"invalid number of arguments for {token.text}", token.start, token.end)
            return self._slot(name, tuple(arguments))
        if name not in FUNCTIONS:
            raise malformed(f"unknown function {token.text} at position {token.start + 1}", token.start, token.end)
        least, most, function = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            raise malformed(f"invalid number of arguments for {token.text}", token.start, token.end)
        return _plain(lambda row: function(*(argument(row) for argument in arguments)))

    def _slot(self, aggregate: str, inner: tuple[Evaluate, ...]) -> Expression:
        key = f"\0{len(self.slots)}"
        self.slots.append(Slot(key, aggregate, inner))
        return _plain(lambda row: row.get(key))

    def _arguments(self) -> list[Evaluate]:
        found: list[Evaluate] = []
        while not self.accept(")"):
            found.append(self._alternatives().evaluate)
            if not self.accept(",") and (self.peek() is None or self.tokens[self.at].text != ")"):
                raise self.unexpected(self.peek())
        return found

    def _period(self, name: str) -> Expression:
        source: Evaluate = lambda row: row.get("@timestamp")  # noqa: E731
        if name != "bin":
            source = self._alternatives().evaluate
            if not self.accept(","):
                raise self.unexpected(self.peek())
        token = self.take("duration")
        period = duration_ms(token.text)
        if not period:
            raise malformed(
                f"labkit's local cloud knows no period {token.text}: use ms, s, m, h, d or w", token.start, token.end
            )
        if not self.accept(")"):
            raise self.unexpected(self.peek())
        place = ceil_time if name == "dateceil" else floor_time
        return _plain(lambda row: place(source(row), period))


def _plain(evaluate: Evaluate) -> Expression:
    return Expression("", evaluate)


def _either(left: Evaluate, right: Evaluate) -> Expression:
    return _plain(lambda row: is_true(left(row)) or is_true(right(row)))


def _both(left: Evaluate, right: Evaluate) -> Expression:
    return _plain(lambda row: is_true(left(row)) and is_true(right(row)))


def _calculated(operator: str, left: Evaluate, right: Evaluate) -> Expression:
    return _plain(lambda row: _calculate(operator, left(row), right(row)))


def _shown(value: Any) -> str:
    return "" if value is None else to_text(value)


def _calculate(operator: str, left: Any, right: Any) -> Any:
    a, b = to_number(left), to_number(right)
    if a is None or b is None:
        return None
    try:
        if operator == "+":
            return a + b
        if operator == "-":
            return a - b
        if operator == "*":
            return a * b
        if operator == "/":
            return a / b
        return math.fmod(a, b) if operator == "%" else float(a) ** float(b)
    except (ArithmeticError, ValueError):
        return None


def unquote(text: str) -> str:
    """A text without its quotes and escapes."""
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def compile_regex(token: Token) -> re.Pattern[str]:
    """A `/…/` of the query as Python's expression (`(?<name>…)` becomes `(?P<name>…)`)."""
    body, _, flags = token.text[1:].rpartition("/")
    try:
        return re.compile(
            re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", body.replace("\\/", "/")), re.IGNORECASE if flags else 0
        )
    except re.error as error:
        raise malformed(f"invalid regular expression: {error}", token.start, token.end) from None
