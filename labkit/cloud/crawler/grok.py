"""Grok: named patterns become one regular expression and a list of typed columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from labkit.cloud.crawler.grok_patterns import PATTERNS

_REFERENCE = re.compile(r"%\{(?P<name>\w+)(?:[:;](?P<field>[^:;}]+))?(?:[:;](?P<type>[^:;}]+))?(?:[:;][^}]*)?\}")
_NAMED_GROUP = re.compile(r"\(\?P?<(?P<name>[A-Za-z_][\w.-]*)>")
_FLAGS = re.compile(r"\(\?([imsx]+)\)")
_UNWANTED = "UNWANTED"
_MAX_DEPTH = 40
_TYPES = {
    "byte": "tinyint",
    "boolean": "boolean",
    "double": "double",
    "short": "smallint",
    "int": "int",
    "integer": "int",
    "long": "bigint",
    "float": "float",
    "string": "string",
    "date": "date",
}


@dataclass(frozen=True)
class Grok:
    """A compiled pattern: ``matches`` looks anywhere in a line, as Glue's GrokSerDe does; ``columns`` are name and type."""

    expression: re.Pattern[str]
    columns: tuple[tuple[str, str], ...]

    def matches(self, line: str) -> bool:
        """Whether the line holds the pattern."""
        return self.expression.search(line) is not None


@dataclass
class _Expansion:
    patterns: Mapping[str, str]
    columns: dict[str, str] = field(default_factory=dict)


def read_custom_patterns(text: str) -> dict[str, str]:
    """Return name and definition of each line ``NAME definition``; ValueError for a line that is not one."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, space, definition = line.strip().partition(" ")
        if not space or not re.fullmatch(r"\w+", name):
            raise ValueError(f'the custom pattern "{line.strip()}" is not of the form NAME definition')
        found[name] = definition.strip()
    return found


def compile_grok(pattern: str, custom: str = "") -> Grok:
    """Expand and compile; ValueError names the pattern, type or expression that is wrong."""
    if not pattern or "\n" in pattern:
        raise ValueError("a grok pattern is one line and not empty")
    expansion = _Expansion({**PATTERNS, **read_custom_patterns(custom)})
    text = _expand(pattern, expansion, 0)
    try:
        return Grok(re.compile(text), tuple(expansion.columns.items()))
    except re.error as error:
        raise ValueError(f'the grok pattern "{pattern}" is not a regular expression: {error}') from error


def _expand(text: str, expansion: _Expansion, depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise ValueError("the grok patterns refer to each other without end")

    def reference(found: re.Match[str]) -> str:
        name, column = found["name"], found["field"]
        if name not in expansion.patterns:
            raise ValueError(f"the grok pattern %{{{name}}} is not defined")
        if column and column != _UNWANTED:
            _add_column(column, found["type"], expansion)
        return f"(?:{_expand(expansion.patterns[name], expansion, depth + 1)})"

    def group(found: re.Match[str]) -> str:
        _add_column(found["name"], None, expansion)
        return "(?:"

    return _scope_flags(_REFERENCE.sub(reference, _NAMED_GROUP.sub(group, text)).replace("(?>", "(?:"))


def _add_column(name: str, kind: str | None, expansion: _Expansion) -> None:
    kind = (kind or "string").strip().lower()
    if kind not in _TYPES:
        raise ValueError(f'the grok field "{name}" has the type "{kind}"; the types are {", ".join(_TYPES)}')
    expansion.columns.setdefault(name, _TYPES[kind])


def _scope_flags(text: str) -> str:
    """Java takes ``(?i)`` anywhere, Python at the start only: make it a group to the end of the one that holds it."""
    out: list[str] = []
    open_flags = [0]
    position, in_class = 0, False
    while position < len(text):
        character = text[position]
        flags = None if in_class else _FLAGS.match(text, position)
        if flags:
            out.append(f"(?{flags[1]}:")
            open_flags[-1] += 1
            position = flags.end()
            continue
        if character == "\\":
            out.append(text[position : position + 2])
            position += 2
            continue
        if character == "[" and in_class:
            character = "\\["  # plain in Java's class here, reserved in Python's
        elif character == "[":
            in_class = True
        elif character == "]" and in_class and text[position - 1] != "[":
            in_class = False
        elif character == "(" and not in_class:
            open_flags.append(0)
        elif character == ")" and not in_class and len(open_flags) > 1:
            out.append(")" * open_flags.pop())
        out.append(character)
        position += 1
    return "".join(out) + ")" * sum(open_flags)
