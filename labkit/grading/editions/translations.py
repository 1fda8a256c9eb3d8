"""Translations of a notebook's words: one JSON file a language, keyed by cell id, each with the hash of what was translated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from labkit.errors import LabError
from labkit.grading.editions.cells import Cell, Notebook, read_json
from labkit.i18n import LANGUAGES, build_lesson

SOURCE_LANGUAGE = LANGUAGES[0]
TRANSLATED = LANGUAGES[1:]


@dataclass(frozen=True)
class Words:
    """The translation of one cell; `hash` is that of the source it was made from."""

    hash: str
    text: str


@dataclass(frozen=True)
class Translation:
    """All words of one notebook in one language, by cell id."""

    language: str
    words: Mapping[str, Words]

    def is_current(self, cell: Cell) -> bool:
        """True when the cell is translated and its source is the one that was."""
        found = self.words.get(cell.id)
        return found is not None and found.hash == hash_text(cell.source)

    def missing(self, notebook: Notebook) -> list[Cell]:
        """Cells with words that nobody translated."""
        return [cell for cell in translatable(notebook) if cell.id not in self.words]

    def stale(self, notebook: Notebook) -> list[Cell]:
        """Cells whose source changed after they were translated."""
        cells = [cell for cell in translatable(notebook) if cell.id in self.words]
        return [cell for cell in cells if not self.is_current(cell)]

    def orphans(self, notebook: Notebook) -> list[str]:
        """Ids of translations whose cell is gone, or is no text any more."""
        known = {cell.id for cell in translatable(notebook)}
        return [cell_id for cell_id in self.words if cell_id not in known]


def hash_text(source: str) -> str:
    """SHA-256 of a cell's source, as hex digits."""
    return hashlib.sha256(source.encode()).hexdigest()


def translatable(notebook: Notebook) -> list[Cell]:
    """The cells that hold words: the markdown. Code is the same in every language."""
    return [cell for cell in notebook.cells if cell.kind == "markdown"]


def read_translation(path: Path, language: str) -> Translation:
    """Read one file of translations; no file is no words. LabError when it cannot be read as one."""
    if not path.is_file():
        return Translation(language, {})
    document = read_json(path)
    if not isinstance(document, dict) or not all(_is_words(item) for item in document.values()):
        raise build_lesson(LabError, "error.translation_shape", file=path.name)
    words = {name: Words(item["hash"], item["text"]) for name, item in document.items()}
    return Translation(language, words)


def accept(translation: Translation, notebook: Notebook, cell_ids: Iterable[str]) -> Translation:
    """The same words, declared to be those of the source as it stands now. LabError for a cell without a translation."""
    words = dict(translation.words)
    for cell_id in cell_ids:
        cell = notebook.find(cell_id)
        if cell is None or cell_id not in words:
            raise build_lesson(
                LabError,
                "error.translation_unknown",
                cell=cell_id,
                notebook=notebook.name,
                language=translation.language,
            )
        words[cell_id] = replace(words[cell_id], hash=hash_text(cell.source))
    return replace(translation, words=words)


def write_translation(path: Path, translation: Translation, notebook: Notebook) -> None:
    """Write the words in the order of the notebook's cells, orphans last, so that a diff shows what changed and no more."""
    order = [cell.id for cell in translatable(notebook)]
    names = sorted(translation.words, key=lambda name: (order.index(name) if name in order else len(order), name))
    words = translation.words
    document = {name: {"hash": words[name].hash, "text": words[name].text} for name in names}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _is_words(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("hash"), str) and isinstance(item.get("text"), str)
