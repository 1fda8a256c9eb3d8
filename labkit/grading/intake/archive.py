"""Unpacking what strangers packed: every entry is judged before a byte of it is written."""

from __future__ import annotations

import shutil
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Bounds:
    """How much one archive may hold: bytes of a file and of all files, number of files, archives inside archives."""

    file_bytes: int = 200_000_000
    total_bytes: int = 2_000_000_000
    files: int = 5_000
    depth: int = 4
    # What compresses better than this is no notebook: zeros made to fill a disk.
    ratio: int = 400


class _Budget:
    """What is left of the bounds while an archive and those inside it are unpacked."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.bytes = bounds.total_bytes
        self.files = bounds.files


@dataclass(frozen=True)
class Refused:
    """An entry that was not unpacked: its name as it stands in the archive, and why (key of the catalogue)."""

    name: str
    reason: str


def unpack(archive: Path, target: Path, bounds: Bounds | None = None) -> list[Refused]:
    """Unpack a zip, and the zips in it, below `target`; return what was refused. Never raises for a hostile or broken archive.

    Links, absolute paths, `..`, devices and encrypted entries are refused; so is what goes beyond the bounds, counted by the bytes
    that really come out and not by what the archive says of itself.
    """
    budget = _Budget(bounds or Bounds())
    return list(_unpack(archive, target, budget, budget.bounds.depth, archive.name))


def _unpack(archive: Path, target: Path, budget: _Budget, depth: int, shown: str) -> Iterator[Refused]:
    if depth == 0:
        yield Refused(shown, "intake.too_deep")
        return
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            for entry in entries:
                yield from _unpack_entry(opened, entry, target, budget, depth)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, RuntimeError):
        yield Refused(shown, "intake.broken_zip")


def _unpack_entry(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, budget: _Budget, depth: int
) -> Iterator[Refused]:
    name = _decode(entry)
    reason = _judge(entry, name, budget)
    if reason:
        yield Refused(name, reason)
        return
    path = target.joinpath(*_parts(name))
    if not _is_inside(path, target):
        yield Refused(name, "intake.outside")
        return
    budget.files -= 1
    reason = _write(opened, entry, path, budget)
    if reason:
        path.unlink(missing_ok=True)
        yield Refused(name, reason)
    elif path.suffix.lower() == ".zip":
        inner = path.with_suffix("")
        yield from _unpack(path, inner, budget, depth - 1, name)
        path.unlink(missing_ok=True)


def _decode(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: without the UTF-8 mark zipfile reads code page 437, where Windows and macOS wrote UTF-8 or Latin-1."""
    if entry.flag_bits & 0x800:
        return unicodedata.normalize("NFC", entry.filename)
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp850"):
        try:
            return unicodedata.normalize("NFC", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return unicodedata.normalize("NFC", entry.filename)


def _judge(entry: zipfile.ZipInfo, name: str, budget: _Budget) -> str:
    """Why the entry may not be unpacked ("" when it may)."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "intake.link"
    if (
        "\x00" in name
        or PurePosixPath(name).is_absolute()
        or ".." in _parts(name)
        or (len(name) > 1 and name[1] == ":")
    ):
        return "intake.outside"
    if entry.flag_bits & 0x1:
        return "intake.encrypted"
    if budget.files <= 0:
        return "intake.too_many"
    if entry.file_size > budget.bounds.file_bytes:
        return "intake.too_large"
    if entry.file_size > 1_000_000 and entry.file_size > entry.compress_size * budget.bounds.ratio:
        return "intake.bomb"
    return ""


def _parts(name: str) -> list[str]:
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]


def _is_inside(path: Path, target: Path) -> bool:
    return path.resolve().is_relative_to(target.resolve()) and path != target


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, budget: _Budget) -> str:
    """Write the entry; "" or why it was given up."""
    written = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, path.open("xb") as file:
            while piece := source.read(_CHUNK):
                written += len(piece)
                budget.bytes -= len(piece)
                if written > budget.bounds.file_bytes or budget.bytes < 0:
                    return "intake.too_large"
                file.write(piece)
    except FileExistsError:
        return "intake.twice"
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, RuntimeError, EOFError):
        return "intake.broken_zip"
    return ""


def copy_tree(source: Path, target: Path) -> list[Refused]:
    """Copy a folder without following a link; return the links that were left out."""
    refused: list[Refused] = []

    def skip_links(folder: str, names: list[str]) -> set[str]:
        links = {name for name in names if (Path(folder) / name).is_symlink()}
        refused.extend(Refused(str((Path(folder) / name).relative_to(source)), "intake.link") for name in sorted(links))
        return links

    shutil.copytree(source, target, ignore=skip_links, dirs_exist_ok=True)
    return refused
