"""The FAQ as a page of Markdown, in one language."""

from __future__ import annotations

import html
import re

from labkit.faq.entries import SYSTEMS, Entry, Topic, load_topics, localize
from labkit.i18n import load_catalogue

# docs/<page> by language.
PAGES = {"es": "preguntas.md", "en": "faq.md"}
_NAMES = {
    "linux": "Linux",
    "macos": "macOS",
    "windows": "Windows (WSL)",
    "codespaces": "Codespaces",
    "binder": "Binder",
}


def render_page(language: str) -> str:
    """The whole page: a list of topics, then every entry with its cause, its mending and its links."""
    topics = load_topics()
    count = sum(len(topic.entries) for topic in topics)
    title = _say("help_me.page.title", language)
    lines = [
        f"# {title}",
        "",
        _say("help_me.page.about", language),
        "",
        _say("help_me.page.count", language).format(count=count, topics=len(topics)),
        "",
        *(f"- [{topic.title[language]}](#{_anchor(topic.title[language])})" for topic in topics),
        "",
    ]
    for topic in topics:
        lines += _render_topic(topic, language)
    return "\n".join(lines).rstrip("\n") + "\n"


def _render_topic(topic: Topic, language: str) -> list[str]:
    lines = [f"## {topic.title[language]}", ""]
    for entry in topic.entries:
        lines += _render_entry(entry, language)
    return lines


def _render_entry(entry: Entry, language: str) -> list[str]:
    cause, fix, more = (_say(key, language) for key in ("help_me.cause", "help_me.fix", "help_me.more"))
    lines = [
        f"### {_title(entry.title)}",
        "",
        f"**{cause}** {entry.cause[language]}",
        "",
        f"**{fix}** {entry.fix[language]}",
        "",
    ]
    own = [f"- **{_NAMES[system]}**: {entry.fixes[system][language]}" for system in SYSTEMS if system in entry.fixes]
    links = " · ".join(_link(localize(target, language)) for target in entry.links)
    lines += [*own, ""] if own else []
    return [*lines, f"{more} {links}", ""] if links else lines


def _title(words: str) -> str:
    """A heading that shows the error's characters as they are."""
    return re.sub(r"([`*_\[\]<>\\])", r"\\\1", html.unescape(words))


def _link(target: str) -> str:
    if target.startswith("docs/"):
        name = target.removeprefix("docs/")
        return f"[{name}]({name})"
    return f"<{target}>"


def _anchor(title: str) -> str:
    """As GitHub makes anchors of headings."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _say(key: str, language: str) -> str:
    return load_catalogue()[key][language]
