from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from labkit.names import Names
from labkit.ui.pictures import shapes
from labkit.ui.pictures.scenes import build_pictures

IMAGES = Path(__file__).parents[3] / "notebooks" / "img"
SVG = "{http://www.w3.org/2000/svg}"
INK_ON_FILL = [
    (shapes.PLAIN_INK, shapes.PLAIN),
    (shapes.PLAIN_SOFT, shapes.PLAIN),
    (shapes.PLAIN_INK, shapes.PANEL),
    (shapes.PLAIN_SOFT, shapes.PANEL),
    (shapes.LIT, shapes.PANEL),
    (shapes.LIT_INK, shapes.LIT),
    (shapes.BADGE_INK, shapes.BADGE),
]


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(("ink", "fill"), INK_ON_FILL)
def test_every_ink_is_read_on_its_fill(ink: str, fill: str) -> None:
    darker, lighter = sorted((luminance(ink), luminance(fill)))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("name", sorted(build_pictures(Names())))
def test_the_committed_picture_is_what_the_drawing_code_draws(name: str) -> None:
    assert (IMAGES / name).read_text(encoding="utf-8") == build_pictures(Names())[name]


@pytest.mark.parametrize("name", sorted(build_pictures(Names())))
def test_a_picture_is_described_and_loads_nothing(name: str) -> None:
    drawing = build_pictures(Names())[name]
    root = ElementTree.fromstring(drawing)
    assert root.findtext(f"{SVG}title")
    assert {item.get("lang") for item in root.iter(f"{SVG}desc")} == {"es", "en"}
    assert not re.search(r"<script|<foreignObject|\bon\w+=|@import|@font-face|url\((?!#)|href=", drawing)


def test_each_notebook_has_its_picture_and_no_two_are_the_same() -> None:
    pictures = build_pictures(Names())
    assert set(pictures) == {"architecture.svg", *(f"paso_{number}.svg" for number in range(9))}
    assert all(one != other for one, other in pairwise(sorted(pictures.values())))


def test_a_name_with_markup_stays_text() -> None:
    drawing = build_pictures(Names(raw_bucket="a<b>&c"))["paso_1.svg"]
    assert "a&lt;b&gt;&amp;c" in drawing
    ElementTree.fromstring(drawing)
