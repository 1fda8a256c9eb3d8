"""A student edition as it was handed out, whatever has become of the file that a student works in."""

from __future__ import annotations

from pathlib import Path

from labkit.errors import LabError
from labkit.grading.editions.build import render_edition
from labkit.grading.editions.cells import SUFFIX
from labkit.grading.editions.edition import STUDENT
from labkit.grading.editions.places import find_places
from labkit.grading.editions.validate import read_source
from labkit.i18n import build_lesson
from labkit.lab_files import find_lab_file

# Where `labkit release` puts a second copy of each student edition.
PACKED = Path(__file__).parents[2] / "pristine"


def read_pristine(name: str, language: str) -> bytes:
    """The file's bytes: built from its source in a clone (where the committed file is the one worked in), as shipped in a wheel,
    or as `labkit release` packed it beside the one that is worked in.

    LabError when this installation has neither.
    """
    if (find_lab_file("notebooks") / "source" / f"{name}{SUFFIX}").is_file():
        return render_edition(read_source(find_places(), name), STUDENT, language)
    packed = PACKED / language / f"{name}{SUFFIX}"
    if packed.is_file():
        return packed.read_bytes()
    path = find_lab_file("notebooks") / language / f"{name}{SUFFIX}"
    if not path.is_file():
        raise build_lesson(LabError, "error.notebook_missing", file=str(path))
    return path.read_bytes()
