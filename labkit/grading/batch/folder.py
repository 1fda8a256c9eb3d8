"""The folder of a batch: one batch at a time works in it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labkit.errors import LabError
from labkit.i18n import build_lesson


def make_folder(folder: Path) -> None:
    """Make it if need be. LabError when it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise build_lesson(LabError, "error.out_unwritable", folder=str(folder), reason=reason) from error


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the folder, made if need be. LabError when another batch does, or when it cannot be written to.

    The lock is the kernel's: it ends with the process, however that ended.
    """
    make_folder(folder)
    try:
        file = (folder / "lock").open("a")
    except OSError as error:
        reason = error.strerror or str(error)
        raise build_lesson(LabError, "error.out_unwritable", folder=str(folder), reason=reason) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise build_lesson(LabError, "error.grade_running", folder=str(folder)) from error
        yield
