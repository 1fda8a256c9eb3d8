"""Unpacks a function's zip and its layers, once for each content."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import sys
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.cloud.call import AwsError
from labkit.cloud.functions.bootstrap import PROVIDED
from labkit.cloud.functions.kept import Archive

# AWS's quota for the unzipped deployment package with its layers.
_MAX_UNZIPPED_BYTES = 262_144_000
_lock = threading.Lock()


@dataclass(frozen=True)
class Package:
    """An unpacked function: `task` is /var/task, `opt` is /opt (None without layers)."""

    task: Path
    opt: Path | None

    @property
    def import_paths(self) -> list[str]:
        """In AWS's order: the function's own folder, then the layers' Python folders."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        layer = (
            [] if self.opt is None else [self.opt / "python" / "lib" / version / "site-packages", self.opt / "python"]
        )
        return [str(self.task), *(str(path) for path in layer)]

    @property
    def shown_as(self) -> list[tuple[str, str]]:
        """Local folders and the names they have on AWS, which is how logs show them."""
        pairs = [(str(self.task), "/var/task")]
        return pairs if self.opt is None else [*pairs, (str(self.opt), "/opt")]

    @property
    def brings_boto3(self) -> bool:
        """Whether the package has its own copy of something that a pre-started worker has imported already."""
        return any(_has_module(Path(folder), name) for folder in self.import_paths for name in PROVIDED)


def unpack(code: Archive, layers: Sequence[Archive], root: Path) -> Package:
    """Unpack below `root` unless it is there; AwsError InvalidZipFileException when a zip is broken or reaches outside."""
    with _lock:
        task = _unpack_all([code], root)
        opt = _unpack_all(layers, root) if layers else None
    return Package(task, opt)


def _unpack_all(archives: Sequence[Archive], root: Path) -> Path:
    # A later layer overwrites an earlier one, so the folder depends on all of them and on their order.
    name = hashlib.sha256("\n".join(archive.sha256 for archive in archives).encode()).hexdigest()[:32]
    folder = root / name
    if folder.is_dir():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="unpacking-", dir=root))
    try:
        for archive in archives:
            _extract(archive.body, scratch)
        scratch.chmod(0o755)
        os.replace(scratch, folder)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return folder


def _extract(body: bytes, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _check_members(archive, folder)
            links = [member for member in archive.infolist() if _is_link(member)]
            for member in archive.infolist():
                if member in links:
                    continue
                path = Path(archive.extract(member, folder))
                # zipfile drops the permission bits; a packaged program needs its x.
                mode = member.external_attr >> 16
                if mode & stat.S_IXUSR and path.is_file():
                    path.chmod(0o755)
            # Last, so that no file is written through one.
            for member in links:
                _link(folder, folder / member.filename, archive.read(member).decode())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise _bad_zip(str(error)) from None


def _is_link(member: zipfile.ZipInfo) -> bool:
    """`zip --symlinks` packs links as files that hold their targets."""
    return stat.S_ISLNK(member.external_attr >> 16)


def _link(folder: Path, path: Path, target: str) -> None:
    """Make a link of a package; a later layer's takes the place of an earlier layer's file."""
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{path.name} would be a link outside of the function's folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        raise ValueError(f"{path.name} is both a folder and a link")
    path.symlink_to(target)


def _check_members(archive: zipfile.ZipFile, folder: Path) -> None:
    size_bytes = sum(member.file_size for member in archive.infolist())
    if size_bytes > _MAX_UNZIPPED_BYTES:
        raise _bad_zip(f"Unzipped size must be smaller than {_MAX_UNZIPPED_BYTES} bytes, it is {size_bytes}")
    inside = folder.resolve()
    for member in archive.infolist():
        if not (inside / member.filename).resolve().is_relative_to(inside):
            raise _bad_zip(f"{member.filename} would be unpacked outside of the function's folder")


def _bad_zip(cause: str) -> AwsError:
    return AwsError(
        "InvalidZipFileException",
        f"Could not unzip uploaded file. Please check your file, then try to upload again. ({cause})",
        502,
    )


def _has_module(folder: Path, name: str) -> bool:
    return (folder / name).is_dir() or (folder / f"{name}.py").is_file()
