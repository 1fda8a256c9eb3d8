"""OpenCSVSerde: quotes and escapes; a value that does not convert is HIVE_BAD_DATA."""

from __future__ import annotations

import csv
import functools
import re
from pathlib import Path
from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.readers.facts import LONG_LINE, encoding_of, text_facts, text_lines
from labkit.cloud.athena.readers.files import FileSet, Source, path_list
from labkit.cloud.athena.readers.hive_text import separator
from labkit.cloud.athena.readers.lines import header_lines, plain
from labkit.cloud.athena.readers.packing import compression
from labkit.cloud.athena.types import INTEGERS, Type, duckdb

# The text of NULL in what DuckDB reads; no file has it.
_NULL = "\x05\x06"


def read_opencsv(files: FileSet) -> Source:
    """Each file as VARCHAR columns by position; strings stay, other types must convert."""
    marks = {
        "delim": separator(files.parameters.get("separatorChar", ",")),
        "quote": files.parameters.get("quoteChar", '"') or "\0",
        "escape": files.parameters.get("escapeChar", "\\") or "\0",
    }
    if any(len(mark) != 1 for mark in marks.values()):
        raise not_supported(f"OpenCSVSerde marks of more than one character in {files.table}")
    paths = [_plain(files, one, marks) for one in files.objects]
    names = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(files.columns)))
    size = max([2_000_000, *(path.stat().st_size for path in paths if path.stat().st_size < 64_000_000)])
    options = (
        f"auto_detect=false, header=false, skip={header_lines(files)}, delim={text(marks['delim'])}, quote='\"', escape='\"', "
        f"null_padding=true, strict_mode=false, nullstr=E'\\x05\\x06', max_line_size={size}, columns={{{names}}}"
    )
    columns = [_convert(f"c{index}", kind, index, files) for index, (_, kind) in enumerate(files.columns)]
    return Source(f"read_csv({path_list(paths)}, {options})", columns, paths, files.size_bytes)


def _plain(files: FileSet, one: Any, marks: dict[str, str]) -> Path:
    """The file itself when DuckDB reads it as OpenCSV would; otherwise a copy written line by line."""
    encoding = encoding_of(files.parameters)
    usual = marks["quote"] == '"' and marks["escape"] == "\\" and len(files.columns) > 1
    if usual and compression(one.key) == "none" and plain(one, encoding):
        facts = text_facts(one)
        if (
            not facts.blank_lines
            and not facts.backslash
            and facts.longest_line < LONG_LINE
            and _regular(str(one.path), one.etag, marks["delim"])
        ):
            return Path(one.path)
    copy = files.scratch_path("opencsv")
    with copy.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=marks["delim"], quotechar='"', quoting=csv.QUOTE_ALL, lineterminator="\n")
        for line in text_lines(one, encoding):
            cells = [cell.replace("\0", "\ufffd").replace("\r", "\ufffd") for cell in parse_line(line, **marks)]
            # An empty line would be no row for DuckDB; a line all of whose fields are lost is one of NULLs.
            writer.writerow(cells or [_NULL])
    return copy


@functools.lru_cache(maxsize=4096)
def _regular(path: str, etag: str, delim: str) -> bool:
    """Stands every quote at the edge of a field or doubled, and is it closed on its line? Then DuckDB reads as OpenCSV does."""
    inner = re.escape(delim.encode()) + rb'"\r\n'
    odd = re.compile(rb'[^%s]"[^%s]' % (inner, inner))
    with Path(path).open("rb") as file:
        return all(b'"' not in line or (line.count(b'"') % 2 == 0 and not odd.search(line)) for line in file)


@functools.lru_cache(maxsize=64)
def _pieces(delim: str, quote: str, escape: str) -> re.Pattern[str]:
    """Runs of plain letters, and each mark alone."""
    marks = re.escape(delim) + re.escape(quote) + re.escape(escape)
    return re.compile(f"[^{marks}]+|.", re.DOTALL)


def parse_line(line: str, delim: str, quote: str, escape: str) -> list[str]:
    """One line as OpenCSV cuts it; a field whose quote is not closed is lost."""
    cells: list[str] = []
    cell: list[str] = []
    inside, taken = False, -1
    for found in _pieces(delim, quote, escape).finditer(line):
        index, piece = found.start(), found.group()
        if index <= taken:
            continue
        following = line[index + 1 : index + 2]
        if piece == escape:
            # Only a quote and the escape itself can be escaped, and only inside quotes; a lone escape is dropped.
            if inside and following and following in (quote, escape):
                cell.append(following)
                taken = index + 1
        elif piece == quote:
            if inside and following == quote:
                cell.append(quote)
                taken = index + 1
                continue
            inside = not inside
            if index > 2 and line[index - 1] != delim and following and following != delim:
                # A quote in the middle of a field is a letter; blanks before the first one are not.
                cell = [] if cell and not "".join(cell).strip() else [*cell, quote]
        elif piece == delim and not inside:
            cells.append("".join(cell))
            cell = []
        else:
            cell.append(piece)
    return cells if inside else [*cells, "".join(cell)]


def _convert(cell: str, kind: Type, index: int, files: FileSet) -> str:
    name = kind.name
    if name in ("varchar", "char"):
        return f"substring({cell}, 1, {kind.params[0]})" if kind.params else cell
    wrong = (
        f"error('HIVE_BAD_DATA|Error parsing field value ''' || {cell} || ''' for field {index}: "
        f"For input string: \"' || {cell} || '\"')"
    )
    if name == "date":
        made = f"(DATE '1970-01-01' + TRY_CAST({cell} AS INTEGER))"
    elif name == "timestamp":
        made = f"epoch_ms(TRY_CAST({cell} AS BIGINT))"
    elif name == "boolean":
        made = f"(lower({cell}) = 'true')"
    elif name in INTEGERS:
        made = f"(CASE WHEN regexp_full_match({cell}, '[+-]?[0-9]+') THEN TRY_CAST({cell} AS {duckdb(kind)}) END)"
    elif name in ("real", "double", "decimal"):
        made = f"TRY_CAST({cell} AS {duckdb(kind)})"
    else:
        raise not_supported(f"a column of type {kind} in an OpenCSVSerde table ({files.table})")
    return f"(CASE WHEN {cell} IS NULL THEN NULL WHEN {made} IS NULL THEN {wrong} ELSE {made} END)"
