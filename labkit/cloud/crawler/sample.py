"""Read the beginning of a file, uncompressed, never more than asked for."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SAMPLE_BYTES = 1 << 20  # AWS reads a sample too; 1 MB holds some 20,000 sales lines
DEEP_SAMPLE_BYTES = 32 << 20  # only when one record is longer than the first sample
_BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class UnreadableFile(Exception):
    """A file that names itself a format and is broken; the text says what and why."""


@dataclass(frozen=True)
class Sample:
    """``data``: uncompressed bytes from the start; ``complete``: that is all of it.

    ``consumed_bytes`` are those read on disk, so size on disk / consumed x len(data) estimates the uncompressed size.
    """

    data: bytes
    complete: bool
    compression: str
    consumed_bytes: int


def read_sample(path: Path, limit_bytes: int = SAMPLE_BYTES) -> Sample:
    """Return up to ``limit_bytes`` of content; UnreadableFile when a compressed stream is broken."""
    with path.open("rb") as file:
        compression = _compression(file.read(4))
        file.seek(0)
        try:
            with _open(file, compression) as stream:
                data = stream.read(limit_bytes)
                complete = not stream.read(1)
        except _BROKEN as error:
            raise UnreadableFile(f"the {compression} data is corrupt or cut short ({error})") from error
        return Sample(data, complete, compression, max(file.tell(), 1))


def _compression(head: bytes) -> str:
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:3] == b"BZh":
        return "bzip2"
    return "zip" if head == b"PK\x03\x04" else "none"


def _open(file: IO[bytes], compression: str) -> Any:
    if compression == "gzip":
        return gzip.GzipFile(fileobj=file)
    if compression == "bzip2":
        return bz2.BZ2File(file)
    if compression == "zip":
        return _single_member(file)
    return nullcontext(file)


def _single_member(file: IO[bytes]) -> IO[bytes]:
    # AWS reads ZIP "for archives containing only a single file".
    archive = zipfile.ZipFile(file)
    members = [name for name in archive.namelist() if not name.endswith("/")]
    if len(members) != 1:
        raise zipfile.BadZipFile(f"a ZIP archive must hold one file to be crawled, this one holds {len(members)}")
    return archive.open(members[0])
