"""`python -m labkit.ui.pictures [FOLDER]`: draw every picture of the notebooks again (notebooks/img unless told)."""

from __future__ import annotations

import sys
from pathlib import Path

from labkit.names import Names
from labkit.ui.pictures.scenes import build_pictures


def write_pictures(folder: Path) -> list[Path]:
    """Write the pictures of the lab's own names into the folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, drawing in build_pictures(Names()).items():
        paths.append(folder / name)
        paths[-1].write_text(drawing, encoding="utf-8")
    return paths


if __name__ == "__main__":
    for path in write_pictures(Path(*sys.argv[1:2]) if sys.argv[1:] else Path("notebooks/img")):
        print(path)
