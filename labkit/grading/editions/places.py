"""Where notebooks lie: sources in a clone, student editions in a clone and in an installed wheel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labkit.errors import LabError
from labkit.grading.editions.cells import SUFFIX
from labkit.i18n import build_lesson
from labkit.lab_files import find_lab_file


@dataclass(frozen=True)
class Places:
    """The folder `notebooks/` and what lies where in it."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def pictures(self) -> Path:
        return self.root / "img"

    def source_of(self, name: str) -> Path:
        return self.source / f"{name}{SUFFIX}"

    def translation_of(self, name: str, language: str) -> Path:
        return self.root / "translations" / language / f"{name}.json"

    def edition_of(self, name: str, language: str) -> Path:
        return self.root / language / f"{name}{SUFFIX}"

    def names(self) -> list[str]:
        """Names of the source notebooks, in the order of the lab."""
        return sorted(path.stem for path in self.source.glob(f"*{SUFFIX}"))


def find_places() -> Places:
    """The notebooks of this clone. LabError where there are no sources: an installed wheel carries the student editions only."""
    root = find_lab_file("notebooks")
    if not (root / "source").is_dir():
        raise build_lesson(LabError, "error.notebooks_no_source")
    return Places(root)


def find_notebook(step: int, language: str) -> Path:
    """The student edition of a step, in a clone or in a wheel. LabError when there is none."""
    folder = find_lab_file(f"notebooks/{language}")
    found = sorted(folder.glob(f"{step:02d}_*{SUFFIX}"))
    if not found:
        raise build_lesson(LabError, "error.notebook_of_step", step=step, language=language)
    return found[0]
