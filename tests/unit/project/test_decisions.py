"""The index of the decisions is complete and every page has its parts."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "docs" / "decisions"


def _pages() -> list[Path]:
    return sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")


def test_the_index_lists_every_decision_and_no_other() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8").partition("## Index")[2]
    assert re.findall(r"\]\(([^)]+\.md)\)", index) == [page.name for page in _pages()]


def test_decisions_are_numbered_in_order() -> None:
    assert [page.name[:5] for page in _pages()] == [f"{number:04}-" for number in range(1, len(_pages()) + 1)]


def test_a_decision_says_what_why_and_what_else() -> None:
    parts = ("## Question", "## Choice", "## Why", "## What else was tried", "## What follows")
    texts = {page.name: page.read_text(encoding="utf-8") for page in _pages()}
    assert not [f"{name}: {part}" for name, text in texts.items() for part in parts if part not in text]
