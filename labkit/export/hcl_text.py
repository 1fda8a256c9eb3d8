"""Terraform's language, laid out as `terraform fmt` does (developer.hashicorp.com/terraform/language/style)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Expression:
    """An expression as it is written: `var.region`, `jsonencode(…)` is a Call."""

    text: str


@dataclass(frozen=True)
class Call:
    """A function of one value."""

    function: str
    value: Any


@dataclass(frozen=True)
class Text:
    """A string of literal pieces and expressions."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True)
class Block:
    """`kind "label" { … }`; body is (name, value) pairs and blocks, `comments` stand over it."""

    kind: str
    labels: tuple[str, ...] = ()
    body: tuple[Any, ...] = ()
    comments: tuple[str, ...] = field(default=())


def write_hcl(blocks: list[Block]) -> str:
    """The text of a file; blocks are apart by an empty line."""
    return "\n".join("\n".join(_block(block, 0)) + "\n" for block in blocks)


def _block(block: Block, depth: int) -> Iterator[str]:
    pad = "  " * depth
    yield from (f"{pad}# {line}" for line in block.comments)
    head = " ".join((block.kind, *(json.dumps(label) for label in block.labels)))
    if not block.body:
        yield f"{pad}{head} {{}}"
        return
    yield f"{pad}{head} {{"
    yield from _body(block.body, depth + 1)
    yield f"{pad}}}"


def _body(body: tuple[Any, ...], depth: int) -> Iterator[str]:
    """Attributes first aligned in runs of single lines, and an empty line before each block."""
    run: list[tuple[str, str]] = []
    began = False
    for item in body:
        if isinstance(item, Block):
            yield from _aligned(run, depth)
            run = []
            if began:
                yield ""
            yield from _block(item, depth)
        else:
            name, value = item
            lines = _value(value, depth)
            if len(lines) == 1:
                run.append((name, lines[0]))
            else:
                yield from _aligned(run, depth)
                run = []
                yield f"{'  ' * depth}{name} = {lines[0]}"
                yield from lines[1:]
        began = True
    yield from _aligned(run, depth)


def _aligned(run: list[tuple[str, str]], depth: int) -> Iterator[str]:
    width = max((len(name) for name, _ in run), default=0)
    yield from (f"{'  ' * depth}{name:<{width}} = {line}" for name, line in run)


def _value(value: Any, depth: int) -> list[str]:
    """The lines of a value; all but the first are indented."""
    if isinstance(value, Expression):
        return [value.text]
    if isinstance(value, Call):
        lines = _value(value.value, depth)
        return (
            [f"{value.function}({lines[0]}", *lines[1:-1], f"{lines[-1]})"]
            if len(lines) > 1
            else [f"{value.function}({lines[0]})"]
        )
    if isinstance(value, Text):
        return [_text(value)]
    if isinstance(value, str):
        return [_quoted(value)]
    if isinstance(value, bool | int | float):
        return [json.dumps(value)]
    if isinstance(value, Mapping):
        entries = tuple((name if _NAME.fullmatch(name) else _quoted(name), item) for name, item in value.items())
        return ["{", *_body(entries, depth + 1), f"{'  ' * depth}}}"] if entries else ["{}"]
    if isinstance(value, list):
        return _list(value, depth)
    raise TypeError(f"{type(value).__name__} has no place in a configuration")


def _list(value: list[Any], depth: int) -> list[str]:
    items = [_value(item, depth + 1) for item in value]
    if all(len(item) == 1 for item in items) and sum(len(item[0]) for item in items) < 90:
        return [f"[{', '.join(item[0] for item in items)}]"]
    lines: list[str] = []
    for item in items:
        lines += [f"{'  ' * (depth + 1)}{item[0]}", *item[1:]]
        lines[-1] += ","
    return ["[", *lines, f"{'  ' * depth}]"]


def _text(value: Text) -> str:
    if len(value.parts) == 1 and isinstance(value.parts[0], Expression):
        return value.parts[0].text
    pieces = (f"${{{part.text}}}" if isinstance(part, Expression) else _quoted(part)[1:-1] for part in value.parts)
    return f'"{"".join(pieces)}"'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
