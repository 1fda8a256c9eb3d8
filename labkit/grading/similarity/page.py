"""The report as one HTML page: pairs, and their answers side by side. It shows; it judges nobody."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.grading.pages.document import Section, build_document, build_section
from labkit.grading.similarity.compare import Alike, Pair
from labkit.i18n import text
from labkit.ui.markup import escape, render_nodes
from labkit.ui.nodes import Block, Table, line

MOST_PAIRS = 100
_MOST_CELLS = 12
_LONGEST = 6_000
_RULES = (
    ".pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:1rem}"
    "@media(max-width:50rem){.pair{grid-template-columns:minmax(0,1fr)}}"
)


def build_page(pairs: Sequence[Pair], students: int, threshold: float) -> str:
    """The page in the language of now."""
    shown = pairs[:MOST_PAIRS]
    lead = render_nodes(
        line(text("similarity.what_it_is")),
        line(text("similarity.what_counts")),
        line(text("similarity.found", pairs=len(pairs), students=students, share=f"{threshold:.0%}")),
    )
    sections = [_build_table(shown)] if shown else []
    sections += [_build_pair(number, pair) for number, pair in enumerate(shown, 1)]
    if len(pairs) > len(shown):
        lead += render_nodes(line(text("similarity.cut", shown=len(shown))))
    foot = render_nodes(line(text("similarity.talk")))
    return build_document(text("similarity.title"), lead, sections, foot, rules=_RULES)


def _build_table(pairs: Sequence[Pair]) -> Section:
    headers = (
        text("similarity.column_number"),
        text("similarity.column_one"),
        text("similarity.column_other"),
        text("similarity.column_share"),
        text("similarity.column_cells"),
    )
    rows = tuple(
        (str(number), *pair.students, f"{pair.share:.0%}", ", ".join(alike.cell for alike in pair.cells[:3]))
        for number, pair in enumerate(pairs, 1)
    )
    return build_section(
        "pairs", text("similarity.pairs"), Table(text("similarity.pairs"), headers, rows, frozenset({3}))
    )


def _build_pair(number: int, pair: Pair) -> Section:
    title = text("similarity.pair", number=number, one=pair.students[0], other=pair.students[1])
    parts = [_build_cell(pair, alike) for alike in pair.cells[:_MOST_CELLS]]
    return Section(f"pair-{number}", title, "".join(parts))


def _build_cell(pair: Pair, alike: Alike) -> str:
    halves = "".join(
        f"<div><p>{escape(student)}</p>{render_nodes(Block(_cut(words), f'{student} · {alike.cell}'))}</div>"
        for student, words in zip(pair.students, alike.texts, strict=True)
    )
    heading = text("similarity.cell", cell=alike.cell, share=f"{alike.share:.0%}")
    return f'<h3>{escape(heading)}</h3><div class="pair">{halves}</div>'


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}\n…"
