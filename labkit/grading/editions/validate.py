"""All rules over one source notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labkit.grading.editions.cells import Notebook, read_notebook
from labkit.grading.editions.faults import Fault
from labkit.grading.editions.places import Places
from labkit.grading.editions.rules_code import check_code
from labkit.grading.editions.rules_format import check_format
from labkit.grading.editions.rules_tasks import Points, check_tasks, load_points
from labkit.grading.editions.rules_translation import check_translation
from labkit.grading.editions.rules_words import check_words
from labkit.grading.editions.translations import TRANSLATED, Translation, read_translation


@dataclass(frozen=True)
class Source:
    """A source notebook with its translations."""

    notebook: Notebook
    translations: tuple[Translation, ...]


def read_source(places: Places, name: str) -> Source:
    """Read a notebook and its translations. LabError when a file cannot be read."""
    notebook = read_notebook(places.source_of(name))
    return Source(notebook, tuple(read_translation(places.translation_of(name, one), one) for one in TRANSLATED))


def find_faults(source: Source, places: Places, registry: Mapping[str, Points] | None = None) -> list[Fault]:
    """What is wrong, errors first; `registry` is that of the step unless given."""
    notebook = source.notebook
    points = load_points(notebook.step) if registry is None else registry
    names = places.names()
    faults = [
        *check_format(notebook),
        *check_code(notebook),
        *check_words(notebook, places.root, names),
        *check_tasks(notebook, points),
    ]
    for translation in source.translations:
        faults += check_translation(notebook, translation, places)
    return sorted(faults, key=lambda fault: fault.is_warning)
