"""word_stem: Snowball's stemmers."""

from __future__ import annotations

import functools
from typing import Any

from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid
from labkit.cloud.athena.python_functions import PythonFunction, python

_LANGUAGES = {
    "ca": "catalan", "da": "danish", "de": "german", "en": "english", "es": "spanish", "eu": "basque", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "hy": "armenian", "ir": "irish", "it": "italian", "lt": "lithuanian", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip


@functools.lru_cache(maxsize=32)
def _stemmer(language: str) -> Any:
    import snowballstemmer

    if language not in _LANGUAGES:
        raise invalid(f"Unknown stemmer language: {language}")
    return snowballstemmer.stemmer(_LANGUAGES[language])


def _word_stem(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word))


def _english(call: Any) -> str:
    name = call.ctx.define(PythonFunction("py_word_stem", _word_stem, ("VARCHAR", "VARCHAR"), "VARCHAR"))
    return f"{name}({call.values[0].sql}, 'en')"


ENTRIES: list[Entry] = [
    ("word_stem(varchar(x)) -> varchar(x)", _english),
    ("word_stem(varchar(x), varchar(2)) -> varchar(x)", python(_word_stem, ("VARCHAR", "VARCHAR"), "VARCHAR")),
]
