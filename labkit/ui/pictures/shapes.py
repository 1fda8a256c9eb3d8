"""SVG pieces in one style: boxes with a title and a name, arrows with a word, numbered badges.

Only plain SVG 1.1 without scripts or fonts of its own: notebooks load the files with <img>. Every text stands on a fill of
its own with a contrast of at least 4.5:1, because the page around it may be light or dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

PANEL = "#f4f7fb"
PANEL_EDGE = "#7b8ca3"
PLAIN = "#ffffff"
PLAIN_EDGE = "#5b6b80"
PLAIN_INK = "#1f2d3d"
PLAIN_SOFT = "#44546a"
LIT = "#0b4f8a"
LIT_EDGE = "#062c4f"
LIT_INK = "#ffffff"
BADGE = "#ffc94d"
BADGE_INK = "#1f2d3d"
FONT = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
MONO = "ui-monospace, Menlo, Consolas, 'Liberation Mono', monospace"


@dataclass(frozen=True)
class Box:
    """A part of the pipeline: its service in bold, and up to two lines with the names of its resources."""

    key: str
    x: int
    y: int
    width: int
    height: int
    title: str
    lines: tuple[str, ...] = ()
    icon: str = ""


@dataclass(frozen=True)
class Arrow:
    """A line through `points` with a head at its end; `words` stand at `place` in the middle of the gap."""

    key: str
    points: tuple[tuple[int, int], ...]
    words: tuple[str, ...] = ()
    place: tuple[int, int] = (0, 0)


def draw_box(box: Box, badge: str, lit: bool) -> str:
    """The box; filled and numbered when it is the notebook's part."""
    fill, edge, ink, soft = (LIT, LIT_EDGE, LIT_INK, LIT_INK) if lit else (PLAIN, PLAIN_EDGE, PLAIN_INK, PLAIN_SOFT)
    left = box.x + (58 if box.icon else 16)
    top = box.y + box.height // 2 - 9 * len(box.lines) + 6
    size = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="10"'
    parts = [f'<rect {size} fill="{fill}" stroke="{edge}" stroke-width="{3 if lit else 1.5}"/>']
    if box.icon:
        parts.append(
            f'<g transform="translate({box.x + 14},{box.y + box.height // 2 - 17})" fill="none" stroke="{ink}" '
            f'stroke-width="2.2" stroke-linejoin="round" stroke-linecap="round">{ICONS[box.icon]}</g>'
        )
    # A wide font (DejaVu, on a Linux without others) takes about two thirds of its size for each bold letter.
    fits = int((box.x + box.width - 6 - left) / (0.68 * max(1, len(box.title))))
    parts.append(draw_text(left, top, box.title, ink, size=min(17, fits), bold=True))
    parts += [
        draw_text(left, top + 19 * (place + 1), line, soft, size=12, mono=True) for place, line in enumerate(box.lines)
    ]
    if lit and badge:
        parts.append(draw_badge(box.x + box.width - 4, box.y + 4, badge))
    return "".join(parts)


def draw_arrow(arrow: Arrow, lit: bool, badge: str = "") -> str:
    """The arrow; thick and blue when it is the notebook's part."""
    colour, width = (LIT, 4) if lit else (PLAIN_EDGE, 2)
    path = "M" + " L".join(f"{x} {y}" for x, y in arrow.points)
    head = "lit" if lit else "plain"
    parts = [f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" marker-end="url(#head-{head})"/>']
    x, y = arrow.place
    parts += [
        draw_text(x, y + 15 * place, word, LIT if lit else PLAIN_SOFT, size=12, middle=True, bold=lit)
        for place, word in enumerate(arrow.words)
    ]
    if lit and badge:
        parts.append(draw_badge(x, y - 26, badge))
    return "".join(parts)


def draw_badge(x: int, y: int, number: str) -> str:
    """The number of the notebook in a circle: what is lit is not told by colour alone."""
    circle = f'<circle cx="{x}" cy="{y}" r="14" fill="{BADGE}" stroke="{BADGE_INK}" stroke-width="2"/>'
    return circle + draw_text(x, y + 5, number, BADGE_INK, size=15, middle=True, bold=True)


def draw_text(
    x: int, y: int, words: str, colour: str, *, size: int, bold: bool = False, middle: bool = False, mono: bool = False
) -> str:
    """One line of text with its baseline at y."""
    style = (' font-weight="700"' if bold else "") + (' text-anchor="middle"' if middle else "")
    family = f' font-family="{MONO}"' if mono else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{style}{family}>{escape(words)}</text>'


def draw_frame(x: int, y: int, width: int, height: int, title: str) -> str:
    """A dashed frame around several boxes, with its title in the upper edge."""
    box = (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="14" fill="none" stroke="{PLAIN_EDGE}" '
        f'stroke-width="2" stroke-dasharray="7 5"/>'
    )
    return box + draw_text(x + 16, y + 24, title, PLAIN_INK, size=14, bold=True)


def draw_picture(
    width: int, height: int, title: str, described: Sequence[tuple[str, str]], parts: Sequence[str]
) -> str:
    """The whole file: panel, arrow heads, parts; `described` are (language, sentence)."""
    told = "".join(f'<desc lang="{language}">{escape(sentence)}</desc>\n' for language, sentence in described)
    heads = "".join(
        f'<marker id="head-{name}" viewBox="0 0 10 10" refX="8.5" refY="5" markerWidth="{size}" markerHeight="{size}" '
        f'orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{colour}"/></marker>'
        for name, colour, size in (("plain", PLAIN_EDGE, 6), ("lit", LIT, 4))
    )
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="{FONT}">\n<title>{escape(title)}</title>\n{told}<defs>{heads}</defs>\n'
        f'<rect x="1" y="1" width="{width - 2}" height="{height - 2}" rx="16" fill="{PANEL}" stroke="{PANEL_EDGE}" '
        f'stroke-width="1.5"/>\n{body}\n</svg>\n'
    )


# Each icon fills about 34 × 34 units and takes the ink of its box.
ICONS = {
    "bucket": '<ellipse cx="17" cy="7" rx="14" ry="4.5"/><path d="M3 7 L7 30 Q17 34 27 30 L31 7"/>',
    "function": '<path d="M8 4 h5 l12 27 h5 M16 14 L6 31"/>',
    "spark": (
        '<circle cx="17" cy="17" r="6"/>'
        '<path d="M17 3 v6 M17 25 v6 M3 17 h6 M25 17 h6 M7 7 l4 4 M23 23 l4 4 M27 7 l-4 4 M11 23 l-4 4"/>'
    ),
    "table": '<rect x="3" y="5" width="28" height="25" rx="2"/><path d="M3 13 h28 M3 21.5 h28 M13 5 v25"/>',
    "lens": '<circle cx="14" cy="14" r="10"/><path d="M22 22 L31 31"/>',
    "key": '<circle cx="10" cy="12" r="7"/><path d="M15 17 L30 31 M25 26 l4 -4 M21 22.5 l3.5 -3.5"/>',
    "chart": '<path d="M4 3 v28 h28 M10 26 v-8 M17 26 v-15 M24 26 v-11"/>',
    "laptop": '<rect x="6" y="6" width="23" height="16" rx="2"/><path d="M1 28 h33"/>',
    "cloud": '<path d="M9 28 a7 7 0 0 1 0 -14 a9 9 0 0 1 17 -1 a7.5 7.5 0 0 1 0 15 z"/>',
    "check": '<path d="M4 18 L13 27 L31 7"/>',
    "page": '<path d="M7 3 h14 l7 7 v21 h-21 z M21 3 v7 h7 M12 16 h11 M12 22 h11"/>',
    "scale": '<path d="M17 4 v26 M8 31 h18 M5 9 h24 M5 9 l-4 11 h8 z M29 9 l-4 11 h8 z"/>',
}
