"""One zip with everything in it: the same contents give the same bytes."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

FOLDER = "labkit-lab"
# The earliest a zip can say. A clock in a release would make each one another file.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_PROGRAMS = ("start",)


def write_release(path: Path, contents: Mapping[str, bytes]) -> None:
    """Write the zip whole or not at all; everything lies in one folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, content in sorted(contents.items()):
                entry = zipfile.ZipInfo(f"{FOLDER}/{name}", _MOMENT)
                entry.create_system = 3
                entry.external_attr = (0o100755 if name in _PROGRAMS else 0o100644) << 16
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
