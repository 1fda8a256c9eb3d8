"""A student edition as it was handed out, whatever has been written in its file since."""

from __future__ import annotations

from labkit.errors import LabError
from labkit.grading.editions.build import render_edition
from labkit.grading.editions.cells import SUFFIX
from labkit.grading.editions.edition import STUDENT
from labkit.grading.editions.places import Places
from labkit.grading.editions.validate import read_source
from labkit.i18n import build_lesson
from labkit.lab_files import find_lab_file


def read_pristine(name: str, language: str) -> bytes:
    """The bytes of the edition: built from its source in a clone, the shipped file in an installation without sources."""
    root = find_lab_file("notebooks")
    places = Places(root)
    if places.source_of(name).is_file():
        return render_edition(read_source(places, name), STUDENT, language)
    shipped = root / language / f"{name}{SUFFIX}"
    if not shipped.is_file():
        raise build_lesson(LabError, "error.lab_file_missing", file=f"notebooks/{language}/{name}{SUFFIX}")
    return shipped.read_bytes()
