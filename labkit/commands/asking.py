"""A question that a person at a terminal answers with yes or no."""

from __future__ import annotations

_YES = ("s", "si", "sí", "y", "yes")


def agrees(question: str) -> bool:
    """Ask, and tell whether the answer was a yes of either language; anything else is a no."""
    return input(f"{question} ").strip().lower() in _YES
