"""`labkit notebooks`: build the editions, tell what is up to date, accept translations."""

from __future__ import annotations

import argparse
from pathlib import Path

from labkit.errors import LabError, UsageError
from labkit.grading.editions.build import (
    Outdated,
    find_leftovers,
    find_outdated,
    write_solution_editions,
    write_student_editions,
)
from labkit.grading.editions.faults import errors_of
from labkit.grading.editions.places import Places, find_places
from labkit.grading.editions.translations import accept, read_translation, write_translation
from labkit.grading.editions.validate import Source, find_faults, read_source
from labkit.i18n import LANGUAGES, build_lesson, text
from labkit.settings import Settings


def build(options: argparse.Namespace, _settings: Settings) -> int:
    """Write the editions of every sound source; exit 1 after an error, or with --check when one is out of date."""
    places = find_places()
    sources = [read_source(places, name) for name in _choose(places, options.only)]
    broken = {source.notebook.name: _tell_faults(source, places) for source in sources}
    if options.check:
        leftovers = [] if options.only else list(find_leftovers(places))
        outdated = [*(one for source in sources for one in _outdated(source, places, broken)), *leftovers]
        _tell_outdated(outdated, places, len(sources) * len(LANGUAGES))
        return 1 if outdated or sum(broken.values()) else 0
    written = _write(sources, broken, places, options)
    for path in written:
        print(text("notebooks.wrote", file=_shown(path, places)))
    if not written and not sum(broken.values()):
        print(text("notebooks.nothing_to_write", count=len(sources) * len(LANGUAGES)))
    if sum(broken.values()):
        raise build_lesson(LabError, "error.notebooks_broken", count=sum(broken.values()))
    return 0


def status(_options: argparse.Namespace, _settings: Settings) -> int:
    """Print one row a notebook."""
    from labkit.ui.notebook_status import print_status

    places = find_places()
    print_status([read_source(places, name) for name in places.names()], places)
    return 0


def stamp(options: argparse.Namespace, _settings: Settings) -> int:
    """Declare translations to be those of the source as it stands."""
    places = find_places()
    (name,) = _choose(places, [options.name])
    source = read_source(places, name)
    path = places.translation_of(name, options.language)
    translation = read_translation(path, options.language)
    stale = [cell.id for cell in translation.stale(source.notebook)]
    cells = stale if options.accept else options.cells
    write_translation(path, accept(translation, source.notebook, cells), source.notebook)
    print(text("notebooks.stamped", name=name, count=len(cells), language=options.language))
    return 0


def _choose(places: Places, only: list[str] | None) -> list[str]:
    """All names, or those asked for, which may be written with their suffix or as a number. UsageError for an unknown one."""
    names = places.names()
    chosen = []
    for wish in only or names:
        plain = Path(wish).stem
        found = [name for name in names if name == plain or (plain.isdigit() and name.startswith(f"{int(plain):02d}_"))]
        if not found:
            raise build_lesson(UsageError, "error.notebook_unknown", name=wish, known=", ".join(names) or "—")
        chosen += found
    return chosen


def _tell_faults(source: Source, places: Places) -> int:
    """Print what is wrong; the number of errors."""
    faults = find_faults(source, places)
    for fault in faults:
        print(fault.describe())
    return len(errors_of(faults))


def _outdated(source: Source, places: Places, broken: dict[str, int]) -> list[Outdated]:
    # What cannot be built cannot be compared: its errors are told instead.
    return [] if broken[source.notebook.name] else list(find_outdated(source, places))


def _tell_outdated(outdated: list[Outdated], places: Places, count: int) -> None:
    for one in outdated:
        print(_describe(one, places))
    print(text("notebooks.build_hint") if outdated else text("notebooks.up_to_date", count=count))


def _describe(one: Outdated, places: Places) -> str:
    file = _shown(one.path, places)
    if one.reason == "missing":
        return text("notebooks.outdated.missing", file=file)
    if one.reason == "leftover":
        return text("notebooks.outdated.leftover", file=file)
    if one.reason == "unreadable":
        return text("notebooks.outdated.unreadable", file=file)
    if one.cells:
        return text("notebooks.outdated.differs", file=file, cells=", ".join(one.cells))
    return text("notebooks.outdated.frame", file=file)


def _write(sources: list[Source], broken: dict[str, int], places: Places, options: argparse.Namespace) -> list[Path]:
    written: list[Path] = []
    for source in sources:
        if broken[source.notebook.name]:
            print(text("notebooks.not_written", name=source.notebook.name, count=broken[source.notebook.name]))
            continue
        # First, since it refuses a folder of the students': then nothing at all was written.
        if options.solutions is not None:
            written += write_solution_editions(source, places, options.solutions)
        written += write_student_editions(source, places, force=options.force)
    return written


def _shown(path: Path, places: Places) -> str:
    """The path from the repository's root, or as it is."""
    root = places.root.parent.resolve()
    whole = path.resolve()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(path)
