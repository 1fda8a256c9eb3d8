"""What objects show: HTML and its text twin from one tree, safe whatever is in it, readable on light and dark ground."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from labkit import i18n
from labkit.ui.markup import render_html
from labkit.ui.nodes import (
    SYMBOLS,
    TONES,
    Bar,
    Block,
    Card,
    Chip,
    Code,
    Details,
    Line,
    Listing,
    Node,
    Prose,
    Quiet,
    Strong,
    Table,
    line,
    rows,
)
from labkit.ui.palette import DARK, DARK_GROUNDS, LIGHT, LIGHT_GROUNDS, build_style, contrast
from labkit.ui.plain import render_text
from labkit.ui.plot_style import ON_DARK, ON_LIGHT, PlotStyle

HOSTILE = '<img src=x onerror="alert(1)">&\'"</td></div><script>1</script>'


class Reader(HTMLParser):
    """Tags, their attributes, and the words a person sees."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def read(*nodes: Node) -> Reader:
    reader = Reader()
    reader.feed(render_html(*nodes))
    assert reader.open == []
    return reader


def everything(words: str) -> Card:
    parts = line(words, Code(words), Strong(words), Quiet(words), Prose(words), Chip(words, "bad"), Bar(0.5, words))
    table = Table(words, (words, "n"), rows((words, Bar(2.0, words)), (parts, Code(words))), frozenset({1}), keyed=True)
    return Card(
        words,
        (parts, Listing((parts,), ordered=True), Block(words, words, wraps=True), Details(words, (table,))),
        Chip(words, "run"),
    )


def test_no_text_becomes_markup() -> None:
    reader = read(everything(HOSTILE))
    assert {tag for tag, _ in reader.tags} <= {
        "div", "style", "p", "span", "code", "strong", "ol", "ul", "li", "pre", "details", "summary", "table", "caption", "thead",
        "tbody", "tr", "th", "td", "br",
    }  # fmt: skip
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    assert "".join(reader.words).count(HOSTILE) == 30


def test_signs_that_steer_a_terminal_or_turn_a_line_are_written_out() -> None:
    card = everything("a\x1b[31mb\u202ec\r\n")
    for shown in (render_text(card), render_html(card)):
        assert "\\x1b[31mb\\u202ec" in shown
        assert not re.search("[\x1b\u202e\r]", shown)


def test_nothing_is_fetched_and_nothing_has_an_id() -> None:
    reader = read(everything("x"))
    assert not any({"id", "href", "src", "for"} & set(attributes) for _, attributes in reader.tags)
    assert not re.search(r"url\(|@import|https?:|<script", render_html(everything("x")))


@pytest.mark.parametrize(
    ("words", "html", "plain"),
    [
        ("`rows` sigue sin valor (`...`)", "<code>rows</code> sigue sin valor (<code>...</code>)", "rows sigue sin valor (...)"),
        ("borra **toda** la carpeta", "borra <strong>toda</strong> la carpeta", "borra toda la carpeta"),
        ("`a**b**c` y `<b>`", "<code>a**b**c</code> y <code>&lt;b&gt;</code>", "a**b**c y <b>"),
        ("una ` suelta y 2 ** 3 ** 4", "una ` suelta y 2 ** 3 ** 4", "una ` suelta y 2 ** 3 ** 4"),
        ("f(**{'a': 1}) **si**", "f(**{&#x27;a&#x27;: 1}) <strong>si</strong>", "f(**{'a': 1}) si"),
    ],
)  # fmt: skip
def test_prose_draws_its_spans_and_leaves_what_is_none(words: str, html: str, plain: str) -> None:
    assert f"<p>{html}</p>" in render_html(line(Prose(words)))
    assert render_text(line(Prose(words))) == plain


def test_the_language_of_display_is_said() -> None:
    i18n.use_language("en")
    assert read(line("x")).tags[0][1]["lang"] == "en"
    i18n.use_language("es")
    assert read(line("x")).tags[0][1]["lang"] == "es"


def test_the_twin_says_every_word_that_the_html_says() -> None:
    card = Card(
        "Título",
        (line("uno", Code("s3://x/ñ")), Table("tabla", ("a", "b"), rows(("c", "d"), ("e", Chip("f", "good"))))),
        Chip("g", "bad"),
    )
    html = " ".join("".join(f" {words} " for words in read(card).words).split())
    for word in ("Título", "uno", "s3://x/ñ", "tabla", "a", "b", "c", "d", "e", "✓", "f", "✗", "g"):
        assert f" {word} " in f" {html} "
        assert word in render_text(card)


def test_a_caption_that_repeats_its_title_is_seen_once_and_still_heard() -> None:
    card = Card("Registro", (Table("Registro", ("a",), rows(("b",))),))
    assert render_text(card).count("Registro") == 1
    assert "<caption class=lk-unseen>Registro</caption>" in render_html(card)


def test_columns_stand_under_each_other_whatever_the_width_of_letters() -> None:
    told = render_text(Table("t", ("nombre", "n"), rows(("año", "7"), ("日本", "12")), frozenset({1})))
    assert told.splitlines()[1:] == ["  nombre   n", "  ------  --", "  año      7", "  日本    12"]


def test_a_table_has_headers_and_boxes_that_scroll_can_be_reached_and_have_names() -> None:
    reader = read(everything("x"))
    scopes = [attributes.get("scope") for tag, attributes in reader.tags if tag == "th"]
    assert scopes == ["col", "col", "row", "row"]
    reached = [attributes for _, attributes in reader.tags if attributes.get("tabindex") == "0"]
    assert len(reached) == 2
    assert all(attributes["aria-label"] for attributes in reached)


@pytest.mark.parametrize("tone", TONES)
def test_no_state_is_told_by_colour_alone(tone: str) -> None:
    assert f"{SYMBOLS[tone]} palabra" in render_text(line(Chip("palabra", tone)))
    assert SYMBOLS[tone] in "".join(read(line(Chip("palabra", tone))).words)
    assert len(set(SYMBOLS.values())) == len(TONES)


@pytest.mark.parametrize(("tones", "grounds"), [(LIGHT, LIGHT_GROUNDS), (DARK, DARK_GROUNDS)])
def test_every_colour_of_text_can_be_read_on_every_ground(tones: dict[str, str], grounds: tuple[str, ...]) -> None:
    assert min(contrast(colour, ground) for colour in tones.values() for ground in grounds) >= 4.5


@pytest.mark.parametrize("style", [ON_LIGHT, ON_DARK])
def test_every_colour_of_a_plot_stands_out_from_its_ground(style: PlotStyle) -> None:
    assert min(contrast(colour, style.ground) for colour in (style.ink, *style.series)) >= 4.5


def test_contrast_is_wcags_ratio() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_a_page_that_says_its_theme_wins_over_the_readers_system() -> None:
    style = build_style()
    dark_system = style.index("prefers-color-scheme:dark")
    assert dark_system < style.index('[data-jp-theme-light="true"]') < style.index('[data-jp-theme-light="false"]')
    used = set(re.findall(r"var\((--lk-[\w-]+)", style))
    assert used - {"--lk-tone"} <= set(re.findall(r"(--lk-[\w-]+):", style))


def test_line_leaves_out_what_is_empty() -> None:
    assert line("a", "", Code("b")) == Line(("a", Code("b")))
