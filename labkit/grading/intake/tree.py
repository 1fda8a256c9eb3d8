"""Reading a folder that somebody filled: only regular files that can be a submission, no link followed."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from labkit.grading.intake.archive import Bounds, Refused, unpack
from labkit.grading.intake.entry_names import decode_name, fit_part, show_name
from labkit.grading.intake.kinds import is_noise, is_packed, is_wanted, is_zip


def bring_in(given: Path, inbox: Path, bounds: Bounds | None = None) -> list[Refused]:
    """Copy what can be a submission below `inbox`, zips unpacked; what was left out and why. `given` itself is not changed."""
    bounds = bounds or Bounds()
    inbox.mkdir(parents=True, exist_ok=True)
    if given.is_dir():
        return list(_bring_folder(given, inbox, bounds))
    if is_zip(given.name):
        return unpack(given, inbox, bounds)
    return list(_bring_file(given, inbox / fit_part(given.name), given.name, bounds))


def _bring_folder(given: Path, inbox: Path, bounds: Bounds) -> Iterator[Refused]:
    # A folder that may not be read is told like a file that may not.
    failed: list[OSError] = []
    for folder, folders, files in os.walk(given, onerror=failed.append):
        folders.sort()
        inside = tuple(_decode(part) for part in Path(folder).relative_to(given).parts)
        for name in [*(one for one in folders if (Path(folder) / one).is_symlink()), *sorted(files)]:
            parts = (*inside, _decode(name))
            if not is_noise(parts):
                yield from _bring_file(
                    Path(folder) / name, inbox.joinpath(*map(fit_part, parts)), "/".join(parts), bounds
                )
    for error in failed:
        yield Refused(show_name(str(error.filename)), "intake.unreadable")


def _bring_file(source: Path, target: Path, place: str, bounds: Bounds) -> Iterator[Refused]:
    try:
        found = source.lstat()
        if not stat.S_ISREG(found.st_mode):
            yield Refused(show_name(place), "intake.link")
        elif not is_wanted(target.name):
            yield Refused(
                show_name(place), "intake.other_archive" if is_packed(target.name) else "intake.not_a_notebook"
            )
        elif is_zip(target.name):
            yield from unpack(source, target.with_suffix(""), bounds, place)
        elif found.st_size > bounds.file_bytes:
            yield Refused(show_name(place), "intake.too_large")
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    except OSError:
        yield Refused(show_name(place), "intake.unreadable")


def _decode(name: str) -> str:
    return decode_name(os.fsencode(name))
