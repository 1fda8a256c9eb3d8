"""A folder for what nobody needs tomorrow (drivers at rest, their warm-up), outside the state folder.

A state folder may be deleted at any moment (`rm -rf` of a clone): nothing must be written into it while nobody asks for anything.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

_PREFIX = "labkit-"
_NOTE = "scratch"


def new_scratch(state_dir: Path) -> Path:
    """A new private folder in the system's place for such things; one that a killed process left behind is deleted."""
    note = state_dir / _NOTE
    if note.exists():
        left = Path(note.read_text(encoding="utf-8"))
        if left.parent == Path(tempfile.gettempdir()) and left.name.startswith(_PREFIX):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    note.write_text(str(folder), encoding="utf-8")
    return folder
