"""CloudFormation's YAML, written for reading: comments, short forms of the functions, source code as it stands in its file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Plain scalars that YAML reads as text and nothing else: no date (2012-10-17), number, truth value or sign of its own.
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*(:[A-Za-z0-9_./:*-]+)*")
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


@dataclass(frozen=True)
class Ref:
    """!Ref: a parameter's value, or what a resource is known by."""

    name: str


@dataclass(frozen=True)
class GetAtt:
    """!GetAtt: an attribute of a resource."""

    name: str
    attribute: str


@dataclass(frozen=True)
class Sub:
    """!Sub: text with ${names}."""

    text: str


@dataclass(frozen=True)
class Source:
    """Lines of code, kept as they are."""

    text: str


@dataclass(frozen=True)
class Commented:
    """A value under comment lines."""

    lines: tuple[str, ...]
    value: Any


def write_yaml(document: Mapping[str, Any]) -> str:
    """The text of a template; the sections of the first level are apart by an empty line."""
    sections = ["\n".join(_entry(key, value, 0)) for key, value in document.items()]
    return "\n\n".join(sections) + "\n"


def _entry(key: str, value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Commented):
        yield from (f"{pad}# {line}" for line in value.lines)
        value = value.value
    name = _scalar(key)
    if isinstance(value, Source):
        yield f"{pad}{name}: |"
        yield from (f"{pad}  {line}" if line else "" for line in value.text.rstrip("\n").split("\n"))
    elif isinstance(value, Mapping) and value:
        yield f"{pad}{name}:"
        for position, (inner, item) in enumerate(value.items()):
            if position and depth == 0:
                yield ""
            yield from _entry(inner, item, depth + 1)
    elif isinstance(value, list) and value:
        yield f"{pad}{name}:"
        for item in value:
            yield from _item(item, depth + 1)
    else:
        yield f"{pad}{name}: {_scalar(value)}"


def _item(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Mapping) and value:
        lines = [line for key, item in value.items() for line in _entry(key, item, depth + 1)]
        yield f"{pad}- {lines[0].lstrip()}"
        yield from lines[1:]
    elif isinstance(value, list):
        raise TypeError("a list in a list has no place in these templates")
    else:
        yield f"{pad}- {_scalar(value)}"


def _scalar(value: Any) -> str:
    if isinstance(value, Ref):
        return f"!Ref {value.name}"
    if isinstance(value, GetAtt):
        return f"!GetAtt {value.name}.{value.attribute}"
    if isinstance(value, Sub):
        return f"!Sub {_quoted(value.text)}"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT
        return value if plain else _quoted(value)
    if value in ({}, []):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} has no place in a template")


def _quoted(text: str) -> str:
    """JSON's strings are YAML's double-quoted ones."""
    return json.dumps(text, ensure_ascii=False)
