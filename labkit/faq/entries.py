"""The entries of the FAQ: files `labkit/faq/*.json`, each a topic with its entries in order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
# Where a fix may differ. WSL is Windows: labkit runs inside it.
SYSTEMS = ("linux", "macos", "windows", "codespaces", "binder")
Words = Mapping[str, str]


@dataclass(frozen=True)
class Entry:
    """One error: `title` is its text as it appears, `patterns` are regular expressions that find it, the rest is told in es and en.

    `fixes` holds what differs by system; `links` are addresses, or paths inside the repository. A general entry gives way to any other
    that the text meets ("access denied" to "iam:PassRole").
    """

    id: str
    topic: str
    title: str
    patterns: tuple[str, ...]
    cause: Words
    fix: Words
    fixes: Mapping[str, Words]
    links: tuple[str, ...]
    examples: tuple[str, ...]
    is_general: bool = False


@dataclass(frozen=True)
class Topic:
    """A group of entries with its name in both languages."""

    name: str
    title: Words
    entries: tuple[Entry, ...]


# Pages of docs/ that have a Spanish twin.
_TWINS = {
    "docs/events.md": "docs/eventos.md",
    "docs/identity.md": "docs/identidad.md",
    "docs/parity.md": "docs/paridad.md",
}


def localize(link: str, language: str) -> str:
    """The page of the reader's language, where there are two."""
    return _TWINS.get(link, link) if language == "es" else link


@lru_cache(maxsize=1)
def load_topics() -> tuple[Topic, ...]:
    """Read every file once, in the order that their `order` says."""
    documents = [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(_FOLDER.glob("*.json"))]
    documents.sort(key=lambda pair: pair[1]["order"])
    return tuple(
        Topic(name, document["title"], tuple(_read(name, item) for item in document["entries"]))
        for name, document in documents
    )


def load_entries() -> tuple[Entry, ...]:
    """Every entry of every topic."""
    return tuple(entry for topic in load_topics() for entry in topic.entries)


def _read(topic: str, item: Mapping[str, Any]) -> Entry:
    return Entry(
        id=item["id"],
        topic=topic,
        title=item["title"],
        patterns=tuple(item["patterns"]),
        cause=item["cause"],
        fix=item["fix"],
        fixes=item.get("fixes", {}),
        links=tuple(item.get("links", ())),
        examples=tuple(item["examples"]),
        is_general=bool(item.get("general", False)),
    )
