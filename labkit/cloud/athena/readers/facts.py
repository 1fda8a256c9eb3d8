"""What must be known of a text file before DuckDB may read it the fast way."""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.readers.packing import compression, unpacked

_BLANK = re.compile(rb"\n\r?\n|\r\r")
_LONE_RETURN = re.compile(rb"\r[^\n]")
# A line longer than this needs a bigger buffer than DuckDB's default of 2,000,000 bytes.
LONG_LINE = 1_900_000


@dataclass(frozen=True)
class TextFacts:
    """Blank lines are rows for Hive, not for DuckDB. ``utf8``: nothing is in the file that DuckDB reads otherwise than Hive,
    such as bytes that are not UTF-8, a NUL, or a CR alone, which ends a line for Hive.
    """

    blank_lines: bool
    utf8: bool
    longest_line: int
    backslash: bool


@functools.lru_cache(maxsize=4096)
def _facts(path: str, size: int, etag: str, packed: str, name: str) -> TextFacts:
    decoder = codecs.getincrementaldecoder("utf-8")()
    blank, utf8, longest, run, backslash, before = False, True, 0, 0, False, b"\n"
    returns = False
    for chunk in unpacked(Path(path), packed, name):
        blank = blank or _BLANK.search(before[-2:] + chunk) is not None
        returns = returns or (b"\r" in chunk and _LONE_RETURN.search(before[-1:] + chunk) is not None)
        backslash = backslash or b"\\" in chunk
        longest, run = _longest(chunk, longest, run)
        utf8 = utf8 and b"\0" not in chunk and _decodes(decoder, chunk)
        before = chunk
    return TextFacts(blank, utf8 and not returns and not before.endswith(b"\r"), max(longest, run), backslash)


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
    while position + LONG_LINE < last:
        following = chunk.rfind(b"\n", position + 1, position + LONG_LINE)
        if following < 0:
            following = chunk.find(b"\n", position + LONG_LINE)
            longest = max(longest, following - position)
        position = following
    return longest, len(chunk) - last


def text_facts(one: Any) -> TextFacts:
    """One pass over an object's text, remembered by path and ETag."""
    return _facts(str(one.path), one.size_bytes, one.etag, compression(one.key), f"s3://{one.bucket}/{one.key}")


def encoding_of(parameters: Any) -> str:
    """serialization.encoding as Python's codec, utf-8 when there is none."""
    name = parameters.get("serialization.encoding", "utf-8").strip() or "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise not_supported(f"serialization.encoding = '{name}'") from None


def text_lines(one: Any, encoding: str = "utf-8") -> Iterator[str]:
    """The lines of an object, whatever its compression; bytes that are no text become U+FFFD, as in Athena."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    rest, first = "", True
    for chunk in unpacked(one.path, compression(one.key), f"s3://{one.bucket}/{one.key}"):
        piece = decoder.decode(chunk)
        if first:
            piece, first = piece.removeprefix("\ufeff"), False
        piece = rest + piece
        # A CR LF may be cut in two: a CR at the end waits for what follows.
        held = piece.endswith("\r")
        *lines, rest = _ended(piece[:-1] if held else piece).split("\n")
        rest += "\r" if held else ""
        yield from lines
    rest += decoder.decode(b"", final=True)
    if rest:
        yield from _ended(rest).removesuffix("\n").split("\n")


def _ended(text: str) -> str:
    """LF at the end of every line, whether it was LF, CR LF or CR."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
