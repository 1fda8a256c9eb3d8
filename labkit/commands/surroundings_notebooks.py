"""Facts of the notebooks: which are there, can be read, and hold work of the student's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.errors import LabError
from labkit.lab_files import find_lab_file

_EDITIONS = ("es", "en")


@dataclass(frozen=True)
class Notebooks:
    """Names such as `es/03_crawler`."""

    count: int
    edited: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


def find_notebooks(folder: Path) -> Notebooks:
    """Compare the folder's notebooks with those that were shipped (with git's last commit in a clone)."""
    shipped = _list_shipped(folder)
    edited, missing, broken = [], [], []
    for name, original in shipped.items():
        path = folder / "notebooks" / f"{name}.ipynb"
        if not path.is_file():
            missing.append(name)
            continue
        cells = _read_cells(path.read_bytes())
        if cells is None:
            broken.append(name)
        elif original is not None and cells != _read_cells(original):
            edited.append(name)
    return Notebooks(len(shipped), tuple(edited), tuple(missing), tuple(broken))


def _list_shipped(folder: Path) -> dict[str, bytes | None]:
    """name → the original's bytes, None where it cannot be known (an unpacked archive without git)."""
    try:
        source = find_lab_file("notebooks")
    except LabError:
        return {}
    if source.resolve() == (folder / "notebooks").resolve():
        return _read_from_git(folder)
    if not (folder / "notebooks").is_dir():
        return {}
    paths = [path for edition in _EDITIONS for path in sorted((source / edition).glob("*.ipynb"))]
    return {f"{path.parent.name}/{path.stem}": path.read_bytes() for path in paths}


def _read_from_git(folder: Path) -> dict[str, bytes | None]:
    """What the last commit holds; only the files that git sees as changed are read from it."""
    import subprocess

    def git(*words: str) -> bytes | None:
        try:
            done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout if done.returncode == 0 else None

    paths = [f"notebooks/{edition}" for edition in _EDITIONS]
    listed = git("ls-files", "-z", "--", *paths)
    changed = git("diff", "--name-only", "-z", "HEAD", "--", *paths)
    if listed is None or changed is None:
        here = [path for edition in _EDITIONS for path in sorted((folder / "notebooks" / edition).glob("*.ipynb"))]
        return {f"{path.parent.name}/{path.stem}": None for path in here}
    names = [name for name in listed.decode("utf-8").split("\0") if name.endswith(".ipynb")]
    different = set(changed.decode("utf-8").split("\0"))
    return {
        name.removeprefix("notebooks/").removesuffix(".ipynb"): git("show", f"HEAD:{name}")
        if name in different
        else None
        for name in names
    }


def _read_cells(content: bytes) -> list[tuple[Any, str]] | None:
    """(cell id, source) of each cell: running a notebook changes outputs and metadata, which is no work. None: unreadable."""
    try:
        cells = json.loads(content)["cells"]
        return [(cell.get("id"), "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
