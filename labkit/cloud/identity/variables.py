"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labkit.cloud.identity.matching import Matcher, quote

# The values of a context key in lower case; empty when the request has none.
Find = Callable[[str], Sequence[str]]

_VARIABLE = re.compile(r"\$\{\s*([^{},]*?)\s*(?:,\s*'([^'}]*)'\s*)?\}")


@dataclass(frozen=True)
class Variable:
    """A key to be looked up: in lower case, as it was written, and what stands for it when the request has no such key."""

    key: str
    shown: str
    default: str | None


@dataclass(frozen=True)
class Template:
    """A pattern with variables: texts and variables in turn."""

    parts: tuple[str | Variable, ...]


def read_template(text: str) -> str | Template:
    """The pattern of an element's value; a plain text when it has no variables left."""
    if "${" not in text:
        return text
    parts: list[str | Variable] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        parts.append(text[end : match.start()])
        parts.append(_part(match))
        end = match.end()
    parts.append(text[end:])
    if all(isinstance(part, str) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    return Template(tuple(part for part in parts if part != ""))


def _part(match: re.Match[str]) -> str | Variable:
    name, default = match.group(1), match.group(2)
    if name in ("*", "?"):
        return quote(name)
    if name == "$":
        return "$"
    return Variable(name.lower(), name, default) if name else match.group(0)


def prepare(values: Sequence[str | Template], matcher: Callable[[str], Matcher]) -> tuple[Matcher | Template, ...]:
    """The tests of values, ready where they have no variables."""
    return tuple(matcher(value) if isinstance(value, str) else value for value in values)


def resolve(value: str | Template, find: Find, missing: list[str]) -> str | None:
    """The pattern that a value comes to, or None when a variable has no value (its name goes to `missing`).

    What a variable brings in is literal: a user called `*` gets no wildcard. A key with several values is no variable.
    """
    if isinstance(value, str):
        return value
    found: list[str] = []
    for part in value.parts:
        if isinstance(part, str):
            found.append(part)
            continue
        values = find(part.key)
        if len(values) == 1:
            found.append(quote(values[0]))
        elif not values and part.default is not None:
            found.append(quote(part.default))
        else:
            missing.append(part.shown)
            return None
    return "".join(found)
