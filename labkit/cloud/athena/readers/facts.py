"""What must be known of a text file before DuckDB may read it the fast way."""

from __future__ import annotations

import codecs
import functools
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CHUNK = 4 * 1024 * 1024
_BLANK = re.compile(rb"\n\r?\n|\r\r")
# A line longer than this needs a bigger buffer than DuckDB's default of 2,000,000 bytes.
_LONG_LINE = 1_900_000


@dataclass(frozen=True)
class TextFacts:
    """Blank lines are rows for Hive, not for DuckDB; bytes that are not UTF-8 stop DuckDB."""

    blank_lines: bool
    utf8: bool
    longest_line: int
    backslash: bool


def compression(key: str) -> str:
    """By the object's name, as Hive does: gzip, bz2, zstd or none."""
    endings = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd", ".snappy": "snappy", ".lz4": "lz4"}
    return next((name for ending, name in endings.items() if key.lower().endswith(ending)), "none")


@functools.lru_cache(maxsize=4096)
def _facts(path: str, size: int, etag: str, packed: str) -> TextFacts:
    decoder = codecs.getincrementaldecoder("utf-8")()
    blank, utf8, longest, run, backslash, before = False, True, 0, 0, False, b"\n"
    with _opened(Path(path), packed) as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            blank = blank or _BLANK.search(before[-2:] + chunk) is not None
            backslash = backslash or b"\\" in chunk
            longest, run = _longest(chunk, longest, run)
            utf8 = utf8 and _decodes(decoder, chunk)
            before = chunk
    return TextFacts(blank, utf8, max(longest, run), backslash)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _longest(chunk: bytes, longest: int, run: int) -> tuple[int, int]:
    """Longest line so far; exact only for lines long enough to matter."""
    first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
    if first < 0:
        return longest, run + len(chunk)
    longest = max(longest, run + first)
    position = first
    while position + _LONG_LINE < last:
        following = chunk.rfind(b"\n", position + 1, position + _LONG_LINE)
        if following < 0:
            following = chunk.find(b"\n", position + _LONG_LINE)
            longest = max(longest, following - position)
        position = following
    return longest, len(chunk) - last


def text_facts(path: Path, size_bytes: int, etag: str, packed: str) -> TextFacts:
    """One pass over the file, remembered by path and ETag."""
    return _facts(str(path), size_bytes, etag, packed)


def _opened(path: Path, packed: str) -> BinaryIO:
    if packed == "gzip":
        return gzip.open(path, "rb")  # type: ignore[return-value]  # a GzipFile reads like any binary file
    return path.open("rb")


def unpacked_lines(path: Path, packed: str) -> Iterator[str]:
    """The lines of a file, whatever its compression; bytes that are not UTF-8 become U+FFFD, as in Athena."""
    import bz2

    opener = {"gzip": gzip.open, "bz2": bz2.open}.get(packed, open)
    with opener(path, "rt", encoding="utf-8", errors="replace", newline="\n") as file:  # type: ignore[operator]  # three openers, one shape
        for line in file:
            yield line.rstrip("\n").rstrip("\r")
