"""Rules of the words: headings in order, pictures described, links that lead somewhere, an end that leads on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from labkit.grading.editions.cells import SUFFIX, Cell, Notebook
from labkit.grading.editions.faults import REGION_FAULTS, Fault
from labkit.grading.editions.regions import Unbalanced, drop_marks, find_regions, has_marks

_IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_HEADING = re.compile(r"^(#{1,6})\s+\S", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`[^`\n]*`")
_HTML = re.compile(r"<(script|iframe|style|img)\b", re.IGNORECASE)
_EMPTY_LINKS = {"aquí", "este enlace", "here", "this link", "link", "enlace"}
# Read by themselves rather than after another: they need not lead on.
_LAST = "08_evaluacion"


def check_words(notebook: Notebook, root: Path, names: list[str]) -> Iterator[Fault]:
    """Faults of the markdown cells; `root` is the folder notebooks/, `names` are those of all sources."""
    yield from _check_regions(notebook)
    yield from _check_headings(notebook)
    for cell in _texts(notebook):
        for key, facts, is_warning in check_text(cell.source, root, names):
            yield Fault(notebook.name, cell.id, key, facts, is_warning)
    yield from _check_end(notebook, names)


def check_text(source: str, root: Path, names: list[str]) -> Iterator[tuple[str, dict[str, object], bool]]:
    """Pictures, links and HTML of one text, in whichever language."""
    prose = without_code(source)
    for alt, target in _IMAGE.findall(prose):
        if len(alt.strip()) < 10:
            yield "notebooks.fault.alt", {"target": target}, False
        if not target.startswith("http") and not _exists(root, target):
            yield "notebooks.fault.picture", {"target": target}, False
        if target.startswith("http"):
            yield "notebooks.fault.remote_picture", {"target": target}, False
    for words, target in _LINK.findall(prose):
        if words.strip().lower() in _EMPTY_LINKS:
            yield "notebooks.fault.link_words", {"words": words}, True
        if not _leads_somewhere(target, root, names):
            yield "notebooks.fault.link", {"target": target}, False
    for tag in _HTML.findall(prose):
        yield "notebooks.fault.html", {"tag": tag.lower()}, False


def heading_levels(source: str) -> list[int]:
    """Levels of the headings of one text, in order."""
    return [len(marks) for marks in _HEADING.findall(_FENCE.sub("", drop_marks(source)))]


def without_code(source: str) -> str:
    """A text without its code: what stands in backticks is no link."""
    return _CODE_SPAN.sub("", _FENCE.sub("", source))


def targets_of(source: str) -> list[str]:
    """Where the pictures and links of a text lead."""
    prose = without_code(source)
    return [target for _, target in (*_IMAGE.findall(prose), *_LINK.findall(prose))]


def _texts(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook.cells if cell.kind == "markdown"]


def _check_regions(notebook: Notebook) -> Iterator[Fault]:
    for cell in _texts(notebook):
        try:
            regions = find_regions(cell.source)
        except Unbalanced as error:
            yield Fault(notebook.name, cell.id, REGION_FAULTS[error.reason], {"line": error.line})
            continue
        if cell.is_answer and not regions:
            yield Fault(notebook.name, cell.id, "notebooks.fault.no_region")
        if not cell.is_answer and has_marks(cell.source):
            yield Fault(notebook.name, cell.id, "notebooks.fault.region_elsewhere")


def _check_headings(notebook: Notebook) -> Iterator[Fault]:
    above = 0
    for cell in _texts(notebook):
        for level in heading_levels(cell.source):
            if above == 0 and level != 1:
                yield Fault(notebook.name, cell.id, "notebooks.fault.title", {"level": level})
            elif above and level == 1:
                yield Fault(notebook.name, cell.id, "notebooks.fault.second_title")
            elif level > above + 1:
                yield Fault(notebook.name, cell.id, "notebooks.fault.heading", {"level": level, "above": above})
            above = level
    if above == 0:
        yield Fault(notebook.name, "", "notebooks.fault.title", {"level": 0})


def _check_end(notebook: Notebook, names: list[str]) -> Iterator[Fault]:
    # One call after the words is welcome: lab.progress().
    ends = [cell for cell in notebook.cells[-2:] if cell.kind == "markdown"]
    last = ends[-1] if ends else None
    if last is None or not heading_levels(last.source):
        yield Fault(notebook.name, last.id if last else "", "notebooks.fault.no_summary")
        return
    leads_on = any(target.partition("#")[0].endswith(SUFFIX) for target in targets_of(last.source))
    follows = [name for name in names if name > notebook.name]
    if not leads_on and follows and notebook.name < _LAST:
        yield Fault(notebook.name, last.id, "notebooks.fault.leads_nowhere", {"next": follows[0]})


def _leads_somewhere(target: str, root: Path, names: list[str]) -> bool:
    if re.match(r"[a-z]+:", target) or target.startswith("#"):
        return True
    path = target.partition("#")[0]
    if path.endswith(SUFFIX) and "/" not in path.removeprefix("./"):
        return path.removeprefix("./").removesuffix(SUFFIX) in names
    return _exists(root, path)


def _exists(root: Path, target: str) -> bool:
    # Editions lie in notebooks/es and notebooks/en: both look at the same `../img`.
    return (root / "es" / target).resolve().exists() or _resolve(root, target).exists()


def _resolve(root: Path, target: str) -> Path:
    """The path as seen from an edition's folder, which need not exist yet."""
    path = root / "es"
    for part in target.split("/"):
        path = path.parent if part == ".." else path / part
    return path
