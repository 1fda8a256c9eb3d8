"""Names inside an archive or a folder, as their writer meant them, and as a file here may be called."""

from __future__ import annotations

import struct
import unicodedata
import zipfile
import zlib

_UTF8_MARK = 0x800
_UNICODE_PATH = 0x7075
_LONGEST_PART_BYTES = 180
_LONGEST_SHOWN = 160
_LATIN = "áéíóúüñçàèìòùâêîôûäëïöãõåøýÁÉÍÓÚÜÑÇÀÈÌÒÙÂÊÎÔÛÄËÏÖÃÕÅØÝºª€·’"


def decode_entry(entry: zipfile.ZipInfo) -> str:
    """The name of a zip's entry. Without the UTF-8 mark zipfile reads code page 437, where UTF-8, 850 or 1252 was written."""
    if entry.flag_bits & _UTF8_MARK:
        return _compose(entry.orig_filename)
    raw = entry.orig_filename.encode("cp437", "replace")
    return _read_unicode_path(entry.extra, raw) or decode_name(raw)


def decode_name(raw: bytes) -> str:
    """A name whose encoding nobody wrote down: UTF-8 if it is, else the code page that gives words a person would write."""
    try:
        return _compose(raw.decode("utf-8"))
    except UnicodeDecodeError:
        # DOS and 7-Zip write 850 (its Spanish letters are those of 437), Windows itself 1252.
        guesses = [raw.decode(encoding, "replace") for encoding in ("cp850", "cp1252")]
        return _compose(max(guesses, key=_plausibility))


def fit_part(part: str) -> str:
    """One part of a path, short enough for every file system; the suffix stays."""
    if len(part.encode()) <= _LONGEST_PART_BYTES:
        return part
    stem, dot, suffix = part.rpartition(".")
    suffix = f"{dot}{suffix}" if stem and len(suffix) <= 8 else ""
    kept = part.encode()[: _LONGEST_PART_BYTES - len(suffix.encode())].decode("utf-8", "ignore")
    return f"{kept}{suffix}"


def show_name(name: str) -> str:
    """A name that can be printed: control characters and other halves of tricks are shown as �, and it is cut."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


def _compose(name: str) -> str:
    # macOS writes ñ as n and a tilde.
    return unicodedata.normalize("NFC", name)


def _read_unicode_path(extra: bytes, raw: bytes) -> str:
    """Info-ZIP's extra field with the name in UTF-8, if it is there and of this very name."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(field) > 5 and struct.unpack("<I", field[1:5])[0] == zlib.crc32(raw):
            try:
                return _compose(field[5:].decode("utf-8"))
            except UnicodeDecodeError:
                return ""
    return ""


def _plausibility(name: str) -> int:
    """How much a decoded name looks like words: letters of our languages, and no capital inside a word ("JosÚ")."""
    score = 0
    for before, letter in zip(f" {name}", name, strict=False):
        if letter.isascii():
            continue
        score += 2 if letter in _LATIN else -3
        if letter.isupper() and before.islower():
            score -= 3
    return score
