"""An error as a short lesson: what failed, why, what to do next."""

from __future__ import annotations

from labkit.errors import LabError
from labkit.i18n import find_text, text


def render_lesson(error: LabError) -> str:
    """Return the three parts in the user's language where the catalogue has them, as the error wrote them otherwise."""
    what = _part(error, "what") or error.what
    label = text("lesson.what")
    lines = [f"{label} {what}"]
    for part, label, fallback in (("cause", "lesson.cause", error.cause), ("next", "lesson.next", error.next_step)):
        words = _part(error, part) or fallback
        if words:
            lines.append(_indent(f"{text(label)} {words}"))
    return "\n".join(lines)


def _part(error: LabError, part: str) -> str | None:
    return find_text(f"{error.key}.{part}", error.facts) if error.key else None


def _indent(words: str) -> str:
    return "\n".join(f"  {line}" for line in words.splitlines())
