"""Rules of a translation: every text has one, made from the source as it stands, with the same bones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from labkit.grading.editions.cells import Cell, Notebook
from labkit.grading.editions.faults import Fault
from labkit.grading.editions.places import Places
from labkit.grading.editions.previous import find_previous, render_difference
from labkit.grading.editions.regions import Unbalanced, find_regions
from labkit.grading.editions.rules_words import check_text, heading_levels, targets_of
from labkit.grading.editions.translations import SOURCE_LANGUAGE, Translation, translatable
from labkit.i18n import text

_WORD = re.compile(r"[^\W\d_]{2,}")


def check_translation(notebook: Notebook, translation: Translation, places: Places) -> Iterator[Fault]:
    """Missing words are errors; stale and orphaned ones are warnings, the stale with what changed."""
    language = translation.language
    for cell in translation.missing(notebook):
        yield Fault(notebook.name, cell.id, "notebooks.fault.missing", {"language": language})
    for cell in translation.stale(notebook):
        facts: dict[str, object] = {
            "language": language,
            "difference": _difference(cell, translation, notebook, places),
        }
        yield Fault(notebook.name, cell.id, "notebooks.fault.stale", facts, is_warning=True)
    for cell_id in translation.orphans(notebook):
        yield Fault(notebook.name, cell_id, "notebooks.fault.orphan", {"language": language}, is_warning=True)
    names = places.names()
    for cell in translatable(notebook):
        if translation.is_current(cell):
            for key, facts, is_warning in _check_words(cell, translation.words[cell.id].text, places.root, names):
                yield Fault(notebook.name, f"{cell.id} [{language}]", key, facts, is_warning)


def _check_words(cell: Cell, words: str, root: Path, names: list[str]) -> Iterator[tuple[str, dict[str, object], bool]]:
    yield from check_text(words, root, names)
    if not words.strip():
        yield "notebooks.fault.empty", {}, False
    if heading_levels(words) != heading_levels(cell.source):
        yield "notebooks.fault.other_headings", {}, False
    if len(targets_of(words)) != len(targets_of(cell.source)):
        yield "notebooks.fault.other_links", {}, True
    if _count_regions(words) != _count_regions(cell.source):
        yield "notebooks.fault.other_regions", {}, False
    if words == cell.source and len(_WORD.findall(words)) > 6:
        yield "notebooks.fault.same_words", {}, True


def _count_regions(source: str) -> int:
    try:
        return len(find_regions(source))
    except Unbalanced:
        return -1


def _difference(cell: Cell, translation: Translation, notebook: Notebook, places: Places) -> str:
    built = places.edition_of(notebook.name, SOURCE_LANGUAGE)
    before = find_previous(cell.id, translation.words[cell.id].hash, built, places.source_of(notebook.name))
    return text("notebooks.no_previous") if before is None else render_difference(before, cell.source)
