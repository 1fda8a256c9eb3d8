"""HTML of what is shown: the one place where it is written and where text is escaped.

Build a tree of `labkit.ui.nodes` and give it to `render_html` (`labkit.ui.plain.render_text` makes the twin); a class that derives from
`labkit.ui.shown.Shown` gets both. No ids, scripts or addresses: the same HTML stands in JupyterLab, in an export and beside itself.
"""

from __future__ import annotations

import html
import re

from labkit.i18n import current_language
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
from labkit.ui.palette import build_style

# Control characters would steer a terminal; the others turn the direction of a line or hide in it.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def render_html(*nodes: Node) -> str:
    """One self-contained piece of HTML in the language of now, with its style."""
    return f'<div class="lk" lang="{current_language()}"><style>{build_style()}</style>{render_nodes(*nodes)}</div>'


def render_nodes(*nodes: Node) -> str:
    """The same without box and style, for a page that has them itself (its body is of the class `lk`)."""
    return "".join(_node(node) for node in nodes)


def escape(text: str) -> str:
    """Text for HTML, also inside an attribute; what cannot be seen is written out."""
    return html.escape(make_visible(text), quote=True)


def make_visible(text: str) -> str:
    """The text with control and direction characters written as escapes; carriage returns are dropped."""
    return _UNSEEN.sub(lambda found: "" if found[0] == "\r" else _spell(found[0]), text)


def _spell(sign: str) -> str:
    return f"\\x{ord(sign):02x}" if ord(sign) < 256 else f"\\u{ord(sign):04x}"


def _node(node: Node, said: str = "") -> str:
    """`said` is what stands right above: a caption that repeats it is there for those who listen only."""
    if isinstance(node, Line):
        return f"<p>{_parts(node)}</p>"
    if isinstance(node, Listing):
        tag = "ol" if node.ordered else "ul"
        return f"<{tag}>" + "".join(f"<li>{_parts(entry)}</li>" for entry in node.entries) + f"</{tag}>"
    if isinstance(node, Block):
        return _block(node)
    if isinstance(node, Table):
        return _table(node, unseen=node.caption == said)
    if isinstance(node, Drawing):
        return node.html
    if isinstance(node, Details):
        inside = "".join(_node(child, node.summary) for child in node.content)
        return f"<details{' open' if node.open else ''}><summary>{escape(node.summary)}</summary>{inside}</details>"
    return _card(node)


def _card(card: Card) -> str:
    chip = f" {_inline(card.chip)}" if card.chip else ""
    head = f'<p class="lk-title">{escape(card.title)}{chip}</p>'
    inside = "".join(_node(child, card.title) for child in card.content)
    return f'<div class="lk-card lk-{card.edge}" role="group" aria-label="{escape(card.title)}">{head}{inside}</div>'


def _block(block: Block) -> str:
    # A box that scrolls must be reachable by keyboard and have a name.
    label = escape(block.label or block.text.strip().partition("\n")[0][:60])
    wrap = ' class="lk-wrap"' if block.wraps else ""
    return f'<pre{wrap} tabindex="0" role="group" aria-label="{label}">{escape(block.text)}</pre>'


def _table(table: Table, *, unseen: bool) -> str:
    heads = "".join(
        f'<th scope="col"{_side(table, place)}>{escape(name)}</th>' for place, name in enumerate(table.headers)
    )
    body = "".join(
        "<tr>" + "".join(_cell(table, place, cell) for place, cell in enumerate(row)) + "</tr>" for row in table.rows
    )
    label = escape(table.caption)
    caption = f"<caption{' class=lk-unseen' if unseen else ''}>{label}</caption>"
    inside = f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="lk-scroll" tabindex="0" role="group" aria-label="{label}">{inside}</div>'


def _cell(table: Table, place: int, cell: Inline | Line) -> str:
    inside = _parts(cell) if isinstance(cell, Line) else _inline(cell)
    if table.keyed and place == 0:
        return f'<th scope="row"{_side(table, place)}>{inside}</th>'
    return f"<td{_side(table, place)}>{inside}</td>"


def _side(table: Table, place: int) -> str:
    return ' class="lk-number"' if place in table.numeric else ""


def _parts(found: Line) -> str:
    return " ".join(_inline(part) for part in found.parts)


def _inline(part: Inline) -> str:
    if isinstance(part, str):
        return escape(part).replace("\n", "<br>")
    if isinstance(part, Chip):
        return f'<span class="lk-chip lk-{part.tone}"><span aria-hidden="true">{part.symbol}</span> {escape(part.word)}</span>'
    if isinstance(part, Code):
        return f"<code>{escape(part.words)}</code>"
    if isinstance(part, Strong):
        return f"<strong>{escape(part.words)}</strong>"
    if isinstance(part, Quiet):
        return f'<span class="lk-quiet">{escape(part.words)}</span>'
    if isinstance(part, Prose):
        return "".join(_inline(span) for span in part.spans)
    return _bar(part)


def _bar(bar: Bar) -> str:
    percent = max(0.0, min(1.0, bar.share)) * 100
    drawn = f'<span class="lk-bar" aria-hidden="true"><span style="width:{percent:.1f}%"></span></span>'
    return f'<span class="lk-figure">{drawn}{escape(bar.words)}</span>'
