"""What a browser would make of a page: the tags with their attributes, and the text outside of them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser


@dataclass
class Page(HTMLParser):
    html: str
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    misnested: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "img", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misnested.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @cached_property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def find(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def heading_levels(self) -> list[int]:
        return [int(name[1]) for name, _ in self.tags if name in ("h1", "h2", "h3", "h4")]


def assert_sound(page: Page, *, scripts: int = 0) -> None:
    """Nothing runs, nothing is loaded, and everything is where a reader looks for it."""
    assert not page.misnested
    assert not page.open
    assert len(page.find("script")) == scripts
    for _, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert not attributes.get("href", "").startswith(("javascript:", "http:", "https:", "//"))
        assert attributes.get("src", "data:").startswith("data:")
    assert not {"iframe", "object", "embed", "link", "form", "base"} & {name for name, _ in page.tags}
    assert all(image["alt"] for image in page.find("img"))
    policy = next(one["content"] for one in page.find("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert ("script-src 'sha256-" in policy) == bool(scripts)
    assert "unsafe-eval" not in policy
    assert page.find("html")[0]["lang"] in ("es", "en")
    levels = page.heading_levels
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(page.find("main")) == 1
    assert len(page.find("title")) == 1
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert not any(sign in page.html for sign in ("\x1b", "\x00", "\u202e"))
