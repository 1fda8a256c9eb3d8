"""Signatures such as ``element_at(map(K,V), K) -> V``: reading them, and matching calls against them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.athena.coercion import common_type
from labkit.cloud.athena.types import (
    CLOCKS,
    MAX_VARCHAR,
    NUMBERS,
    TINYINT,
    UNKNOWN,
    Type,
    array,
    map_of,
    parse_type,
    show,
)

# One overload as written in the tables: signature and translation (a template, or code for what a template cannot say).
Entry = tuple[str, "str | Callable[..., Any]"]


@dataclass(frozen=True)
class Pattern:
    """A parameter type: a concrete type, a variable (T), a container of patterns, or a lambda."""

    name: str
    items: tuple[Pattern, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({','.join(map(str, self.items))})" if self.items else self.name


@dataclass(frozen=True)
class Overload:
    """One signature with its translation."""

    name: str
    params: tuple[Pattern, ...]
    variadic: bool
    result: Pattern
    body: str | Callable[..., Any]

    @property
    def text(self) -> str:
        """The signature as an error shows it."""
        return f"{self.name}({', '.join(map(str, self.params))})"


# Types of Trino's own that a text turns into: only an error shows their names.
TEXT_LIKE = ("JoniRegExp", "CodePoints", "JsonPath")

_TOKEN = re.compile(
    r"\s*(timestamp with time zone|time with time zone|interval day to second|interval year to month|[A-Za-z_]\w*|\d+|[(),])"
)


def _pattern(tokens: list[str]) -> Pattern:
    name = tokens.pop(0)
    if not tokens or tokens[0] != "(":
        return Pattern(name)
    items: list[Pattern] = []
    while tokens.pop(0) != ")":
        items.append(_pattern(tokens))
    return Pattern(name, tuple(items))


@functools.lru_cache(maxsize=2048)
def _parse(signature: str) -> tuple[str, tuple[Pattern, ...], bool, Pattern]:
    left, result = signature.rsplit("->", 1)
    name, inner = left.strip()[:-1].split("(", 1)
    variadic = inner.endswith("...")
    tokens = _TOKEN.findall(inner.removesuffix("..."))
    params = []
    while tokens:
        params.append(_pattern(tokens))
        if tokens and tokens[0] == ",":
            tokens.pop(0)
    return name.strip(), tuple(params), variadic, _pattern(_TOKEN.findall(result))


def read_signature(entry: Entry) -> Overload:
    """One table entry as an overload."""
    name, params, variadic, result = _parse(entry[0])
    return Overload(name, params, variadic, result, entry[1])


@dataclass
class Binding:
    """What the type variables of a call stand for, and how many conversions it takes."""

    variables: dict[str, Type]
    cost: int = 0
    lengths: dict[str, int] = field(default_factory=dict)

    def bind(self, pattern: Pattern, kind: Type) -> bool:
        """Make ``kind`` fit the pattern; False when it cannot."""
        if pattern.name == "function":
            return True
        if len(pattern.name) == 1 and pattern.name.isupper():
            return self._variable(pattern.name, kind)
        if kind == UNKNOWN:
            self.cost += 1
            return True
        if pattern.items and pattern.name in ("varchar", "char"):
            return self._text(pattern, kind)
        if pattern.items:
            if kind.name != pattern.name or len(pattern.items) != len(kind.items):
                return False
            return all(self.bind(part, item) for part, item in zip(pattern.items, kind.items, strict=False))
        return self._concrete(pattern.name, kind)

    def _text(self, pattern: Pattern, kind: Type) -> bool:
        """``varchar(x)`` takes any text and remembers its length as x; ``varchar(1)`` takes no longer one."""
        if kind.name not in ("varchar", "char"):
            return False
        self.cost += kind.name != pattern.name
        limit = pattern.items[0].name
        length = kind.params[0] if kind.params else MAX_VARCHAR
        if limit.isdigit():
            return length <= int(limit)
        self.lengths[limit] = length
        return True

    def _concrete(self, name: str, kind: Type) -> bool:
        if kind.name == name:
            return True
        self.cost += 1 + (name == "double") + (name == "real")
        if name == "decimal":
            return kind.name in NUMBERS[:4]
        if name == "varchar" and kind.name == "char":
            return True
        if name in TEXT_LIKE:
            return kind.name in ("varchar", "char")
        target = parse_type(name)
        met = common_type(kind, target)
        return met == target or (met is not None and met.name == name and name in CLOCKS)

    def _variable(self, name: str, kind: Type) -> bool:
        if name == "X":  # any type, each argument its own
            return True
        if name == "N" and kind.name not in (*NUMBERS, "unknown"):
            return False
        known = self.variables.get(name)
        met = kind if known is None else common_type(known, kind)
        if met is None:
            return False
        if known is not None and met != kind:
            self.cost += 1
        self.variables[name] = met
        return True

    def resolve(self, pattern: Pattern, actual: Type | None = None) -> Type:
        """The concrete type of a pattern."""
        if pattern.name == "X" and actual is not None:
            return actual
        if len(pattern.name) == 1 and pattern.name.isupper():
            known = self.variables.get(pattern.name, UNKNOWN)
            return TINYINT if known == UNKNOWN and pattern.name == "N" else known  # the most specific number type
        if pattern.name == "array":
            return array(self.resolve(pattern.items[0]))
        if pattern.name == "map":
            return map_of(self.resolve(pattern.items[0]), self.resolve(pattern.items[1]))
        if pattern.name == "row":
            return Type(
                "row", items=tuple(self.resolve(item) for item in pattern.items), fields=(None,) * len(pattern.items)
            )
        if pattern.items and pattern.name in ("varchar", "char"):
            return self._sized(pattern)
        if actual is not None and actual.name == pattern.name:
            return actual
        if actual is not None and pattern.name in CLOCKS:
            return common_type(actual, parse_type(pattern.name)) or parse_type(pattern.name)
        if pattern.name in TEXT_LIKE:
            return actual if actual is not None and actual.name in ("varchar", "char") else Type("varchar")
        return parse_type(str(pattern) if pattern.name == "decimal" else pattern.name)

    def _sized(self, pattern: Pattern) -> Type:
        limit = pattern.items[0].name
        length = int(limit) if limit.isdigit() else self.lengths.get(limit, 0 if self.lengths else MAX_VARCHAR)
        if pattern.name == "varchar" and length >= MAX_VARCHAR:
            return Type("varchar")
        return Type(pattern.name, (length,))


def match(overloads: list[Overload], kinds: list[Type | None]) -> tuple[Overload, Binding] | None:
    """The overload that takes these argument types (None stands for a lambda) with the fewest conversions."""
    best: tuple[Overload, Binding] | None = None
    for overload in overloads:
        binding = _fits(overload, kinds)
        if binding is not None and (best is None or binding.cost < best[1].cost):
            best = overload, binding
    return best


def expanded(overload: Overload, count: int) -> tuple[Pattern, ...]:
    """The parameters for ``count`` arguments (the last one repeats when variadic)."""
    if not overload.variadic or count < len(overload.params):
        return overload.params
    return overload.params + (overload.params[-1],) * (count - len(overload.params))


def _fits(overload: Overload, kinds: list[Type | None]) -> Binding | None:
    params = expanded(overload, len(kinds))
    if len(params) != len(kinds):
        return None
    binding = Binding({})
    for pattern, kind in zip(params, kinds, strict=False):
        if (kind is None) != (pattern.name == "function"):
            return None
        if kind is not None and not binding.bind(pattern, kind):
            return None
    return binding


def refusal(name: str, kinds: list[Type | None], overloads: list[Overload]) -> str:
    """Trino's sentence for arguments that fit no overload."""
    given = ", ".join("<function>" if kind is None else show(kind).replace(", ", ",") for kind in kinds)
    expected = sorted({text for one in overloads for text in _spelled(one)})
    return f"Unexpected parameters ({given}) for function {name}. Expected: {', '.join(expected)}"


def _spelled(overload: Overload) -> list[str]:
    """The overload as Trino lists it: one a number type where the table says N."""
    names = [str(one) for one in overload.params]
    if "N" not in names:
        return [overload.text]
    kinds = [*NUMBERS[:4], "decimal(p,s)", *NUMBERS[5:]]
    return [f"{overload.name}({', '.join(kind if name == 'N' else name for name in names)})" for kind in kinds]
