"""A whole HTML document around what `labkit.ui.markup` renders: language, landmarks, headings, and a policy that lets nothing in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.i18n import current_language
from labkit.ui.markup import escape, render_nodes
from labkit.ui.nodes import Node
from labkit.ui.palette import build_style

_RULES = Path(__file__).parent / "page.css"
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Section:
    """A part of a page with its heading; `place` is its address inside the page, `html` what stands in it (already escaped)."""

    place: str
    title: str
    html: str


def build_document(
    title: str, lead: str, sections: Sequence[Section], foot: str, *, rules: str = "", script: str = ""
) -> str:
    """The document's text. `lead` and `foot` are HTML; `script` is ours and the only one that the page's policy lets run."""
    policy = [
        "default-src 'none'",
        "img-src data:",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
        policy.append(f"script-src 'sha256-{digest}'")
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape("; ".join(policy))}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="robots" content="noindex">',
        f"<title>{escape(title)}</title>",
        f"<style>{build_style()}{_RULES.read_text(encoding='utf-8')}{rules}</style>",
    ]
    body = [
        f"<main><h1>{escape(title)}</h1>{lead}{_build_menu(sections)}",
        *(_build_section(section) for section in sections),
        f"</main><footer>{foot}</footer>",
        f"<script>{script}</script>" if script else "",
    ]
    language = current_language()
    return f'<!doctype html>\n<html lang="{language}"><head>{"".join(head)}</head>\n<body class="lk">{"".join(body)}</body></html>\n'


def _build_menu(sections: Sequence[Section]) -> str:
    if len(sections) < 3:
        return ""
    entries = "".join(f'<li><a href="#{escape(one.place)}">{escape(one.title)}</a></li>' for one in sections)
    return f"<nav><ul>{entries}</ul></nav>"


def _build_section(section: Section) -> str:
    place = escape(section.place)
    return f'<section aria-labelledby="{place}">\n<h2 id="{place}">{escape(section.title)}</h2>\n{section.html}</section>\n'


def build_section(place: str, title: str, *nodes: Node) -> Section:
    """A section of nodes."""
    return Section(place, title, render_nodes(*nodes))


def heading(words: str) -> str:
    """A heading below a section's own."""
    return f"<h3>{escape(words)}</h3>\n"


def cut_name(words: str) -> str:
    """A name of anything, in one line of bearable length."""
    flat = " ".join(words.split())
    return flat if len(flat) <= _LONGEST_NAME else f"{flat[:_LONGEST_NAME]}…"
