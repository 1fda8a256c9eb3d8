"""Build editions and write them: the students' into notebooks/, those with solutions anywhere but there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import LabError
from labkit.grading.editions.cells import SUFFIX, Notebook, read_notebook
from labkit.grading.editions.edition import SOLUTION, STUDENT, Edition, build_edition, render_document
from labkit.grading.editions.places import Places
from labkit.grading.editions.regions import Unbalanced
from labkit.grading.editions.validate import Source
from labkit.i18n import LANGUAGES, build_lesson


@dataclass(frozen=True)
class Outdated:
    """A committed edition that is not what its source gives: `cells` differ, if it is they that do."""

    path: Path
    reason: str
    cells: tuple[str, ...] = ()


def render_edition(source: Source, kind: str, language: str) -> bytes:
    """The bytes of one edition. LabError when the marks of a cell do not pair."""
    translation = next((one for one in source.translations if one.language == language), None)
    try:
        return render_document(build_edition(source.notebook, Edition(kind, language, translation)))
    except Unbalanced as error:
        raise build_lesson(LabError, "error.notebook_marks", notebook=source.notebook.name, line=error.line) from error


def write_student_editions(source: Source, places: Places, *, force: bool = False) -> list[Path]:
    """Write the student editions that changed; LabError rather than overwrite one that somebody worked in (`force` does)."""
    written = []
    for language in LANGUAGES:
        path = places.edition_of(source.notebook.name, language)
        words = render_edition(source, STUDENT, language)
        if path.is_file() and path.read_bytes() == words:
            continue
        if path.is_file() and not force and _was_worked_in(path):
            raise build_lesson(LabError, "error.notebook_worked_in", file=str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(words)
        written.append(path)
    return written


def write_solution_editions(
    source: Source, places: Places, folder: Path, languages: tuple[str, ...] = LANGUAGES
) -> list[Path]:
    """Write the editions with solutions to `folder`/<language>, and the pictures beside them. LabError for a folder of the students'."""
    if folder.resolve().is_relative_to(places.root.resolve()):
        raise build_lesson(LabError, "error.notebook_solutions_here", folder=str(folder), root=str(places.root))
    return write_editions(source, places, folder, SOLUTION, languages)


def write_editions(
    source: Source, places: Places, folder: Path, kind: str, languages: tuple[str, ...] = LANGUAGES
) -> list[Path]:
    """Write editions of one kind to `folder`/<language>, with the pictures that their texts show."""
    written = []
    for language in languages:
        path = folder / language / f"{source.notebook.name}{SUFFIX}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render_edition(source, kind, language))
        written.append(path)
    if places.pictures.is_dir():
        shutil.copytree(places.pictures, folder / "img", dirs_exist_ok=True)
    return written


def find_outdated(source: Source, places: Places) -> Iterator[Outdated]:
    """The committed student editions that a build would change, with the cells."""
    for language in LANGUAGES:
        path = places.edition_of(source.notebook.name, language)
        wanted = render_edition(source, STUDENT, language)
        if not path.is_file():
            yield Outdated(path, "missing")
        elif path.read_bytes() != wanted:
            yield _compare(path, wanted)


def find_leftovers(places: Places) -> Iterator[Outdated]:
    """Committed editions whose source is gone."""
    names = places.names()
    for language in LANGUAGES:
        for path in sorted((places.root / language).glob(f"*{SUFFIX}")):
            if path.stem not in names:
                yield Outdated(path, "leftover")


def _compare(path: Path, wanted: bytes) -> Outdated:
    try:
        found = read_notebook(path)
    except LabError:
        return Outdated(path, "unreadable")
    new = json.loads(wanted)["cells"]
    old = {cell.id: (cell.kind, cell.source, cell.metadata, cell.has_run) for cell in found.cells}
    ids = [cell["id"] for cell in new]
    differ = [
        cell["id"]
        for cell in new
        if old.get(cell["id"]) != (cell["cell_type"], "".join(cell["source"]), cell["metadata"], False)
    ]
    differ += [cell.id for cell in found.cells if cell.id not in ids]
    return Outdated(path, "differs", tuple(differ))


def _was_worked_in(path: Path) -> bool:
    try:
        notebook: Notebook = read_notebook(path)
    except LabError:
        return True
    return any(cell.has_run for cell in notebook.cells)
