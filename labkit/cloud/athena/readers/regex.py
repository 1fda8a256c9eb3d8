"""RegexSerDe: one group of input.regex for each column; a line that does not match is a row of NULLs."""

from __future__ import annotations

import re

from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.readers.conversions import Conversions
from labkit.cloud.athena.readers.files import FileSet, Source
from labkit.cloud.athena.readers.hive_text import options_of
from labkit.cloud.athena.readers.lines import header_lines, whole_lines

# Classes that Java has and Python's re has not, as ranges for the inside of brackets.
_POSIX = {
    "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Upper": "A-Z", "Lower": "a-z", "Space": r"\s", "Blank": r" \t",
    "Punct": r"!-/:-@\[-`{-~", "XDigit": "0-9a-fA-F", "Graph": "!-~", "Print": " -~", "Cntrl": r"\x00-\x1f\x7f", "ASCII": r"\x00-\x7f",
}  # fmt: skip


def read_regex(files: FileSet) -> Source:
    """Columns by group."""
    pattern = _pattern(files)
    if pattern.groups != len(files.columns):
        text = (
            f"Number of matching groups doesn't match the number of columns: {pattern.groups} and {len(files.columns)}"
        )
        raise QueryFailure("HIVE_CURSOR_ERROR", text)

    def groups(line: str) -> list[str | None] | None:
        found = pattern.fullmatch(line)
        return list(found.groups()) if found else None

    lines, paths = whole_lines(files, header_lines(files))
    options = options_of({key: value for key, value in files.parameters.items() if key == "timestamp.formats"})
    conversions = Conversions(files, options)
    columns = [conversions.column(f"cells[{index + 1}]", kind) for index, (_, kind) in enumerate(files.columns)]
    name = files.define(groups, "VARCHAR[]")
    return Source(f"(SELECT {name}(l) AS cells, file_index FROM {lines} AS lines)", columns, paths, files.size_bytes)


def _pattern(files: FileSet) -> re.Pattern[str]:
    written = files.parameters.get("input.regex")
    if written is None:
        raise QueryFailure("HIVE_CURSOR_ERROR", 'This table does not have serde property "input.regex"!')
    ignore = files.parameters.get("input.regex.case.insensitive", "false").lower() == "true"
    try:
        return re.compile(java_regex(written), re.IGNORECASE if ignore else 0)
    except re.error as failure:
        raise not_supported(f"input.regex of {files.table}: {failure}") from None


def java_regex(written: str) -> str:
    """A Java expression for Python's re; what cannot be said there is refused by name."""
    found, index, inside = [], 0, False
    while index < len(written):
        piece = written[index]
        if piece == "\\" and index + 1 < len(written):
            piece, index = _escape(written, index, inside)
        elif piece == "[":
            if inside:
                raise not_supported("a class inside a class in input.regex")
            inside = True
            if written[index + 1 : index + 3] == "^]" or written[index + 1 : index + 2] == "]":
                raise not_supported("a class that begins with ] in input.regex")
        elif piece == "]" and inside:
            inside = False
        elif piece == "&" and inside and written[index : index + 2] == "&&":
            raise not_supported("an intersection of classes in input.regex")
        elif written.startswith("(?<", index) and written[index + 3 : index + 4] not in ("=", "!"):
            piece, index = "(?P<", index + 2
        elif piece == "$" and not inside:
            piece = r"\Z"
        found.append(piece)
        index += 1
    return "".join(found)


def _escape(written: str, index: int, inside: bool) -> tuple[str, int]:
    """The translated escape and the place of its last character."""
    posix = re.match(r"\\([pP])\{(?:Is)?(\w+)\}", written[index:])
    if posix:
        ranges = _POSIX.get(posix.group(2))
        if ranges is None or (inside and posix.group(1) == "P"):
            raise not_supported(f"{posix.group(0)} in input.regex")
        negated = "^" if posix.group(1) == "P" else ""
        return ranges if inside else f"[{negated}{ranges}]", index + posix.end() - 1
    letter = written[index + 1]
    if letter == "Q":
        end = written.find("\\E", index + 2)
        end = len(written) if end < 0 else end
        return re.escape(written[index + 2 : end]), min(end + 1, len(written) - 1)
    java = {"z": r"\Z", "h": r"[ \t\xA0]", "e": r"\x1b"}
    if letter in "GXRKN" or (letter in java and inside):
        raise not_supported(f"\\{letter} in input.regex")
    if letter in "dwsDWS" and not inside:
        classes = {"d": "[0-9]", "D": "[^0-9]", "w": "[a-zA-Z_0-9]", "W": "[^a-zA-Z_0-9]"}
        return classes.get(letter, {"s": r"[ \t\n\x0b\f\r]", "S": r"[^ \t\n\x0b\f\r]"}.get(letter, "")), index + 1
    inner = {"d": "0-9", "w": "a-zA-Z_0-9", "s": r" \t\n\x0b\f\r"}
    if inside and letter in inner:
        return inner[letter], index + 1
    if not letter.isalnum() and not letter.isascii():
        return letter, index + 1
    return java.get(letter, re.escape(letter) if not letter.isalnum() else "\\" + letter), index + 1
