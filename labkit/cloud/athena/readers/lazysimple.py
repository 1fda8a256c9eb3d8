"""LazySimpleSerDe: columns by position, no quotes, what does not convert is NULL."""

from __future__ import annotations

from pathlib import Path

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.readers.conversions import Conversions, null_text
from labkit.cloud.athena.readers.facts import LONG_LINE, encoding_of, text_facts
from labkit.cloud.athena.readers.files import FileSet, Source, path_list
from labkit.cloud.athena.readers.hive_text import TextOptions, options_of, split
from labkit.cloud.athena.readers.lines import header_lines, plain, whole_lines
from labkit.cloud.athena.readers.packing import compression


def read_lazysimple(files: FileSet) -> Source:
    """Each file as VARCHAR columns, converted as Hive does."""
    options = options_of(files.parameters)
    conversions = Conversions(files, options)
    if _is_simple(files, options):
        sql, paths = _columns(files, options)
        cells = [f"c{index}" for index in range(len(files.columns))]
    else:
        sql, paths, cells = _split(files, options)
    columns = [conversions.column(cell, kind) for cell, (_, kind) in zip(cells, files.columns, strict=True)]
    return Source(sql, columns, paths, files.size_bytes)


def _is_simple(files: FileSet, options: TextOptions) -> bool:
    """Does DuckDB's own CSV reader cut these files into columns as Hive does?"""
    encoding = encoding_of(files.parameters)
    if len(files.columns) < 2 or options.separators[0] in "\r\n" + options.null or _takes_rest(files):
        return False
    for one in files.objects:
        if compression(one.key) != "none" or not plain(one, encoding):
            return False
        facts = text_facts(one)
        if (
            facts.blank_lines
            or facts.longest_line > LONG_LINE
            or (options.escape is not None and not _unescaped(options, facts))
        ):
            return False
    return True


def _unescaped(options: TextOptions, facts: object) -> bool:
    return options.escape == "\\" and not getattr(facts, "backslash", True)


def _takes_rest(files: FileSet) -> bool:
    return files.parameters.get("serialization.last.column.takes.rest", "false").lower() == "true"


def _columns(files: FileSet, options: TextOptions) -> tuple[str, list[Path]]:
    names = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(files.columns)))
    paths = [Path(one.path) for one in files.objects]
    given = (
        f"auto_detect=false, header=false, skip={header_lines(files)}, delim={text(options.separators[0])}, quote='', escape='', "
        f"null_padding=true, strict_mode=false, nullstr={text(options.null)}, columns={{{names}}}"
    )
    return f"read_csv({path_list(paths)}, {given})", paths


def _split(files: FileSet, options: TextOptions) -> tuple[str, list[Path], list[str]]:
    """Lines cut at the separator; with escapes in Python."""
    lines, paths = whole_lines(files, header_lines(files))
    mark, width = options.separators[0], len(files.columns)
    if options.escape is None and not _takes_rest(files):
        cells = f"string_split(l, {text(mark)})"
    else:
        takes_rest = _takes_rest(files)

        def cut(line: str) -> list[str]:
            found = split(line, mark, options.escape)
            return [*found[: width - 1], mark.join(found[width - 1 :])] if takes_rest and len(found) > width else found

        cells = f"{files.define(cut, 'VARCHAR[]')}(l)"
    sql = f"(SELECT {cells} AS cells, file_index FROM {lines} AS lines)"
    return sql, paths, [null_text(f"cells[{index + 1}]", options.null) for index in range(width)]
