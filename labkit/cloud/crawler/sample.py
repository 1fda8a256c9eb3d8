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

from labkit.cloud.crawler.snappy_stream import FRAMING_MAGIC, SnappyStream, is_hadoop_snappy

SAMPLE_BYTES = 1 << 20  # AWS reads a sample too; 1 MB holds some 20,000 sales lines
DEEP_SAMPLE_BYTES = 32 << 20  # only when one record is longer than the first sample
_BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)
_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (FRAMING_MAGIC, "snappy"),
)
# Compressions that the crawler's documentation does not list: such a file is binary data to it.
NOT_CLASSIFIED = ((b"\x28\xb5\x2f\xfd", "Zstandard"), (b"\xfd7zXZ\0", "XZ"), (b"\x1f\x9d", "compress"))


class UnreadableFile(Exception):
    """A file that names itself a format and is broken; the text says what and why."""


class NotClassified(Exception):
    """A sound file of a kind that no classifier reads; the text says why."""


@dataclass(frozen=True)
class Sample:
    """``data``: uncompressed bytes from the start; ``complete``: that is all of it.

    ``consumed_bytes`` are those read on disk, so size on disk / consumed x len(data) estimates the uncompressed size.
    """

    data: bytes
    complete: bool
    compression: str
    consumed_bytes: int


def read_sample(path: Path, limit_bytes: int = SAMPLE_BYTES, name: str = "") -> Sample:
    """Return up to ``limit_bytes`` of content; UnreadableFile when a compressed stream is broken, NotClassified for an
    archive of several files.

    ``name`` is the object's: Hadoop's snappy has no mark of its own and is known by ``.snappy``.
    """
    with path.open("rb") as file:
        head = file.read(16)
        compression = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "none")
        hadoop = compression == "none" and is_hadoop_snappy(head, path, name)
        compression = "snappy" if hadoop else compression
        file.seek(0)
        try:
            with _open(file, compression, hadoop=hadoop) as stream:
                data = _read(stream, limit_bytes)
                complete = len(data) < limit_bytes or not stream.read(1)
                consumed = path.stat().st_size if complete else max(file.tell(), 1)
        except _BROKEN as error:
            raise UnreadableFile(f"the {compression} data is corrupt or cut short ({error})") from error
        return Sample(data, complete, compression, consumed)


def _read(stream: Any, limit_bytes: int) -> bytes:
    """Some streams return less than asked for although there is more."""
    parts, left = [], limit_bytes
    while left > 0 and (part := stream.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _open(file: IO[bytes], compression: str, *, hadoop: bool) -> Any:
    if compression == "gzip":
        return gzip.GzipFile(fileobj=file)
    if compression == "bzip2":
        return bz2.BZ2File(file)
    if compression == "zip":
        return _single_member(file)
    if compression == "snappy":
        return SnappyStream(file, hadoop=hadoop)
    if compression == "lz4":
        from pyarrow import CompressedInputStream, PythonFile

        return CompressedInputStream(PythonFile(file, mode="r"), "lz4")
    return nullcontext(file)


def _single_member(file: IO[bytes]) -> IO[bytes]:
    # AWS reads ZIP "for archives containing only a single file".
    archive = zipfile.ZipFile(file)
    members = [name for name in archive.namelist() if not name.endswith("/")]
    if len(members) != 1:
        raise NotClassified(f"a ZIP archive must hold one file to be classified, this one holds {len(members)}")
    return archive.open(members[0])
