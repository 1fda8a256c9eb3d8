"""Colours that can be read on light and on dark ground, and the style sheet that every shown object carries with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

# Contrast against every ground below is at least 4.5:1 (WCAG AA for text); a test computes it.
LIGHT: Mapping[str, str] = {
    "text": "#1b1b1b", "quiet": "#545454", "good": "#116329", "bad": "#a8101a", "warn": "#714700", "run": "#0b4f8a", "idle": "#545454",
    "note": "#1b1b1b",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "text": "#f3f3f3", "quiet": "#d0d0d0", "good": "#86e39d", "bad": "#ffb3ae", "warn": "#f7cb6b", "run": "#a5d2ff", "idle": "#d0d0d0",
    "note": "#f3f3f3",
}  # fmt: skip
# Grounds: ours where the page has no theme, and those of JupyterLab's light, dark and high-contrast themes.
LIGHT_GROUNDS = ("#ffffff", "#f2f2f2", "#eeeeee")
DARK_GROUNDS = ("#1c1c1c", "#2d2d2d", "#111111", "#212121", "#424242")

_GROUND = {
    "surface": ("--jp-layout-color1", "#ffffff", "#1c1c1c"),
    "raised": ("--jp-layout-color2", "#f2f2f2", "#2d2d2d"),
}
_EDGE = ("#8a8a8a", "#8f8f8f")
_RULES = Path(__file__).parent / "shown.css"


@lru_cache(maxsize=1)
def build_style() -> str:
    """The rules. JupyterLab and its exports say which theme they wear; a page that does not say follows the reader's system."""
    return "".join(
        [
            f".lk{{{_variables(LIGHT, 0)}}}",
            f"@media (prefers-color-scheme:dark){{.lk{{{_variables(DARK, 1)}}}}}",
            f'[data-jp-theme-light="true"] .lk,body.vscode-light .lk{{{_variables(LIGHT, 0)}}}',
            f'[data-jp-theme-light="false"] .lk,body.vscode-dark .lk{{{_variables(DARK, 1)}}}',
            _RULES.read_text(encoding="utf-8").replace("\n", ""),
        ]
    )


def _variables(tones: Mapping[str, str], place: int) -> str:
    colours = [f"--lk-{name}:{colour}" for name, colour in tones.items() if name != "note"]
    grounds = [f"--lk-{name}:var({found[0]},{found[1 + place]})" for name, found in _GROUND.items()]
    # Of the two pictures of a plot, the one for this ground.
    pictures = f"--lk-on-light:{('inline', 'none')[place]};--lk-on-dark:{('none', 'inline')[place]}"
    return ";".join([*colours, *grounds, f"--lk-edge:{_EDGE[place]}", pictures])


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours written #rrggbb: from 1 (the same) to 21 (black and white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
