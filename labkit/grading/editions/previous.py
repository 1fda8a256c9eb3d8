"""What a source cell said when it was translated: the built edition still has it, or the repository's history does."""

from __future__ import annotations

import difflib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from labkit.errors import LabError
from labkit.grading.editions.cells import read_notebook
from labkit.grading.editions.translations import hash_text

_MOST_COMMITS = 50


def find_previous(cell_id: str, wanted_hash: str, built: Path, source: Path) -> str | None:
    """The text of a cell that has this hash, from the built edition or from git; None when neither knows it."""
    for text in (*_in_built(cell_id, built), *_in_history(cell_id, source)):
        if hash_text(text) == wanted_hash:
            return text
    return None


def render_difference(before: str, after: str) -> str:
    """Both texts as a unified diff, its headers left out."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return "\n".join(list(lines)[2:])


def _in_built(cell_id: str, built: Path) -> Iterator[str]:
    try:
        cell = read_notebook(built).find(cell_id)
    except LabError:
        return
    if cell is not None:
        yield cell.source


def _in_history(cell_id: str, source: Path) -> Iterator[str]:
    commits = _git(source.parent, "log", f"-{_MOST_COMMITS}", "--format=%H", "--", source.name)
    for commit in (commits or "").split():
        shown = _git(source.parent, "show", f"{commit}:./{source.name}")
        try:
            cells = json.loads(shown or "{}").get("cells", [])
        except ValueError:
            continue
        for cell in cells:
            if cell.get("id") == cell_id:
                yield "".join(cell.get("source", ""))


def _git(folder: Path, *words: str) -> str | None:
    """What git prints, or None: no git here, no repository, no such file."""
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
