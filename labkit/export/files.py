"""Writing what was exported, and never over what somebody has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import LabError, UsageError
from labkit.i18n import build_lesson


@dataclass(frozen=True)
class Written:
    """One file; `is_new` is false when it was there with the same content."""

    path: Path
    is_new: bool


def write_files(folder: Path, files: Mapping[str, str], *, force: bool = False) -> tuple[Written, ...]:
    """Write the files by name. UsageError, before anything is written, when one is there with other content, unless `force`."""
    found = {name: _read(folder / name) for name in files}
    changed = [name for name, content in files.items() if found[name] not in (None, content.encode("utf-8"))]
    if changed and not force:
        raise build_lesson(UsageError, "error.export_changed", folder=str(folder), files=", ".join(changed))
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            is_new = found[name] != content.encode("utf-8")
            if is_new:
                (folder / name).write_bytes(content.encode("utf-8"))
            written.append(Written(folder / name, is_new))
    except OSError as error:
        raise build_lesson(LabError, "error.export_unwritable", folder=str(folder), reason=str(error)) from error
    return tuple(written)


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
