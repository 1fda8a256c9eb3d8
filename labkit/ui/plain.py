"""The text twin of what is shown: the same tree as lines for a terminal, a screen reader, or a notebook without HTML."""

from __future__ import annotations

import unicodedata

from labkit.ui.markup import make_visible
from labkit.ui.nodes import (
    Bar,
    Block,
    Card,
    Chip,
    Code,
    Details,
    Drawing,
    Inline,
    Line,
    Listing,
    Node,
    Prose,
    Quiet,
    Strong,
    Table,
)

_BAR_WIDTH = 12


def render_text(*nodes: Node) -> str:
    """The lines of these nodes, one after the other, without styles."""
    return "\n".join(line.rstrip() for node in nodes for line in _node(node))


def _node(node: Node, said: str = "") -> list[str]:
    """`said` is what stands right above: a caption that repeats it is left out."""
    if isinstance(node, Line):
        return _parts(node).split("\n")
    if isinstance(node, Listing):
        marks = [f"{place}." if node.ordered else "-" for place in range(1, len(node.entries) + 1)]
        return [f"{mark} {_parts(entry)}" for mark, entry in zip(marks, node.entries, strict=True)]
    if isinstance(node, Block):
        return _indent(make_visible(node.text).rstrip("\n").split("\n"))
    if isinstance(node, Table):
        return _table(node, bare=node.caption == said)
    if isinstance(node, Drawing):
        return [make_visible(node.alt)] if node.alt else []
    if isinstance(node, Details):
        inside = [line for child in node.content for line in _node(child, node.summary)]
        return [make_visible(node.summary), *_indent(inside)]
    return _card(node)


def _card(card: Card) -> list[str]:
    head = make_visible(card.title) + (f"  {_inline(card.chip)}" if card.chip else "")
    return [head, *_indent([line for child in card.content for line in _node(child, card.title)])]


def _table(table: Table, *, bare: bool) -> list[str]:
    cells = [[_cell(cell) for cell in row] for row in table.rows]
    grid = [[make_visible(name) for name in table.headers], *cells]
    widths = [max(_width(row[place]) for row in grid if place < len(row)) for place in range(len(table.headers))]
    lines = [
        "  ".join(_pad(cell, widths[place], place in table.numeric) for place, cell in enumerate(row)) for row in grid
    ]
    rule = "  ".join("-" * width for width in widths)
    body = [lines[0], rule, *lines[1:]]
    return body if bare else [make_visible(table.caption), *_indent(body)]


def _cell(cell: Inline | Line) -> str:
    return (_parts(cell) if isinstance(cell, Line) else _inline(cell)).replace("\n", " ")


def _parts(found: Line) -> str:
    return " ".join(_inline(part) for part in found.parts)


def _inline(part: Inline) -> str:
    if isinstance(part, str):
        return make_visible(part)
    if isinstance(part, Chip):
        return f"{part.symbol} {make_visible(part.word)}"
    if isinstance(part, (Code, Strong, Quiet)):
        return make_visible(part.words)
    if isinstance(part, Prose):
        return "".join(_inline(span) for span in part.spans)
    return _bar(part)


def _bar(bar: Bar) -> str:
    full = round(max(0.0, min(1.0, bar.share)) * _BAR_WIDTH)
    return f"{'█' * full}{'·' * (_BAR_WIDTH - full)} {make_visible(bar.words)}"


def _indent(lines: list[str]) -> list[str]:
    return [f"  {line}" if line else line for line in lines]


def _width(words: str) -> int:
    return sum(
        2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in words if not unicodedata.combining(sign)
    )


def _pad(words: str, width: int, right: bool) -> str:
    space = " " * max(0, width - _width(words))
    return space + words if right else words + space
