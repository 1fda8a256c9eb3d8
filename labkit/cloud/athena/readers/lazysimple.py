"""LazySimpleSerDe: columns by position, no quotes, what does not convert is NULL."""

from __future__ import annotations

import re

from labkit.cloud.athena.dialect.literals import text
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.readers.facts import compression, text_facts, unpacked_lines
from labkit.cloud.athena.readers.files import FileSet, Source, path_list
from labkit.cloud.athena.types import INTEGERS, Type, duckdb

# A separator no text holds: the line then is one column.
WHOLE_LINE = "E'\\x01\\x02\\x03\\x04'"
_DATE = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"


def read_lazysimple(files: FileSet) -> Source:
    """Each file as VARCHAR columns, converted as Hive does."""
    delimiter = separator(files.parameters.get("field.delim") or files.parameters.get("serialization.format") or "\x01")
    if delimiter.isdigit():
        delimiter = "\x01"  # serialization.format=1 names the code of Hive's default separator
    null = files.parameters.get("serialization.null.format", "\\N")
    simple = _is_simple(files, delimiter)
    body = _columns(files, delimiter, null) if simple else _split(files, delimiter, null)
    columns = [convert(f"c{index}", kind, files) for index, (_, kind) in enumerate(files.columns)]
    sizes = sum(one.size_bytes for one in files.objects)
    return Source(body[0], columns, body[1], sizes)


def separator(value: str) -> str:
    r"""A delimiter as catalogs write it: the character, ``\t``, ``\001`` or ``\u0001``."""
    found = re.fullmatch(r"\\u([0-9a-fA-F]{4})|\\([0-7]{3})|\\([tnr])", value)
    if not found:
        return value
    if found.group(1):
        return chr(int(found.group(1), 16))
    return chr(int(found.group(2), 8)) if found.group(2) else {"t": "\t", "n": "\n", "r": "\r"}[found.group(3)]


def header_lines(files: FileSet) -> int:
    """skip.header.line.count."""
    if int(files.parameters.get("skip.footer.line.count") or 0):
        raise not_supported("skip.footer.line.count")
    return int(files.parameters.get("skip.header.line.count") or 0)


def _is_simple(files: FileSet, delimiter: str) -> bool:
    if len(delimiter) != 1:
        return False
    for one in files.objects:
        packed = compression(one.key)
        if packed != "none":
            return False
        facts = text_facts(one.path, one.size_bytes, one.etag, packed)
        if facts.blank_lines or not facts.utf8 or facts.longest_line > 1_900_000:
            return False
        _check_escape(files, facts.backslash)
    return len(files.columns) > 1


def _check_escape(files: FileSet, backslash: bool) -> None:
    escape = files.parameters.get("escape.delim")
    if escape and (backslash or escape != "\\"):
        raise not_supported(f"escape.delim in {files.table}: a file holds the escape character")


def _columns(files: FileSet, delimiter: str, null: str) -> tuple[str, list]:  # type: ignore[type-arg]  # list of Path
    names = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(files.columns)))
    paths = [one.path for one in files.objects]
    options = (
        f"auto_detect=false, header=false, skip={header_lines(files)}, delim={text(delimiter)}, quote='', escape='', "
        f"null_padding=true, strict_mode=false, nullstr={text(null)}, columns={{{names}}}"
    )
    return f"read_csv({path_list(paths)}, {options})", paths


def whole_lines(files: FileSet, skip: int) -> tuple[str, list]:  # type: ignore[type-arg]  # list of Path
    """Every line of every file as column ``l``, in any compression; a blank line is NULL."""
    groups: dict[str, list] = {}  # type: ignore[type-arg]  # list of Path
    longest = 0
    for number, one in enumerate(files.objects):
        packed = compression(one.key)
        if packed not in ("none", "gzip", "bz2"):
            raise not_supported(f"{packed} compression of text files")
        facts = None if packed == "bz2" else text_facts(one.path, one.size_bytes, one.etag, packed)
        path = one.path
        if facts is None or not facts.utf8:
            path = files.scratch / f"text-{id(files)}-{number}"
            with path.open("w", encoding="utf-8", newline="\n") as out:
                longest = max([longest, *(_write(out, line) for line in unpacked_lines(one.path, packed))])
            packed = "none"
        else:
            _check_escape(files, facts.backslash)
            longest = max(longest, facts.longest_line)
        groups.setdefault("gzip" if packed == "gzip" else "none", []).append((number, path))
    return _read_lines(groups, skip, longest)


def _write(out, line: str) -> int:  # type: ignore[no-untyped-def]  # a text file
    out.write(line + "\n")
    return len(line) * 4


def _read_lines(groups: dict[str, list], skip: int, longest: int) -> tuple[str, list]:  # type: ignore[type-arg]  # lists of (number, Path)
    size = max(2_000_000, longest + 1024)
    parts, paths = [], []
    for packed, found in groups.items():
        numbers = "[" + ", ".join(str(number) for number, _ in found) + "]"
        options = (
            f"auto_detect=false, header=false, skip={skip}, delim={WHOLE_LINE}, quote='', escape='', "
            f"compression='{packed}', max_line_size={size}, buffer_size={size * 16}, columns={{'l': 'VARCHAR'}}"
        )
        mine = [path for _, path in found]
        paths += mine
        parts.append(
            f"SELECT coalesce(l, '') AS l, {numbers}[CAST(file_index AS BIGINT) + 1] AS file_index "
            f"FROM read_csv({path_list(mine)}, {options})"
        )
    return "(" + " UNION ALL ".join(parts) + ")", paths


def _split(files: FileSet, delimiter: str, null: str) -> tuple[str, list]:  # type: ignore[type-arg]  # list of Path
    lines, paths = whole_lines(files, header_lines(files))
    cells = ", ".join(
        f"nullif(string_split(l, {text(delimiter)})[{i + 1}], {text(null)}) AS c{i}" for i in range(len(files.columns))
    )
    return f"(SELECT {cells}, file_index FROM {lines} AS lines)", paths


def convert(cell: str, kind: Type, files: FileSet) -> str:
    """A cell as Hive converts it: NULL when it does not fit."""
    name = kind.name
    if name in ("varchar", "char"):
        return f"substring({cell}, 1, {kind.params[0]})" if kind.params else cell
    if name in INTEGERS:
        return f"(CASE WHEN regexp_full_match({cell}, '[+-]?[0-9]+') THEN TRY_CAST({cell} AS {duckdb(kind)}) END)"
    if name == "boolean":
        return f"(CASE lower({cell}) WHEN 'true' THEN true WHEN 'false' THEN false END)"
    if name == "date":
        return f"(CASE WHEN regexp_full_match({cell}, '{_DATE}') THEN TRY_CAST({cell} AS DATE) END)"
    if name == "timestamp":
        pattern = f"{_DATE} [0-9]{{1,2}}:[0-9]{{1,2}}:[0-9]{{1,2}}([.][0-9]+)?"
        return f"(CASE WHEN regexp_full_match({cell}, '{pattern}') THEN TRY_CAST({cell} AS TIMESTAMP) END)"
    if name in ("real", "double", "decimal"):
        return f"TRY_CAST({cell} AS {duckdb(kind)})"
    if name == "array" and not kind.items[0].items:
        between = separator(
            files.parameters.get("collection.delim") or files.parameters.get("colelction.delim") or "\x02"
        )
        item = convert("x", kind.items[0], files)
        return f"list_transform(string_split({cell}, {text(between)}), lambda x: {item})"
    raise not_supported(f"a column of type {kind} in a delimited text table ({files.table})")
