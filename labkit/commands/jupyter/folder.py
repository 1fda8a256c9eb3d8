"""The folder a student works in: the clone itself, or copies of the notebooks that an installed labkit ships."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson
from labkit.lab_files import find_lab_file

FIRST = "00_inicio"
_SHIPPED = "notebooks"
_EDITIONS = ("es", "en")
# What was copied, as it was then: a file that still has that hash was not worked on and may be replaced by a newer one.
_COPIES_FILE = ".labkit-copies.json"


@dataclass(frozen=True)
class Copied:
    """What copying did; `kept` names the files with work in them whose original has changed since."""

    new: tuple[str, ...]
    updated: tuple[str, ...]
    kept: tuple[str, ...]


def find_folder(wished: Path | None, home: Path) -> tuple[Path, bool]:
    """(the lab's folder, True when notebooks must be copied into it).

    In a clone the notebooks of the clone are the student's; an installed labkit, or `--folder`, works on copies.
    """
    shipped = find_lab_file(_SHIPPED)
    clone = shipped.parent
    if wished is not None:
        folder = wished.expanduser().absolute()
        return folder, folder != clone
    if clone.name == "shipped":
        return home / "labkit-lab", True
    return clone, False


def copy_notebooks(folder: Path) -> Copied:
    """Copy the editions and their pictures into `folder`/notebooks; a file that somebody has worked on is never replaced."""
    source = find_lab_file(_SHIPPED)
    record = folder / _SHIPPED / _COPIES_FILE
    before = _read_record(record)
    after, new, updated, kept = dict(before), [], [], []
    try:
        for path in _list_shipped(source):
            name, target = path.relative_to(source).as_posix(), folder / _SHIPPED / path.relative_to(source)
            shipped_hash = _hash(path)
            if target.exists():
                now = _hash(target)
                if now == shipped_hash or before.get(name) == shipped_hash:
                    continue
                if now != before.get(name):
                    kept.append(name)
                    continue
                updated.append(name)
            else:
                new.append(name)
            _copy(path, target)
            after[name] = shipped_hash
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(after, indent=1, sort_keys=True), encoding="utf-8")
    except OSError as error:
        raise build_lesson(
            LabError, "error.lab_folder", folder=str(folder), reason=error.strerror or str(error)
        ) from error
    return Copied(tuple(new), tuple(updated), tuple(kept))


def find_notebook(folder: Path, language: str, wished: str | None) -> Path:
    """The notebook that `wished` means: `3`, `03`, `03_crawler`, `03_crawler.ipynb` or a path; UsageError lists what there is."""
    edition = folder / _SHIPPED / language
    found = sorted(path for path in edition.glob("*.ipynb"))
    name = Path(wished).name.removesuffix(".ipynb") if wished else FIRST
    number = name.zfill(2) if name.isdigit() else None
    for path in found:
        if path.stem == name or (number is not None and path.stem.startswith(f"{number}_")):
            return path
    if wished is None and found:
        return found[0]  # somebody put 00 away
    raise build_lesson(
        UsageError, "error.lab_notebook", name=name, folder=str(edition), names=", ".join(path.stem for path in found)
    )


def _list_shipped(source: Path) -> list[Path]:
    """The files of both editions and the pictures; what Jupyter leaves behind in hidden folders is not shipped."""
    folders = [source / name for name in (*_EDITIONS, "img") if (source / name).is_dir()]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in files if not any(part.startswith(".") for part in path.relative_to(source).parts)]


def _copy(source: Path, target: Path) -> None:
    """In one step, so that a full disk leaves no half notebook."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, partial)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _read_record(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
