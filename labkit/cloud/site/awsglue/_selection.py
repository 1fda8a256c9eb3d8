"""Which of the listed files a source reads: `exclusions`, storage classes, the bookmark, and limits of one run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import _aws, _bookmarks
from ._files import InputFile
from ._options import flag, lower_keys, names_of, one_of, whole_number

_GROUPING = ("inPartition", "acrossPartition", "acrossPartitions", "none")
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.bz2")
_CLASS = re.compile(r"\[([!^]?)((?:\\.|[^\]\\])+)\]")


def _class_pattern(glob: str, place: int) -> tuple[str, int]:
    match = _CLASS.match(glob, place)
    if match is None:
        raise ValueError(f'"exclusions": the glob {glob!r} opens a [ and never closes it.')
    negated, letters = match.groups()
    inside = re.sub(r"\\(.)", r"\1", letters)
    escaped = re.sub(r"([\\\[\]^])", r"\\\1", inside)
    return f"[{'^/' if negated else ''}{escaped}]", match.end()


def glob_pattern(glob: str) -> re.Pattern[str]:
    """The pattern of a glob: `**` crosses folders, `*` and `?` do not; `[a-z]`, `[!a]`, `{csv,json}`, backslash escapes."""
    parts, place, depth = [], 0, 0
    while place < len(glob):
        letter, place = glob[place], place + 1
        if letter == "*":
            double = glob.startswith("*", place)
            parts.append(".*" if double else "[^/]*")
            place += double
        elif letter == "?":
            parts.append("[^/]")
        elif letter == "[":
            text, place = _class_pattern(glob, place - 1)
            parts.append(text)
        elif letter == "\\" and place < len(glob):
            parts.append(re.escape(glob[place]))
            place += 1
        elif letter in "{}," and (letter == "{" or depth):
            parts.append({"{": "(?:", ",": "|", "}": ")"}[letter])
            depth += {"{": 1, ",": 0, "}": -1}[letter]
        else:
            parts.append(re.escape(letter))
    if depth:
        raise ValueError(f'"exclusions": the glob {glob!r} opens a {{ and never closes it.')
    return re.compile("".join(parts), re.DOTALL)


def _json_list(raw: Any, option: str, example: str) -> list[str]:
    """A list given as such or as a string holding a JSON list."""
    try:
        found = json.loads(raw) if isinstance(raw, str) and raw.strip().startswith("[") else raw
    except ValueError:
        found = None
    if isinstance(raw, str) and not isinstance(found, list):
        raise ValueError(f'"{option}" must be a string with a JSON list, such as {example}; got {raw!r}.')
    return list(names_of(found, option))


def storage_classes(options: Mapping[str, Any]) -> frozenset[str]:
    """`excludeStorageClasses`, a list or (in a table's parameters) its JSON text."""
    raw = options.get("excludeStorageClasses") or ()
    return frozenset(_json_list(raw, "excludeStorageClasses", '"[\\"GLACIER\\"]"'))


def _names_of_file(file: InputFile, glob: str) -> list[str]:
    """What a glob is held against: its path below the source's folder; the whole path or the key where the glob names those."""
    if "://" in glob:
        return [file.path]
    root = file.root if file.root.endswith("/") else f"{file.root}/"
    below = file.path.removeprefix(root) if file.path.startswith(root) else file.path.rsplit("/", 1)[1]
    if glob.startswith("**"):
        return [below, f"/{below}"]
    if glob[:1] in ("*", "?", "[", "{"):
        return [below]
    return [below, _aws.split_s3(file.path)[1] if _aws.is_s3(file.path) else file.path.removeprefix("file://")]


def check_options(options: Mapping[str, Any]) -> None:
    """Options that change how fast AWS reads, not what: their values must still be right."""
    one_of(options, "groupFiles", _GROUPING)
    for name in ("groupSize", "maxBand", "maxFilesInBand"):
        whole_number(options, name)
    for name in ("isFailFast", "recurse", "useS3ListImplementation"):
        flag(options, name)


def without_excluded(files: Sequence[InputFile], options: Mapping[str, Any]) -> list[InputFile]:
    """The files that `exclusions` and `excludeStorageClasses` leave."""
    raw = lower_keys(options).get("exclusions") or []
    globs = _json_list(raw, "exclusions", '"[\\"**.pdf\\"]"')
    patterns = [(glob, glob_pattern(glob)) for glob in globs]
    classes = storage_classes(options)
    return [
        file
        for file in files
        if file.storage_class not in classes
        and not any(pattern.fullmatch(name) for glob, pattern in patterns for name in _names_of_file(file, glob))
    ]


def _bound(options: Mapping[str, Any]) -> Callable[[list[InputFile]], list[InputFile]] | None:
    """What limits one run to its `boundedFiles` and `boundedSize`: the oldest files first, the next run takes the rest."""
    most, budget = whole_number(options, "boundedFiles", least=1), whole_number(options, "boundedSize", least=1)
    if most is None and budget is None:
        return None

    def within(files: list[InputFile]) -> list[InputFile]:
        kept: list[InputFile] = []
        size_bytes = 0
        for file in sorted(files, key=lambda one: (one.modified_ms, one.path)):
            size_bytes += file.size_bytes
            if (most is not None and len(kept) >= most) or (budget is not None and kept and size_bytes > budget):
                break
            kept.append(file)
        return kept

    return within


def _check_readable(files: Sequence[InputFile]) -> None:
    """ValueError for an archive of files: Glue unpacks gzip and bzip2 only, and would read the rest as text."""
    archives = [file.path for file in files if file.path.lower().endswith(_ARCHIVES)]
    if archives:
        raise ValueError(
            f"{archives[0]} is an archive. Unpack it first (gzip and bzip2 are read as they are), or leave it out with "
            '"exclusions".'
        )


def choose(files: Sequence[InputFile], options: Mapping[str, Any], transformation_ctx: str) -> list[InputFile]:
    """The files that this run reads: not excluded, not processed before, within the run's bounds."""
    check_options(options)
    kept = without_excluded(files, options)
    _check_readable(kept)
    return _bookmarks.select_new(kept, transformation_ctx, _bound(options))
