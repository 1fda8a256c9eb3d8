"""One catalogue of the texts a person reads, in Spanish (first) and English.

The catalogue is every `labkit/locale/*.json`: key → {"es": …, "en": …}, with `str.format` fields.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from labkit.errors import LabError

LANGUAGES = ("es", "en")
_LOCALE_FOLDER = Path(__file__).parent / "locale"
_E = TypeVar("_E", bound=LabError)
_current = ["es"]


def find_language(environ: Mapping[str, str], setting: str | None = None) -> str:
    """Return "es" or "en": LABKIT_LANG, else the setting, else the locale of the shell, else Spanish."""
    for wish in (
        environ.get("LABKIT_LANG"),
        setting,
        *(environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")),
    ):
        language = (wish or "")[:2].lower()
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


def use_language(language: str) -> None:
    """Choose the language of every later `text` of this process."""
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {LANGUAGES}, not {language!r}")
    _current[0] = language


def current_language() -> str:
    """The language in use: "es" or "en"."""
    return _current[0]


@lru_cache(maxsize=1)
def load_catalogue() -> Mapping[str, Mapping[str, str]]:
    """Read every locale file once: key → language → text. A key written twice is a mistake and raises ValueError."""
    catalogue: dict[str, Mapping[str, str]] = {}
    for path in sorted(_LOCALE_FOLDER.glob("*.json")):
        for key, texts in json.loads(path.read_text(encoding="utf-8")).items():
            if key in catalogue:
                raise ValueError(f"{path.name} repeats the key {key}")
            catalogue[key] = texts
    return catalogue


def text(key: str, /, **facts: object) -> str:
    """Return the text of `key` in the current language with its facts filled in. KeyError if there is none."""
    return load_catalogue()[key][current_language()].format(**facts)


def find_text(key: str, facts: Mapping[str, object]) -> str | None:
    """Like `text`, but None for a key the catalogue lacks."""
    return text(key, **facts) if key in load_catalogue() else None


def build_lesson(kind: type[_E], key: str, /, **facts: object) -> _E:
    """Build an error of `kind` from `<key>.what`, `<key>.cause` and `<key>.next` of the catalogue."""
    parts = [find_text(f"{key}.{part}", facts) or "" for part in ("what", "cause", "next")]
    return kind(*parts, key=key, facts=facts)
