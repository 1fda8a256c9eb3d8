"""Whole lines of text files as one DuckDB column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.readers.facts import encoding_of, text_facts, text_lines
from labkit.cloud.athena.readers.files import FileSet, path_list
from labkit.cloud.athena.readers.packing import compression

# A separator no text holds: the line then is one column.
_WHOLE_LINE = "E'\\x01\\x02\\x03\\x04'"
# What DuckDB unpacks by itself.
_NATIVE = {"none": "none", "gzip": "gzip", "zstd": "zstd"}
_COPIED = "copied"
_NUL = "\U0010fffe"


def header_lines(files: FileSet) -> int:
    """skip.header.line.count."""
    counts = {}
    for name in ("skip.header.line.count", "skip.footer.line.count"):
        found = files.parameters.get(name, "0").strip() or "0"
        counts[name] = int(found) if found.lstrip("-").isdigit() else 0
    if counts["skip.footer.line.count"] > 0:
        raise not_supported("skip.footer.line.count")
    return max(counts["skip.header.line.count"], 0)


def plain(one: Any, encoding: str) -> bool:
    """May DuckDB read the object's bytes as they are?"""
    return compression(one.key) in _NATIVE and encoding == "utf-8" and text_facts(one).utf8


def whole_lines(files: FileSet, skip: int) -> tuple[str, list[Path]]:
    """Every line of every file as column ``l``, in any compression and encoding; a blank line is ''."""
    encoding = encoding_of(files.parameters)
    groups: dict[str, list[tuple[int, Path]]] = {}
    longest = 0
    for number, one in enumerate(files.objects):
        if plain(one, encoding):
            longest = max(longest, text_facts(one).longest_line)
            groups.setdefault(_NATIVE[compression(one.key)], []).append((number, Path(one.path)))
        else:
            path = files.scratch_path("text")
            longest = max(longest, _copy(one, encoding, path))
            groups.setdefault(_COPIED, []).append((number, path))
    return _read(groups, skip, longest)


def _copy(one: Any, encoding: str, path: Path) -> int:
    """The object's lines as UTF-8; the longest of them in bytes. A NUL goes through DuckDB's reader as a character that no text has."""
    longest = 0
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for line in text_lines(one, encoding):
            out.write(line.replace("\0", _NUL).replace("\r", "\ufffd") + "\n")
            longest = max(longest, len(line) * 4)
    return longest


def _read(groups: dict[str, list[tuple[int, Path]]], skip: int, longest: int) -> tuple[str, list[Path]]:
    size = max(2_000_000, longest + 1024)
    parts: list[str] = []
    paths: list[Path] = []
    for packed, found in groups.items():
        numbers = "[" + ", ".join(str(number) for number, _ in found) + "]"
        options = (
            f"auto_detect=false, header=false, skip={skip}, delim={_WHOLE_LINE}, quote='', escape='', "
            f"compression='{_NATIVE.get(packed, 'none')}', max_line_size={size}, buffer_size={size * 16}, columns={{'l': 'VARCHAR'}}"
        )
        mine = [path for _, path in found]
        line = f"replace(l, '{_NUL}', chr(0))" if packed == _COPIED else "l"
        paths += mine
        parts.append(
            f"SELECT coalesce({line}, '') AS l, {numbers}[CAST(file_index AS BIGINT) + 1] AS file_index "
            f"FROM read_csv({path_list(mine)}, {options})"
        )
    return "(" + " UNION ALL ".join(parts) + ")", paths
