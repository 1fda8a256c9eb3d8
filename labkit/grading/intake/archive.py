"""Unpacking what strangers packed: every entry is judged before a byte of it is written, and only what can be a submission is written."""

from __future__ import annotations

import os
import stat
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from labkit.grading.intake.entry_names import decode_entry, fit_part, show_name
from labkit.grading.intake.kinds import is_noise, is_packed, is_wanted, is_zip

_CHUNK = 1 << 20
_LONGEST_PATH = 1_000


@dataclass(frozen=True)
class Bounds:
    """How much may come out: bytes of a file, of one archive and of all it lies in; files; archives inside archives.

    An archive inside another has its own bounds (`inner_bytes`, `inner_files`), so that one student's cannot use up the class's.
    """

    file_bytes: int = 200_000_000
    total_bytes: int = 8_000_000_000
    files: int = 20_000
    inner_bytes: int = 300_000_000
    inner_files: int = 2_000
    depth: int = 5


@dataclass(frozen=True)
class Refused:
    """An entry that was not unpacked: its place as it can be printed, and why (key of the catalogue)."""

    name: str
    reason: str


class _Budget:
    """What is left while an archive is unpacked; what an inner one uses is used of the outer ones too."""

    def __init__(self, bounds: Bounds, outer: _Budget | None = None) -> None:
        self.bounds = bounds
        self.bytes = bounds.inner_bytes if outer else bounds.total_bytes
        self.files = bounds.inner_files if outer else bounds.files
        self.taken: dict[str, int] = outer.taken if outer else {}
        self._outer = outer

    def take(self, size_bytes: int, files: int = 0) -> str:
        """Use some; "" or why there is not enough."""
        self.bytes -= size_bytes
        self.files -= files
        above = self._outer.take(size_bytes, files) if self._outer else ""
        if self.bytes < 0:
            return "intake.too_large"
        return "intake.too_many" if self.files < 0 else above


def unpack(archive: Path, target: Path, bounds: Bounds | None = None, shown: str = "") -> list[Refused]:
    """Unpack a zip, and the zips in it, below `target`; return what was refused. Never raises for a hostile or broken archive.

    Links, absolute paths, `..`, devices and encrypted entries are refused; so is what goes beyond the bounds, counted by the bytes
    that really come out and not by what the archive says of itself. `shown` is what the archive is called in what is returned.
    """
    budget = _Budget(bounds or Bounds())
    return list(_unpack(archive, target, budget, budget.bounds.depth, shown))


def _unpack(archive: Path, target: Path, budget: _Budget, depth: int, shown: str) -> Iterator[Refused]:
    if depth == 0:
        yield Refused(show_name(shown or archive.name), "intake.too_deep")
        return
    try:
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist():
                if entry.is_dir():
                    continue
                yield from _unpack_entry(opened, entry, target, budget, depth, shown)
                if budget.files < 0 or budget.bytes < 0:
                    # One line for all that follow; there may be millions.
                    return
    except Exception:  # noqa: BLE001 - whatever zipfile raises at what a stranger packed
        yield Refused(show_name(shown or archive.name), "intake.broken_zip")


def _unpack_entry(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, budget: _Budget, depth: int, shown: str
) -> Iterator[Refused]:
    name = decode_entry(entry)
    parts = _parts(name)
    place = f"{shown}/{name}" if shown else name
    if reason := _judge(entry, name, budget.bounds):
        yield Refused(show_name(place), reason)
        return
    if is_noise(parts):
        return
    if not is_wanted(parts[-1]):
        yield Refused(show_name(place), "intake.other_archive" if is_packed(parts[-1]) else "intake.not_a_notebook")
        return
    if reason := budget.take(0, files=1):
        yield Refused(show_name(shown or opened.filename or place), reason)
        return
    path = _free_path(target.joinpath(*map(fit_part, parts)), budget.taken)
    if reason := _write(opened, entry, path, budget):
        _remove(path)
        yield Refused(show_name(place), reason)
    elif is_zip(path.name):
        yield from _unpack(path, path.with_suffix(""), _Budget(budget.bounds, budget), depth - 1, place)
        _remove(path)


def _judge(entry: zipfile.ZipInfo, name: str, bounds: Bounds) -> str:
    """Why the entry may not be unpacked ("" when it may)."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "intake.link"
    plain = name.replace("\\", "/")
    has_drive = len(plain) > 1 and plain[1] == ":"
    if "\x00" in entry.orig_filename or PurePosixPath(plain).is_absolute() or has_drive or ".." in plain.split("/"):
        return "intake.outside"
    if not _parts(name) or len(name) > _LONGEST_PATH:
        return "intake.bad_name"
    if entry.flag_bits & 0x1:
        return "intake.encrypted"
    return "intake.too_large" if entry.file_size > bounds.file_bytes else ""


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))


def _free_path(path: Path, taken: dict[str, int]) -> Path:
    """The path, or one beside it: two entries of one name, or names that only differ in case, are two files on every system."""
    count = taken[str(path).casefold()] = taken.get(str(path).casefold(), 0) + 1
    return path if count == 1 else _free_path(path.with_name(f"{path.stem} ({count}){path.suffix}"), taken)


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, budget: _Budget) -> str:
    """Write the entry; "" or why it was given up."""
    written = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, path.open("xb") as file:
            while piece := source.read(_CHUNK):
                written += len(piece)
                if written > budget.bounds.file_bytes:
                    return "intake.too_large"
                if reason := budget.take(len(piece)):
                    return reason
                file.write(piece)
        # The archive's own time, since of two files for one notebook the later one counts.
        moment = time.mktime((*entry.date_time, 0, 0, -1))
        os.utime(path, (moment, moment))
    except (OverflowError, OSError, ValueError) as error:
        return "" if path.is_file() and path.stat().st_size == entry.file_size else _explain(error)
    except Exception:  # noqa: BLE001 - zlib.error, BadZipFile, EOFError: a stranger's bytes
        return "intake.broken_entry"
    return ""


def _explain(error: Exception) -> str:
    return "intake.disk_full" if isinstance(error, OSError) and error.errno == 28 else "intake.broken_entry"


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
