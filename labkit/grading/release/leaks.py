"""Whether a release holds a solution: every file is searched for every reference answer, the checks for every line of one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labkit.grading.editions.cells import Cell
from labkit.grading.editions.regions import BEGIN, END, find_regions, solution_lines
from labkit.grading.editions.validate import Source

# `x = 1` stands in many files and gives nothing away.
_SHORTEST = 12
# A line that is shorter than this is an idiom.
_SHORTEST_LINE = 24
# What students may read of code as they get it: a line that stands there gives nothing away.
_HANDED_OUT = ("notebooks/", "etl/", "lambda/")
# What is expected has to be reckoned here, so that students can check themselves; not in the reference's own words.
_CHECKS = "labkit/checks/"
_KEPT_BACK = ("notebooks/source", "notebooks/translations")


@dataclass(frozen=True)
class Leak:
    """A file that must not go out: `cell` is the answer that stands in it ("" for a mark or a file that has no place there)."""

    place: str
    cell: str = ""


def find_leaks(contents: Mapping[str, bytes], sources: Sequence[Source]) -> list[Leak]:
    """Every leak. White space is no disguise: words are compared, wherever a line was broken."""
    answers = dict(_list_answers(sources))
    leaks = []
    for place, content in contents.items():
        if place.startswith(_KEPT_BACK):
            leaks.append(Leak(place))
        words = _read(place, content)
        if BEGIN in words or END in words:
            leaks.append(Leak(place))
        plain = _squeeze(words)
        leaks += [Leak(place, cell) for cell, answer in answers.items() if answer in plain]
    return leaks + list(_find_lines(contents, sources))


def _find_lines(contents: Mapping[str, bytes], sources: Sequence[Source]) -> Iterator[Leak]:
    """Lines of the references' code among the checks."""
    handed_out = {line for place in contents if place.startswith(_HANDED_OUT) for line in _list_lines(contents, place)}
    telling = {
        line: cell.id
        for source in sources
        for cell in source.notebook.cells
        if cell.is_answer and cell.kind == "code"
        for line in map(_squeeze, solution_lines(cell.source))
        if len(line) >= _SHORTEST_LINE and line not in handed_out
    }
    for place in contents:
        if place.startswith(_CHECKS):
            found = {telling[line]: line for line in _list_lines(contents, place) if line in telling}
            yield from (Leak(place, f"{cell}: {line[:60]}") for cell, line in found.items())


def _list_lines(contents: Mapping[str, bytes], place: str) -> Iterator[str]:
    return map(_squeeze, _read(place, contents[place]).split("\n"))


def _list_answers(sources: Sequence[Source]) -> Iterator[tuple[str, str]]:
    for source in sources:
        for cell in source.notebook.cells:
            if not cell.is_answer:
                continue
            yield from _list_regions(cell, cell.source, "")
            for translation in source.translations:
                if cell.id in translation.words:
                    yield from _list_regions(cell, translation.words[cell.id].text, f" ({translation.language})")


def _list_regions(cell: Cell, words: str, suffix: str) -> Iterator[tuple[str, str]]:
    lines = words.split("\n")
    for number, region in enumerate(find_regions(words)):
        answer = _squeeze("\n".join(lines[region.first + 1 : region.last]))
        if len(answer) >= _SHORTEST:
            yield f"{cell.id}#{number}{suffix}", answer


def _read(place: str, content: bytes) -> str:
    """A file's words; of a notebook those of its cells as well, which JSON would break into lines."""
    words = content.decode("utf-8", "replace")
    if place.endswith((".ipynb", ".json")):
        words += "\n" + "\n".join(_strings(json.loads(words)))
    return words


def _strings(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        if all(isinstance(item, str) for item in document):
            yield "".join(document)
        else:
            for item in document:
                yield from _strings(item)
    elif isinstance(document, dict):
        for item in document.values():
            yield from _strings(item)


def _squeeze(words: str) -> str:
    return " ".join(words.split())
