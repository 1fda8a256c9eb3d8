"""The CSV that is about to be dropped: what is in it, and whether the pipeline can read it."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import DataError
from labkit.i18n import build_lesson

DELIMITERS = (",", ";", "\t", "|")
_PIECE = 1 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BINARY_MARKS = {b"PK\x03\x04": "Excel/ZIP", b"\x1f\x8b": "gzip", b"PAR1": "Parquet", b"%PDF": "PDF"}


@dataclass(frozen=True)
class CsvFile:
    """A CSV on this computer: `encoding` is "utf-8", "utf-8-sig" (with a BOM) or "cp1252"/"latin-1"; `columns` are its header."""

    path: Path
    size_bytes: int
    encoding: str
    delimiter: str
    columns: tuple[str, ...]


def inspect_csv(path: Path) -> CsvFile:
    """Read the file once (bytes and header only) and describe it.

    Errors: DataError if it is missing, empty, not text, has no header of two columns, or no row under it.
    """
    if not path.is_file():
        raise build_lesson(DataError, "error.data_missing", file=str(path))
    try:
        encoding = _find_encoding(path)
        delimiter, columns = _read_header(path, encoding)
    except OSError as error:
        raise build_lesson(DataError, "error.data_unreadable", file=str(path), reason=str(error)) from error
    return CsvFile(path, path.stat().st_size, encoding, delimiter, columns)


def match_columns(found: CsvFile, wanted: Mapping[str, str], required: tuple[str, ...]) -> dict[str, str]:
    """Return lab column → the file's own spelling of it, for every wanted column that the file has.

    `wanted` maps lab columns to names given by the user; a lab column without one is looked up by its own name. Case and
    outer spaces do not matter. Errors: DataError naming the missing columns and those found.
    """
    spelling = {name.strip().lower(): name for name in reversed(found.columns)}
    asked = {**{name: name for name in required}, **wanted}
    missing = [theirs for theirs in asked.values() if theirs.strip().lower() not in spelling]
    if missing:
        raise build_lesson(
            DataError,
            "error.columns_missing",
            file=found.path.name,
            missing=", ".join(missing),
            found=", ".join(found.columns[:40]),
            example=",".join(f"{name}=…" for name in required),
        )
    return {ours: spelling[theirs.strip().lower()] for ours, theirs in asked.items()}


def convert_to_utf8(found: CsvFile, folder: Path) -> Path:
    """Write the file again as plain UTF-8 under `folder`, in pieces, and return the copy's path."""
    copy = folder / found.path.name
    decoder = codecs.getincrementaldecoder(found.encoding)()
    with copy.open("wb") as output:
        for piece in _read_pieces(found.path):
            output.write(decoder.decode(piece).encode("utf-8"))
        output.write(decoder.decode(b"", final=True).encode("utf-8"))
    return copy


def _find_encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise build_lesson(DataError, "error.data_empty", file=path.name)
    if head.startswith(_UTF16_MARKS):
        raise build_lesson(DataError, "error.data_utf16", file=path.name)
    for mark, kind in _BINARY_MARKS.items():
        if head.startswith(mark):
            raise build_lesson(DataError, "error.data_binary", file=path.name, kind=kind)
    if any(b"\x00" in piece for piece in _read_pieces(path)):
        raise build_lesson(DataError, "error.data_binary", file=path.name, kind="NUL bytes")
    if _decodes(path, "utf-8"):
        return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    # Windows-1252 is what Excel writes in Spain and Latin America; Latin-1 takes any byte, so it is the last resort.
    return "cp1252" if _decodes(path, "cp1252") else "latin-1"


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in _read_pieces(path):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _read_header(path: Path, encoding: str) -> tuple[str, tuple[str, ...]]:
    with path.open(encoding=encoding, newline="") as file:
        header = file.readline()
        has_row = any(line.strip() for line in file)
    if not header.strip():
        raise build_lesson(DataError, "error.data_no_header", file=path.name)
    delimiter = max(DELIMITERS, key=header.count)
    columns = _split(header, delimiter)
    if len(columns) < 2:
        raise build_lesson(DataError, "error.data_one_column", file=path.name, header=header.strip()[:80])
    if not has_row:
        raise build_lesson(DataError, "error.data_only_header", file=path.name, columns=", ".join(columns[:40]))
    return delimiter, columns


def _split(header: str, delimiter: str) -> tuple[str, ...]:
    # The csv module refuses fields over 128 KB unless told otherwise, and its limit is one for the whole process.
    before = csv.field_size_limit(max(len(header), 131072))
    try:
        return tuple(name.strip() for name in next(csv.reader([header], delimiter=delimiter)))
    finally:
        csv.field_size_limit(before)
