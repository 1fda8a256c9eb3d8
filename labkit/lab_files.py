"""Where the files that AWS runs are: beside the package in a clone, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from labkit.errors import LabError
from labkit.i18n import build_lesson

_PACKAGE = Path(__file__).parent


def find_lab_file(relative: str) -> Path:
    """Return the path of `etl/…`, `lambda/…` or `data/…`. LabError if this installation lacks it."""
    for root in (_PACKAGE / "shipped", _PACKAGE.parent):
        if (root / relative).exists():
            return root / relative
    raise build_lesson(LabError, "error.lab_file_missing", file=relative)
