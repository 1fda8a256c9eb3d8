"""OpenCSVSerde: quotes and escapes; a value that does not convert is HIVE_BAD_DATA."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.readers.facts import compression, text_facts, unpacked_lines
from labkit.cloud.athena.readers.files import FileSet, Source, path_list
from labkit.cloud.athena.readers.lazysimple import header_lines, separator
from labkit.cloud.athena.types import INTEGERS, Type, duckdb


def read_opencsv(files: FileSet) -> Source:
    """Each file as VARCHAR columns by position; strings stay, other types must convert."""
    marks = {
        "delim": separator(files.parameters.get("separatorChar", ",")),
        "quote": files.parameters.get("quoteChar", '"'),
        "escape": files.parameters.get("escapeChar", "\\"),
    }
    if any(len(mark) != 1 for mark in marks.values()):
        raise not_supported(f"OpenCSVSerde marks of more than one character in {files.table}")
    paths = [_plain(files, number, one, marks) for number, one in enumerate(files.objects)]
    skips = header_lines(files)
    names = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(files.columns)))
    options = (
        f"auto_detect=false, header=false, skip={skips}, delim={text(marks['delim'])}, quote={text(marks['quote'])}, "
        f"escape={text(marks['quote'])}, null_padding=true, strict_mode=false, nullstr=E'\\x05\\x06', columns={{{names}}}"
    )
    columns = [_convert(f"c{index}", kind, index, files) for index, (_, kind) in enumerate(files.columns)]
    return Source(
        f"read_csv({path_list(paths)}, {options})", columns, paths, sum(one.size_bytes for one in files.objects)
    )


def _plain(files: FileSet, number: int, one: Any, marks: dict[str, str]) -> Path:
    """The file itself when DuckDB reads it as OpenCSV would; otherwise a copy written line by line."""
    packed = compression(one.key)
    if packed not in ("none", "gzip", "bz2"):
        raise not_supported(f"{packed} compression of text files")
    if packed == "none":
        facts = text_facts(one.path, one.size_bytes, one.etag, packed)
        if (
            facts.utf8
            and not facts.blank_lines
            and marks["escape"] == "\\"
            and not facts.backslash
            and facts.longest_line < 1_900_000
        ):
            return Path(one.path)
    copy = files.scratch / f"opencsv-{id(files)}-{number}"
    doubled = marks["quote"] != marks["escape"]
    with copy.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(
            out, delimiter=marks["delim"], quotechar=marks["quote"], quoting=csv.QUOTE_ALL, lineterminator="\n"
        )
        for line in unpacked_lines(one.path, packed):
            rows = list(
                csv.reader(
                    [line],
                    delimiter=marks["delim"],
                    quotechar=marks["quote"],
                    escapechar=marks["escape"] if doubled else None,
                )
            )
            writer.writerow(rows[0] if rows and rows[0] else [""])
    return copy


def _convert(cell: str, kind: Type, index: int, files: FileSet) -> str:
    name = kind.name
    if name in ("varchar", "char"):
        return cell
    wrong = (
        f"error('HIVE_BAD_DATA|Error parsing field value ''' || {cell} || ''' for field {index}: "
        f"For input string: \"' || {cell} || '\"')"
    )
    if name == "date":
        made = f"(DATE '1970-01-01' + TRY_CAST({cell} AS INTEGER))"
    elif name == "timestamp":
        made = f"epoch_ms(TRY_CAST({cell} AS BIGINT))"
    elif name == "boolean":
        made = f"(CASE lower({cell}) WHEN 'true' THEN true WHEN 'false' THEN false END)"
    elif name in INTEGERS:
        made = f"(CASE WHEN regexp_full_match({cell}, '[+-]?[0-9]+') THEN TRY_CAST({cell} AS {duckdb(kind)}) END)"
    elif name in ("real", "double", "decimal"):
        made = f"TRY_CAST({cell} AS {duckdb(kind)})"
    else:
        raise not_supported(f"a column of type {kind} in an OpenCSVSerde table ({files.table})")
    return f"(CASE WHEN {cell} IS NULL THEN NULL WHEN {made} IS NULL THEN {wrong} ELSE {made} END)"
